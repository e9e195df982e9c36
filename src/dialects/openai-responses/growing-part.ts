import { argumentsOf, argumentsText } from '../neutral/arguments.ts';
import type { ToolCallEvent } from '../neutral/event.ts';
import type { Extras } from '../neutral/extras.ts';
import type { AssistantPart, Citation, ForeignPart } from '../neutral/message.ts';
import { asRecord, type JsonRecord, withoutMembers } from '../record.ts';
import { encodeCitation } from './citations.ts';
import { encodeRefusal, encodeText } from './encode-output.ts';
import { ownExtras, present } from './members.ts';

/** An event of this format that has no sequence number yet. */
export type Unnumbered = JsonRecord & { readonly type: string };

/** Where a part stands: its item, and in a message its place there. */
export type Place = JsonRecord & { readonly item_id: string; readonly output_index: number };

/** A text, a refusal, reasoning or a call on its way out. */
export class GrowingPart {
  readonly kind: Exclude<AssistantPart['type'], 'foreign'>;
  readonly #place: Place;
  readonly #citations: Citation[] = [];
  /** How many of the citations have been told, and how many of those as annotations. */
  #told = 0;
  #annotations = 0;
  #text = '';
  #extras: Extras | undefined;
  #called = { id: '', name: '' };
  #ended = false;

  constructor(kind: GrowingPart['kind'], place: Place) {
    this.kind = kind;
    this.#place = place;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** As far as it has come. */
  get part(): AssistantPart {
    const more = present({ extras: this.#extras });
    const text = this.#text;
    switch (this.kind) {
      case 'text':
        return this.#citations.length === 0
          ? { type: 'text', text, ...more }
          : { type: 'text', text, citations: this.#citations, ...more };
      case 'tool-call':
        return { type: 'tool-call', ...this.#called, arguments: text, ...more };
      case 'reasoning':
      case 'refusal':
        return { type: this.kind, text, ...more };
      default:
        return this.kind satisfies never;
    }
  }

  begin(): readonly Unnumbered[] {
    return this.kind === 'text' || this.kind === 'refusal'
      ? [{ type: 'response.content_part.added', ...this.#place, part: this.#content() }]
      : [];
  }

  call(id: string, name: string): this {
    this.#called = { id, name };
    return this;
  }

  grow(delta: string): readonly Unnumbered[] {
    if (delta === '' || this.#ended) return [];
    const isFirst = this.#text === '';
    this.#text += delta;
    switch (this.kind) {
      case 'text':
        return [this.#event('output_text.delta', { delta, logprobs: [] })];
      case 'refusal':
        return [this.#event('refusal.delta', { delta })];
      case 'tool-call':
        return [this.#event('function_call_arguments.delta', { delta })];
      case 'reasoning': {
        const part = { type: 'summary_text', text: '' };
        const begun = this.#event('reasoning_summary_part.added', { summary_index: 0, part });
        const more = this.#event('reasoning_summary_text.delta', { summary_index: 0, delta });
        return isFirst ? [begun, more] : [more];
      }
      default:
        return this.kind satisfies never;
    }
  }

  cite(citation: Citation): readonly Unnumbered[] {
    if (this.kind !== 'text' || this.#ended) return [];
    this.#citations.push(citation);
    // One without an end supports the part to its own end, which is not known yet, and the others keep their order.
    const isNext = this.#told === this.#citations.length - 1;
    return isNext && citation.end !== undefined ? this.#annotate() : [];
  }

  /** The citations that have not been told. What has no place is told once, with the whole answer. */
  #annotate(): readonly Unnumbered[] {
    const untold = this.#citations.slice(this.#told);
    this.#told = this.#citations.length;
    return untold.flatMap((citation) => {
      const annotation = encodeCitation(citation, this.#text, '', []);
      if (annotation === undefined) return [];
      const annotation_index = this.#annotations++;
      return [this.#event('output_text.annotation.added', { annotation_index, annotation })];
    });
  }

  /** The whole call. What was told of its arguments is kept where it says the same. */
  finishCall({ id, name, arguments: value, extras }: ToolCallEvent): readonly Unnumbered[] {
    const whole = argumentsText(value);
    const rest = this.#text === '' ? this.grow(whole) : [];
    if (argumentsText(argumentsOf(this.#text)) !== whole) this.#text = whole;
    return [...rest, ...this.call(id, name).end(extras)];
  }

  end(extras: Extras | undefined): readonly Unnumbered[] {
    if (this.#ended) return [];
    this.#ended = true;
    this.#extras = withoutIds(extras, this.#place['content_index'] === 0);
    const text = this.#text;
    switch (this.kind) {
      case 'text':
        return [
          ...this.#annotate(),
          this.#event('output_text.done', { text, logprobs: [] }),
          this.#event('content_part.done', { part: this.#content() }),
        ];
      case 'refusal':
        return [
          this.#event('refusal.done', { refusal: text }),
          this.#event('content_part.done', { part: this.#content() }),
        ];
      case 'tool-call':
        return [this.#event('function_call_arguments.done', { arguments: text, name: this.#called.name })];
      case 'reasoning': {
        const part = { type: 'summary_text', text };
        if (text === '') return [];
        return [
          this.#event('reasoning_summary_text.done', { summary_index: 0, text }),
          this.#event('reasoning_summary_part.done', { summary_index: 0, part }),
        ];
      }
      default:
        return this.kind satisfies never;
    }
  }

  #content(): JsonRecord {
    const { part } = this;
    if (part.type === 'text') return encodeText(part, '', []);
    return part.type === 'refusal' ? encodeRefusal(part, '', []) : {};
  }

  #event(name: string, members: JsonRecord): Unnumbered {
    return { type: `response.${name}`, ...this.#place, ...members };
  }
}

/** A part of this format that came whole. */
export class WholePart {
  readonly ended = true;
  readonly part: ForeignPart;
  readonly #place: Place | undefined;

  /** `place`: where it stands in a message; none for an item of its own, or what has no place. */
  constructor(part: ForeignPart, place: Place | undefined) {
    this.part = part;
    this.#place = place;
  }

  begin(): readonly Unnumbered[] {
    if (this.#place === undefined) return [];
    const content = { ...this.#place, part: this.part.value };
    return [
      { type: 'response.content_part.added', ...content },
      { type: 'response.content_part.done', ...content },
    ];
  }

  end(): readonly Unnumbered[] {
    return [];
  }
}

/** Ids were told at the beginning, before extras come, and so was which message a part belongs to. */
function withoutIds(extras: Extras | undefined, beginsMessage: boolean): Extras | undefined {
  const own = ownExtras(extras);
  if (own === undefined) return extras;
  const told = beginsMessage ? ['id'] : ['id', 'item'];
  return { ...extras, 'openai-responses': asRecord(withoutMembers(own, ...told)) ?? {} };
}
