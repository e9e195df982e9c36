import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Prompt } from '../prompt.ts';
import { fitted } from './fitting.ts';
import type { LabelBook } from './label-book.ts';
import { PromptLabels } from './prompt-labels.ts';
import { PromptVersions } from './prompt-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Of what a label named before, as many are tried where it names what cannot be had. */
const mostEarlier = 5;

/** Which version is wanted. Neither: the newest. */
export interface WantedVersion {
  readonly label?: string;
  readonly version?: string;
}

/** One prompt of a registry: what is served of it, at once wherever something is known. */
export class NamedPrompt {
  readonly name: string;
  readonly versions: PromptVersions;
  readonly labels: PromptLabels;
  readonly #around: Surroundings;
  /** What each label was last found to name, labelled. */
  readonly #labelled = new Map<string, Prompt>();
  readonly #fitted = new WeakMap<Prompt, WeakMap<Prompt, Prompt>>();

  constructor(name: string, around: Surroundings) {
    this.name = name;
    this.versions = new PromptVersions(name, around);
    this.labels = new PromptLabels(name, around, () => this.versions.recordAgain());
    this.#around = around;
  }

  /** Whether it has versions or labels, as far as is known. */
  get isFound(): boolean {
    return this.versions.areKnown || this.labels.areKnown;
  }

  /**
   * @param given what is served where nothing else is known, and what the version has to fit
   * @throws `prompt-unknown`, `prompt-source-failed`, `prompt-invalid`, `prompt-changed`, `state-unreachable`
   */
  async get(wanted: WantedVersion, given?: Prompt): Promise<Prompt> {
    const found = this.#known(wanted) ?? (await this.#found(wanted, given));
    return given === undefined ? found : this.#fit(found, given);
  }

  /** Without waiting for anybody. */
  #known({ label, version }: WantedVersion): Prompt | undefined {
    if (version !== undefined) return this.versions.find(version);
    if (label === undefined) return this.versions.newest();
    const named = this.labels.look()?.version(label);
    const prompt = named === undefined ? undefined : this.versions.find(named);
    return prompt === undefined ? undefined : this.#withLabel(prompt, label);
  }

  async #found({ label, version }: WantedVersion, given: Prompt | undefined): Promise<Prompt> {
    try {
      if (version !== undefined) return await this.versions.waitFor(version, given !== undefined);
      if (label === undefined) return await this.versions.waitForNewest(given !== undefined);
      return await this.#foundByLabel(label, given !== undefined);
    } catch (thrown) {
      const isUnset = label !== undefined && this.labels.hasOthersThan(label);
      if (given !== undefined && isUnset) this.#around.reports.tell(thrown, `label \`${label}\``);
      if (given === undefined || (version ?? given.version) !== given.version) throw thrown;
      return given;
    }
  }

  async #foundByLabel(label: string, isOther: boolean): Promise<Prompt> {
    const book: LabelBook = await this.labels.waitFor(isOther);
    const version = book.version(label);
    if (version === undefined) {
      this.#labelled.delete(label);
      throw book.unset(label);
    }
    const known = this.versions.find(version);
    if (known !== undefined) return this.#withLabel(known, label);
    const finding = this.versions.waitFor(version, isOther);
    const last = this.#labelled.get(label);
    if (last === undefined) {
      const found = await finding.catch((thrown: unknown) => this.#earlier(book, label, thrown));
      return this.#withLabel(found, label);
    }
    // The label has moved to what this process has not seen yet: until it has, what it named before.
    finding.catch((thrown: unknown) => this.#around.reports.tell(thrown, `label \`${label}\``));
    return last;
  }

  /** What a label named before it named what cannot be had, which is told. @throws why it cannot, where that cannot either */
  async #earlier(book: LabelBook, label: string, why: unknown): Promise<Prompt> {
    for (const version of book.earlier(label).slice(-mostEarlier).toReversed()) {
      const found = await this.versions.kept(version);
      if (found === undefined) continue;
      this.#around.reports.tell(why, `label \`${label}\``);
      return found;
    }
    throw why;
  }

  #withLabel(prompt: Prompt, label: string): Prompt {
    const last = this.#labelled.get(label);
    if (last?.version === prompt.version && last.read === prompt.read) return last;
    const labelled = prompt.labelled(label);
    this.#labelled.set(label, labelled);
    return labelled;
  }

  #fit(found: Prompt, given: Prompt): Prompt {
    if (found === given) return found;
    const known = this.#fitted.get(given) ?? new WeakMap<Prompt, Prompt>();
    this.#fitted.set(given, known);
    const before = known.get(found);
    if (before !== undefined) return before;
    let fit = given;
    try {
      fit = fitted(found, given);
    } catch (thrown) {
      if (!ManagedLLMError.isInstance(thrown)) throw thrown;
      this.#around.reports.tell(thrown, 'a registry of prompts');
    }
    known.set(found, fit);
    return fit;
  }
}
