import * as z from 'zod/mini';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { documentKey, mostBytes, readDocument } from './stored-document.ts';

/** What has happened to a label. */
export interface PromptLabelChange {
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who did it, as they said. */
  readonly by: string;
  readonly kind: 'label' | 'rollback' | 'unlabel';
  readonly label: string;
  /** The version that it named before; left out where it was not set. */
  readonly from?: string;
  /** The version that it names since; left out where it was taken away. */
  readonly to?: string;
  readonly note?: string;
}

/** What is asked for. */
export interface WantedChange {
  readonly kind: PromptLabelChange['kind'];
  readonly label: string;
  /** Of kind `label`. */
  readonly version?: string | undefined;
  readonly by: string;
  readonly note?: string | undefined;
}

interface Label {
  readonly version: string;
  /** What it named before, the latest last. */
  readonly earlier: readonly string[];
}

/** How far back rolling back leads. */
const mostEarlier = 50;

// What newer versions of this package add is kept.
const bookSchema = z.looseObject({
  labels: z.record(z.string(), z.looseObject({ version: z.string(), earlier: z.array(z.string()) })),
  history: z.array(
    z.looseObject({
      at: z.number(),
      by: z.string(),
      kind: z.enum(['label', 'rollback', 'unlabel']),
      label: z.string(),
      from: z.optional(z.string()),
      to: z.optional(z.string()),
      note: z.optional(z.string()),
    }),
  ),
  dropped: z.number(),
});

/** The labels of one prompt, and what has become of them. Never changes: a change gives another one. */
export class LabelBook {
  readonly #name: string;
  readonly #labels: ReadonlyMap<string, Label>;
  readonly history: readonly PromptLabelChange[];
  /** Older changes that made room. */
  readonly dropped: number;
  readonly #more: object;

  private constructor(
    name: string,
    labels: ReadonlyMap<string, Label>,
    history: readonly PromptLabelChange[],
    dropped: number,
    more: object,
  ) {
    this.#name = name;
    this.#labels = labels;
    this.history = history;
    this.dropped = dropped;
    this.#more = more;
  }

  /** @throws `state-incompatible` */
  static of(name: string, text: string | undefined): LabelBook {
    if (text === undefined) return new LabelBook(name, new Map(), [], 0, {});
    const { labels, history, dropped, ...more } = readDocument(bookSchema, documentKey('labels', name), text);
    return new LabelBook(
      name,
      new Map(Object.entries(labels)),
      history as PromptLabelChange[],
      dropped,
      more,
    );
  }

  get labels(): readonly string[] {
    return [...this.#labels.keys()];
  }

  version(label: string): string | undefined {
    return this.#labels.get(label)?.version;
  }

  /** What a label named before, the latest last. */
  earlier(label: string): readonly string[] {
    return this.#labels.get(label)?.earlier ?? [];
  }

  /** The same book where nothing changes. @throws `prompt-unknown` where there is nothing to go back to, or to take away */
  with(wanted: WantedChange, at: number): LabelBook {
    const { kind, label, by, note } = wanted;
    const before = this.#labels.get(label);
    if (kind === 'label' && before?.version === wanted.version) return this;
    const after = this.#after(wanted, before);
    const labels = new Map(this.#labels);
    if (after === undefined) labels.delete(label);
    else labels.set(label, after);
    const change: PromptLabelChange = {
      at,
      by,
      kind,
      label,
      ...(before === undefined ? {} : { from: before.version }),
      ...(after === undefined ? {} : { to: after.version }),
      ...(note === undefined ? {} : { note }),
    };
    return new LabelBook(this.#name, labels, [...this.history, change], this.dropped, this.#more);
  }

  /** What {@link LabelBook.of} takes. The oldest of the history make room. @throws `invalid-options` where labels alone do not fit */
  toText(): string {
    const labels = Object.fromEntries(this.#labels);
    for (let from = 0; from <= this.history.length; from += 1) {
      const text = JSON.stringify({
        ...this.#more,
        labels,
        history: this.history.slice(from),
        dropped: this.dropped + from,
      });
      if (Buffer.byteLength(text) <= mostBytes) return text;
    }
    throw new ManagedLLMError({
      code: 'invalid-options',
      message: `Prompt \`${this.#name}\` has ${this.#labels.size} labels, which is more than fits: take some away with \`unlabel\`.`,
      details: { prompt: this.#name },
    });
  }

  #after({ kind, label, version }: WantedChange, before: Label | undefined): Label | undefined {
    if (kind === 'label') {
      const earlier = before === undefined ? [] : [...before.earlier, before.version].slice(-mostEarlier);
      return { ...before, version: version ?? '', earlier };
    }
    if (before === undefined) throw this.unset(label);
    if (kind === 'unlabel') return undefined;
    const to = before.earlier.at(-1);
    if (to === undefined)
      throw new ManagedLLMError({
        code: 'prompt-unknown',
        message: `Label \`${label}\` of prompt \`${this.#name}\` has named no other version before \`${before.version}\`: there is nothing to go back to. Set it with \`label\`.`,
        details: { prompt: this.#name, label, version: before.version },
      });
    return { ...before, version: to, earlier: before.earlier.slice(0, -1) };
  }

  /** For whoever asks for a label that is not set. */
  unset(label: string): ManagedLLMError {
    const labels = this.labels;
    const known =
      labels.length === 0 ? 'It has no labels' : `It has ${labels.map((one) => `\`${one}\``).join(', ')}`;
    return new ManagedLLMError({
      code: 'prompt-unknown',
      message: `Prompt \`${this.#name}\` has no label \`${label}\`. ${known}: set it with \`label\`.`,
      details: { prompt: this.#name, label, labels },
    });
  }
}
