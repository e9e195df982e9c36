import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Prompt } from '../prompt.ts';
import { checkVersion } from '../versions.ts';
import { hasSchemas } from './fitting.ts';
import { isDraft } from './natural-order.ts';
import { readVersion } from './read-version.ts';
import type { KeptVersion, RecordedVersion } from './stored-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Drafts that are kept: each save of a file makes one. */
const mostDrafts = 20;

/** Documents that are read side by side. */
const readsAtOnce = 100;

/** Versions of one prompt as this registry has first seen them, held to what any process has first seen. */
export class KnownVersions {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #versions = new Map<string, Prompt>();
  readonly #refusals = new Map<string, ManagedLLMError>();
  /** Those of which the state has a copy. */
  readonly #recorded = new Set<string>();

  constructor(name: string, around: Surroundings) {
    this.#name = name;
    this.#around = around;
  }

  get size(): number {
    return this.#versions.size;
  }

  names(): readonly string[] {
    return [...this.#versions.keys()];
  }

  get(version: string): Prompt | undefined {
    return this.#versions.get(version);
  }

  /** Why a version is not served. */
  refusal(version: string): ManagedLLMError | undefined {
    return this.#refusals.get(version);
  }

  get firstRefusal(): ManagedLLMError | undefined {
    return this.#refusals.values().next().value;
  }

  /**
   * Takes in what a source serves. What is wrong, or has changed, is reported and left out, or is as it was.
   *
   * @param recorded what the state lists; `undefined` where it has never answered
   * @returns those that can be served, as they are known
   */
  async accept(
    given: readonly unknown[],
    recorded: readonly RecordedVersion[] | undefined,
  ): Promise<readonly Prompt[]> {
    const prompts = new Map<string, Prompt>();
    for (const one of given)
      this.#orRefuse(() => {
        const prompt = readVersion(this.#name, one);
        if (!prompts.has(prompt.version)) prompts.set(prompt.version, prompt);
      });
    const hashes = new Map(recorded?.map(({ version, hash }) => [version, hash]));
    const news = [...prompts.values()].filter(
      ({ version, hash }) =>
        !this.#versions.has(version) && !isDraft(version) && hashes.get(version) !== hash,
    );
    const kept = recorded === undefined ? new Map<string, KeptVersion>() : await this.#keptOf(news);
    const accepted: Prompt[] = [];
    for (const prompt of prompts.values())
      this.#orRefuse(() => {
        accepted.push(this.#accept(prompt, kept.get(prompt.version)));
        if (hashes.has(prompt.version)) this.#recorded.add(prompt.version);
      });
    return accepted;
  }

  /** What was refused may be right in what is served next. */
  forgetRefusals(): void {
    this.#refusals.clear();
  }

  /** A version as the state has kept it; `undefined` where it has not. @throws `state-unreachable`, `prompt-changed` */
  async fromState(version: string): Promise<Prompt | undefined> {
    const kept = await this.#around.stored.read(this.#name, version);
    if (kept === undefined) return undefined;
    this.#recorded.add(version);
    const known = this.#versions.get(version);
    if (known !== undefined || kept.prompt === undefined) return known;
    return this.#remember(readVersion(this.#name, kept.prompt));
  }

  /**
   * Keeps a copy in the state, once. Where another process was quicker with other content, that is used from then on.
   *
   * @throws `state-unreachable`
   */
  async record(prompt: Prompt): Promise<void> {
    const { version } = prompt;
    if (this.#recorded.has(version)) return;
    const before = await this.#around.stored.record(prompt);
    this.#recorded.add(version);
    if (before === undefined || this.#isSame(before, prompt)) return;
    this.#versions.delete(version);
    this.#orRefuse(() => this.#firstOf(before, prompt));
  }

  /** Whether the state has a copy, as far as is known. */
  isRecorded(version: string): boolean {
    return this.#recorded.has(version);
  }

  /** The state has lost its copies, but for some. */
  forgetRecords(but: readonly RecordedVersion[]): void {
    const left = new Set(but.map(({ version }) => version));
    for (const version of this.#recorded) if (!left.has(version)) this.#recorded.delete(version);
  }

  /** What the state has of some versions. Where it does not answer, that is told, and found when they are recorded. */
  async #keptOf(prompts: readonly Prompt[]): Promise<ReadonlyMap<string, KeptVersion>> {
    const found = new Map<string, KeptVersion>();
    try {
      for (let from = 0; from < prompts.length; from += readsAtOnce)
        await Promise.all(
          prompts.slice(from, from + readsAtOnce).map(async ({ version }) => {
            const kept = await this.#around.stored.read(this.#name, version);
            if (kept !== undefined) found.set(version, kept);
          }),
        );
    } catch (thrown) {
      this.#tell(thrown);
    }
    return found;
  }

  #accept(prompt: Prompt, kept: KeptVersion | undefined): Prompt {
    const { version, hash } = prompt;
    const known = this.#versions.get(version);
    if (known !== undefined) {
      if (known.hash !== hash) this.#tell(this.#changed(prompt, known.hash));
      // Of the code, it has schemas, which what was read from the state has not.
      else if (hasSchemas(prompt) && !hasSchemas(known)) this.#versions.set(version, prompt);
      return this.#versions.get(version) ?? known;
    }
    if (kept !== undefined && !this.#isSame(kept, prompt)) return this.#firstOf(kept, prompt);
    return this.#remember(prompt);
  }

  /** A version as another process has recorded it. @throws `prompt-changed` where that cannot be had */
  #firstOf(kept: KeptVersion, other: Prompt): Prompt {
    const changed = this.#changed(other, kept.hash);
    if (kept.prompt === undefined) throw changed;
    const first = this.#remember(readVersion(this.#name, kept.prompt));
    this.#tell(changed);
    return first;
  }

  /** Does what takes in a version. What is wrong with it is told, and why it is not served. */
  #orRefuse(take: () => unknown): void {
    try {
      take();
    } catch (thrown) {
      if (!ManagedLLMError.isInstance(thrown)) throw thrown;
      this.#tell(thrown);
      const version = thrown.details['version'];
      this.#refusals.set(typeof version === 'string' ? version : '', thrown);
    }
  }

  #remember(prompt: Prompt): Prompt {
    checkVersion(prompt.name, prompt.version, prompt.hash);
    this.#versions.set(prompt.version, prompt);
    const drafts = isDraft(prompt.version) ? this.names().filter(isDraft) : [];
    for (const old of drafts.slice(0, -mostDrafts)) this.#versions.delete(old);
    return prompt;
  }

  /** Another version of this package may have hashed it in another way. */
  #isSame({ hash, prompt }: KeptVersion, other: Prompt): boolean {
    return (
      hash === other.hash || (prompt !== undefined && readVersion(this.#name, prompt).hash === other.hash)
    );
  }

  #changed({ version, hash }: Prompt, known: string): ManagedLLMError {
    return new ManagedLLMError({
      code: 'prompt-changed',
      message: `Version \`${version}\` of prompt \`${this.#name}\` is served with other content than it was first seen with (${known}, now ${hash}). Versions never change: give the changed one another version. Until then it is used as it was.`,
      details: { prompt: this.#name, version, hash, known },
    });
  }

  #tell(error: unknown): void {
    this.#around.reports.tell(error, `the registry of prompts, \`${this.#name}\``);
  }
}
