import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Prompt } from '../prompt.ts';
import { rememberVersion } from '../versions.ts';
import { hasSchemas } from './fitting.ts';
import { isDraft } from './natural-order.ts';
import { readVersion } from './read-version.ts';
import type { KeptVersion, RecordedVersion } from './stored-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Drafts that are kept: each save of a file makes one. */
const mostDrafts = 20;

/** Versions of one prompt as this process has first seen them, held to what any process has first seen. */
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
   * @returns those that can be served, as they are known
   */
  async accept(given: readonly unknown[], recorded: readonly RecordedVersion[]): Promise<readonly Prompt[]> {
    this.#refusals.clear();
    const accepted = new Map<string, Prompt>();
    for (const one of given) {
      try {
        const prompt = await this.#accept(readVersion(this.#name, one), recorded);
        if (accepted.has(prompt.version)) continue;
        accepted.set(prompt.version, prompt);
      } catch (thrown) {
        if (!ManagedLLMError.isInstance(thrown)) throw thrown;
        this.#tell(thrown);
        const version = thrown.details['version'];
        this.#refusals.set(typeof version === 'string' ? version : '', thrown);
      }
    }
    return [...accepted.values()];
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

  /** Keeps a copy in the state, once. @throws `state-unreachable` */
  async record(prompt: Prompt): Promise<void> {
    if (this.#recorded.has(prompt.version)) return;
    const before = await this.#around.stored.record(prompt);
    this.#recorded.add(prompt.version);
    if (before !== undefined && !this.#isSame(before, prompt)) this.#tell(this.#changed(prompt, before.hash));
  }

  /** The state has lost its copies. */
  forgetRecords(): void {
    this.#recorded.clear();
  }

  async #accept(prompt: Prompt, recorded: readonly RecordedVersion[]): Promise<Prompt> {
    const { version, hash } = prompt;
    const known = this.#versions.get(version);
    if (known !== undefined) {
      if (known.hash !== hash) this.#tell(this.#changed(prompt, known.hash));
      // Of the code, it has schemas, which what was read from the state has not.
      else if (hasSchemas(prompt) && !hasSchemas(known)) this.#versions.set(version, prompt);
      return this.#versions.get(version) ?? known;
    }
    const elsewhere = recorded.find((one) => one.version === version);
    if (elsewhere !== undefined && elsewhere.hash !== hash) {
      const kept = await this.#around.stored.read(this.#name, version);
      if (kept !== undefined && !this.#isSame(kept, prompt)) {
        const changed = this.#changed(prompt, elsewhere.hash);
        if (kept.prompt === undefined) throw changed;
        const first = this.#remember(readVersion(this.#name, kept.prompt));
        this.#tell(changed);
        return first;
      }
    }
    if (elsewhere !== undefined) this.#recorded.add(version);
    return this.#remember(prompt);
  }

  #remember(prompt: Prompt): Prompt {
    rememberVersion(prompt.name, prompt.version, prompt.hash);
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

  #tell(error: ManagedLLMError): void {
    this.#around.reports.tell(error, `the registry of prompts, \`${this.#name}\``);
  }
}
