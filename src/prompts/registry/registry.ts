import * as z from 'zod/mini';
import { realClock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import { reportingTo } from '../../core/reporting.ts';
import type { State } from '../../core/state.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { memoryState } from '../../state/memory/memory-state.ts';
import { enterState, leaveState } from '../../state/users.ts';
import { Prompt } from '../prompt.ts';
import { diffPrompts, type PromptDiff } from './diff-prompts.ts';
import { documentsWithin } from './documents-within.ts';
import type { WantedChange } from './label-book.ts';
import { NamedPrompt } from './named-prompt.ts';
import { isDraft } from './natural-order.ts';
import { promptRegistryOptionsSchema, type PromptRegistryOptions } from './options.ts';
import type {
  GetPromptOptions,
  LabelOptions,
  PromptHistory,
  PromptRegistry,
  PromptVersionInfo,
} from './prompt-registry.ts';
import { Reports } from './reports.ts';
import { sourceOf } from './source.ts';
import { StoredVersions } from './stored-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Names may come from users. */
const mostNames = 10_000;

const text = z.string().check(z.minLength(1));
const getOptionsSchema = z.strictObject({ label: z.optional(text), version: z.optional(text) });
const labelOptionsSchema = z.strictObject({
  by: text.check(z.maxLength(200)),
  note: z.optional(z.string().check(z.maxLength(1_000))),
});
const labelName = /^[A-Za-z][\w.-]{0,99}$/;

/** See {@link PromptRegistry}. */
export class Registry implements Omit<PromptRegistry, 'get'> {
  readonly #around: Surroundings;
  readonly #state: State;
  readonly #stop = new AbortController();
  readonly #prompts = new Map<string, NamedPrompt>();
  readonly #unwatch: (() => void) | undefined;

  constructor(options: PromptRegistryOptions) {
    const {
      source,
      clock = realClock,
      state = memoryState({ clock }),
      freshMs = 60_000,
      labelsFreshMs = 5_000,
      loadTimeoutMs = 10_000,
      onError,
    } = parseOptions(promptRegistryOptionsSchema, options, 'promptRegistry');
    const { documents, name } = state;
    if (documents === undefined)
      throw invalidOption(
        'promptRegistry.state',
        `(\`${name}\`) cannot keep labels: give one of this package, or one with \`documents\``,
      );
    // Beside the source, which it must not use up the time of.
    const patient = documentsWithin(documents, clock, loadTimeoutMs / 2);
    this.#around = {
      source: sourceOf(source),
      documents: patient,
      stored: new StoredVersions(patient, clock),
      clock,
      reports: new Reports(clock, reportingTo(onError)),
      freshMs,
      labelsFreshMs,
      loadTimeoutMs,
      stop: this.#stop.signal,
    };
    this.#state = state;
    enterState(state);
    this.#unwatch = this.#around.source.watch?.(() => this.#changed());
  }

  async get(asked: string | Prompt, options: GetPromptOptions = {}): Promise<Prompt> {
    const given = typeof asked === 'string' ? undefined : asked;
    if (given !== undefined && !(given instanceof Prompt))
      throw invalidOption('get.prompt', 'must be the name of a prompt, or one that `definePrompt` has made');
    checkWanted(options);
    return this.#named(given?.name ?? String(asked)).get(options, given);
  }

  async label(name: string, label: string, version: string, options: LabelOptions): Promise<void> {
    const prompt = this.#named(name);
    const { by, note } = checkChange(label, options);
    parseOptions(text, version, 'label.version');
    if (isDraft(version))
      throw invalidOption('label.version', `is \`${version}\`, a draft: give it a version (\`version: 1\`)`);
    const found = await prompt.versions.waitFor(version).catch(async (thrown: unknown) => {
      // It may have been added just now.
      await prompt.versions.refresh().catch(() => Promise.reject(thrown));
      return prompt.versions.waitFor(version);
    });
    await prompt.versions.record(found);
    await prompt.labels.change({ kind: 'label', label, version, by, note });
  }

  async rollback(name: string, label: string, options: LabelOptions): Promise<string> {
    const book = await this.#change(name, { kind: 'rollback', label, ...checkChange(label, options) });
    return book.version(label) ?? '';
  }

  async unlabel(name: string, label: string, options: LabelOptions): Promise<void> {
    await this.#change(name, { kind: 'unlabel', label, ...checkChange(label, options) });
  }

  async labels(name: string): Promise<Readonly<Record<string, string>>> {
    const book = await this.#named(name).labels.read();
    return Object.fromEntries(book.labels.map((label) => [label, book.version(label) ?? '']));
  }

  async history(name: string): Promise<PromptHistory> {
    const { history, dropped } = await this.#named(name).labels.read();
    return { changes: history, dropped };
  }

  async versions(name: string): Promise<readonly PromptVersionInfo[]> {
    const prompt = this.#named(name);
    const [listed, book] = await Promise.all([prompt.versions.list(), prompt.labels.read()]);
    return listed.map(({ version, hash, at }) => ({
      version,
      hash,
      recordedAt: at,
      labels: book.labels.filter((label) => book.version(label) === version),
    }));
  }

  async names(): Promise<readonly string[]> {
    this.#check();
    const named = await this.#around.source.names?.();
    return [...new Set([...(named ?? []), ...this.#prompts.keys()])].toSorted();
  }

  async diff(name: string, from: string, to: string): Promise<PromptDiff> {
    const [a, b] = await Promise.all([from, to].map((version) => this.get(name, { version })));
    if (a === undefined || b === undefined) throw new TypeError('There are two.');
    return diffPrompts(a, b);
  }

  async refresh(name?: string): Promise<void> {
    this.#check();
    const prompts = name === undefined ? [...this.#prompts.values()] : [this.#named(name)];
    await Promise.all(
      prompts.map(({ versions, labels }) => Promise.all([versions.refresh(), labels.read()])),
    );
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#unwatch?.();
    const writing = [...this.#prompts.values()].map(({ versions }) => versions.idle());
    this.#stop.abort(this.#closed());
    await Promise.all(writing);
    await leaveState(this.#state);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #named(name: string): NamedPrompt {
    this.#check();
    const known = this.#prompts.get(name);
    if (known !== undefined) return known;
    parseOptions(text, name, 'name');
    const [oldest = ''] = this.#prompts.keys();
    if (this.#prompts.size >= mostNames) this.#prompts.delete(oldest);
    const prompt = new NamedPrompt(name, this.#around);
    this.#prompts.set(name, prompt);
    return prompt;
  }

  #change(name: string, wanted: WantedChange) {
    return this.#named(name).labels.change(wanted);
  }

  /** The source says so. What it has now is asked for; who asks meanwhile gets what was known. */
  #changed(): void {
    for (const { versions } of this.#prompts.values())
      // It is reported where it is loaded.
      versions.refresh().catch(() => {});
  }

  #check(): void {
    if (this.#stop.signal.aborted) throw this.#closed();
  }

  #closed(): ManagedLLMError {
    return new ManagedLLMError({ code: 'closed', message: 'The registry of prompts was closed.' });
  }
}

/** Checked on each `get`, in a fraction of what a schema takes: those that are right are not parsed. */
function checkWanted(options: GetPromptOptions): void {
  const { label, version } = options;
  const count = (label === undefined ? 0 : 1) + (version === undefined ? 0 : 1);
  const given: unknown = label ?? version ?? 'the newest';
  if (Object.keys(options).length === count && count < 2 && typeof given === 'string' && given !== '') return;
  parseOptions(getOptionsSchema, options, 'get');
  if (count === 2) throw invalidOption('get', 'takes a `label` or a `version`: give one of them');
}

function checkChange(label: string, options: LabelOptions): LabelOptions {
  if (typeof label !== 'string' || !labelName.test(label))
    throw invalidOption(
      'label',
      'must begin with a letter and have letters, digits, `_`, `-` and `.`, up to 100 of them',
    );
  return parseOptions(labelOptionsSchema, options, 'options');
}
