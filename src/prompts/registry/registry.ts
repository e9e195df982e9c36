import { LRUCache } from 'lru-cache';
import * as z from 'zod/mini';
import { realClock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import { reportingTo } from '../../core/reporting.ts';
import type { State } from '../../core/state.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { memoryState } from '../../state/memory/memory-state.ts';
import { enterState, leaveState } from '../../state/users.ts';
import { promptName } from '../definition.ts';
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
import { namesOf, sourceOf } from './source.ts';
import { StoredVersions } from './stored-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Prompts that are kept: those that were asked for last. */
const mostNames = 10_000;
/** Names may come from users: those of which nothing was ever found push out no others. */
const mostUnfound = 1_000;

const text = z.string().check(z.minLength(1));
const versionText = text.check(z.maxLength(256));
const getOptionsSchema = z.strictObject({ label: z.optional(text), version: z.optional(versionText) });
const labelOptionsSchema = z.strictObject({
  by: text.check(z.maxLength(200)),
  note: z.optional(z.string().check(z.maxLength(1_000))),
});
const nameText = text.check(z.regex(promptName, 'must be 1 to 256 letters, digits, `_`, `-`, `.` and `/`'));
const labelName = /^[A-Za-z][\w.-]{0,99}$/;

/** See {@link PromptRegistry}. */
export class Registry implements Omit<PromptRegistry, 'get'> {
  readonly #around: Surroundings;
  readonly #state: State;
  readonly #stop = new AbortController();
  readonly #prompts = new LRUCache<string, NamedPrompt>({ max: mostNames });
  /** Also those of which something was found since, until they are asked for again. */
  readonly #unfound = new LRUCache<string, NamedPrompt>({
    max: mostUnfound,
    dispose: (prompt, name, why) => {
      if (why === 'evict' && prompt.isFound) this.#prompts.set(name, prompt);
    },
  });
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
    const given = asked instanceof Prompt ? asked : undefined;
    if (given === undefined && typeof asked !== 'string')
      throw invalidOption('get.prompt', 'must be the name of a prompt, or one that `definePrompt` has made');
    checkWanted(options);
    return this.#named(typeof asked === 'string' ? asked : asked.name).get(options, given);
  }

  async label(name: string, label: string, version: string, options: LabelOptions): Promise<void> {
    const prompt = this.#named(name);
    const { by, note } = checkChange(label, options);
    parseOptions(versionText, version, 'label.version');
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
    const named = await namesOf(this.#around.source).catch((cause: unknown) => {
      throw ManagedLLMError.isInstance(cause)
        ? cause
        : new ManagedLLMError({
            code: 'prompt-source-failed',
            message: 'The source of prompts failed to tell its names. Ask again.',
            cause,
          });
    });
    const asked = this.#all().filter(({ isFound }) => isFound);
    return [...new Set([...(named ?? []), ...asked.map(({ name }) => name)])].toSorted();
  }

  async diff(name: string, from: string, to: string): Promise<PromptDiff> {
    const [a, b] = await Promise.all([from, to].map((version) => this.get(name, { version })));
    if (a === undefined || b === undefined) throw new TypeError('There are two.');
    return diffPrompts(a, b);
  }

  async refresh(name?: string): Promise<void> {
    this.#check();
    const prompts = name === undefined ? this.#all() : [this.#named(name)];
    const ended = await Promise.allSettled(
      prompts.flatMap(({ versions, labels }) => [versions.refresh(), labels.read()]),
    );
    for (const one of ended) {
      if (one.status === 'fulfilled') continue;
      // That nobody has what somebody has asked for is no failure of the others.
      const isUnknown = ManagedLLMError.isInstance(one.reason) && one.reason.code === 'prompt-unknown';
      if (name !== undefined || !isUnknown) throw one.reason;
    }
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const writing = this.#all().map(({ versions }) => versions.idle());
    this.#stop.abort(this.#closed());
    try {
      this.#unwatch?.();
    } catch (thrown) {
      this.#around.reports.tell(thrown, 'a source of prompts that is not to be watched any more');
    }
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
    const unfound = this.#unfound.get(name);
    if (unfound?.isFound === true) {
      this.#unfound.delete(name);
      this.#prompts.set(name, unfound);
    }
    if (unfound !== undefined) return unfound;
    parseOptions(nameText, name, 'name');
    const prompt = new NamedPrompt(name, this.#around);
    this.#unfound.set(name, prompt);
    return prompt;
  }

  #all(): readonly NamedPrompt[] {
    return [...this.#prompts.values(), ...this.#unfound.values()];
  }

  #change(name: string, wanted: WantedChange) {
    return this.#named(name).labels.change(wanted);
  }

  /** The source says so. What it has now is asked for; who asks meanwhile gets what was known. */
  #changed(): void {
    for (const { versions } of this.#all())
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
  if (typeof options !== 'object' || options === null) parseOptions(getOptionsSchema, options, 'get.options');
  const { label, version } = options;
  const count = (label === undefined ? 0 : 1) + (version === undefined ? 0 : 1);
  const given: unknown = label ?? version ?? 'the newest';
  const isRight = typeof given === 'string' && given !== '' && given.length <= 256;
  if (Object.keys(options).length === count && count < 2 && isRight) return;
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
