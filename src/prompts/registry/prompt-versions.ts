import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Prompt } from '../prompt.ts';
import { KnownVersions } from './known-versions.ts';
import { inOrder } from './in-order.ts';
import { isDraft } from './natural-order.ts';
import { Refreshing } from './refreshing.ts';
import { namesOf, servedOf, type PromptSource, type PromptsServed } from './source.ts';
import { isFull, type RecordedVersion } from './stored-versions.ts';
import type { Surroundings } from './surroundings.ts';

/** Versions that somebody asked for and that were not found. */
const mostWanted = 100;

/**
 * The versions of one prompt: those of the source, new or not; where it has never answered, those that the state has kept. A
 * version that is known stays known, and as it is.
 */
export class PromptVersions {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #known: KnownVersions;
  /** Names of those that the source serves, the newest last. */
  readonly #served: Refreshing<readonly string[]>;
  readonly #recorded: Refreshing<readonly RecordedVersion[]>;
  readonly #wanted = new Map<string, Refreshing<true>>();
  /** What is being recorded, one after the other. Never rejects. */
  #recording: Promise<void> = Promise.resolve();

  constructor(name: string, around: Surroundings) {
    this.#name = name;
    this.#around = around;
    this.#known = new KnownVersions(name, around);
    this.#served = this.#refreshing((signal) => this.#load(signal), true);
    this.#recorded = this.#refreshing(() => around.stored.list(name), true);
  }

  /** Whether there are any. */
  get areKnown(): boolean {
    return this.#known.size > 0;
  }

  /** At once, and nothing is waited for: asks the source where that is due. */
  newest(): Prompt | undefined {
    const served = this.#served.look();
    const last = served?.findLast((version) => this.#known.get(version) !== undefined);
    const version = last ?? (this.#served.failure && this.#recorded.value?.at(-1)?.version);
    return typeof version === 'string' ? this.#known.get(version) : undefined;
  }

  find(version: string): Prompt | undefined {
    this.#served.look();
    return this.#known.get(version);
  }

  /**
   * @param isOther something else can be served: then only the very first load is waited for
   * @throws `prompt-unknown`, `prompt-source-failed`, `prompt-invalid`, `prompt-changed`
   */
  async waitForNewest(isOther: boolean): Promise<Prompt> {
    const waits = !isOther || this.#served.failure === undefined;
    if (waits) await this.#served.settled();
    const known = this.newest();
    if (known !== undefined) return known;
    // It was asked along with the source: what has failed meanwhile is not waited for again.
    const asks = waits && this.#recorded.failure === undefined;
    const recorded = asks ? await this.#recorded.settled() : this.#recorded.look();
    const last = recorded?.at(-1);
    if (last !== undefined) return this.waitFor(last.version, isOther);
    throw this.#served.failure ?? this.#unknown();
  }

  /**
   * @param isOther something else can be served: then only the first time is waited for
   * @throws as {@link PromptVersions.waitForNewest}
   */
  async waitFor(version: string, isOther = false): Promise<Prompt> {
    const wanted = this.#wanted.get(version) ?? this.#want(version);
    if (isOther && wanted.failure !== undefined) wanted.look();
    else await wanted.settled();
    const found = this.#known.get(version);
    if (found === undefined) throw this.#known.refusal(version) ?? wanted.failure ?? this.#unknown(version);
    this.#wanted.delete(version);
    return found;
  }

  /** A version, without the source: as it is known or the state has it; `undefined` where neither is. Never rejects. */
  async kept(version: string): Promise<Prompt | undefined> {
    return this.#known.get(version) ?? (await this.#fromState(version).catch(() => undefined));
  }

  /** Asks source and state now. @throws as {@link PromptVersions.waitForNewest} */
  async refresh(): Promise<void> {
    this.#wanted.clear();
    // Before the source, which waits for it. That it fails is reported where it is loaded.
    void this.#recorded.refresh().catch(() => {});
    await this.#served.refresh();
    await this.#recording;
  }

  /** For a version that is to bear a label: other processes can find it. @throws `state-unreachable` */
  async record(prompt: Prompt): Promise<void> {
    await this.#recording;
    await this.#known.record(prompt);
    const known = this.#known.get(prompt.version);
    if (known === undefined) throw this.#known.refusal(prompt.version) ?? this.#unknown(prompt.version);
    const served = this.#inState(this.#served.value ?? []);
    // One that was asked for by itself is older than what is served.
    const order = served.includes(known) ? served : [known, ...served];
    this.#around.stop.throwIfAborted();
    this.#recorded.set(await this.#around.stored.enlist(this.#name, order));
  }

  /** The state has lost its copies: they are made again with what the source serves next, which is asked for now. */
  recordAgain(): void {
    this.#known.forgetRecords([]);
    this.#recorded.set([]);
    // It is reported where it is loaded.
    this.#served.refresh().catch(() => {});
  }

  /** Those of the state and those of the source, the oldest first. @throws as {@link PromptVersions.waitForNewest} */
  async list(): Promise<readonly (Omit<RecordedVersion, 'at'> & Partial<RecordedVersion>)[]> {
    await this.#served.settled();
    await this.#recording;
    const recorded = (await this.#recorded.settled()) ?? [];
    const served = (this.#served.value ?? []).flatMap((version) => this.#known.get(version) ?? []);
    const listed = inOrder<Omit<RecordedVersion, 'at'> & Partial<RecordedVersion>>(
      recorded,
      served.map(({ version, hash }) => ({ version, hash })),
    );
    if (listed.length === 0) throw this.#served.failure ?? this.#unknown();
    return listed;
  }

  /** What is being written is written. */
  idle(): Promise<void> {
    return this.#recording;
  }

  async #load(signal: AbortSignal): Promise<readonly string[]> {
    const { source, reports } = this.#around;
    const recording = this.#recorded.settled();
    const { versions, problems = [] } = await this.#ask(signal);
    for (const problem of problems) reports.tell(problem, this.#context);
    const recorded = await recording;
    if (recorded !== undefined && !isFull(recorded)) this.#known.forgetRecords(recorded);
    signal.throwIfAborted();
    this.#known.forgetRefusals();
    const accepted = await this.#known.accept(versions, recorded);
    signal.throwIfAborted();
    if (accepted.length === 0) {
      // What the state has kept does not tell that the source has ever had it.
      if (versions.length === 0 && this.#served.value === undefined)
        throw (
          problems.find(({ details }) => details['prompt'] === this.#name) ?? (await this.#unknownIn(source))
        );
      throw this.#known.firstRefusal ?? this.#emptied();
    }
    this.#recording = this.#recording.then(() => this.#record(accepted));
    return accepted.map(({ version }) => version);
  }

  async #ask(signal: AbortSignal, version?: string): Promise<PromptsServed> {
    let given: unknown;
    try {
      given = await this.#around.source.load(this.#name, {
        signal,
        ...(version === undefined ? {} : { version }),
      });
    } catch (thrown) {
      throw ManagedLLMError.isInstance(thrown) ? thrown : this.#failed('failed', thrown);
    }
    const served = servedOf(given);
    if (served === undefined) throw this.#failed('gave no list of `versions`');
    return served;
  }

  async #record(versions: readonly Prompt[]): Promise<void> {
    const { stored, reports } = this.#around;
    const lasting = versions.filter(({ version }) => !isDraft(version));
    const listed = new Set(this.#recorded.value?.map(({ version }) => version));
    try {
      for (const prompt of lasting) await this.#known.record(prompt);
      if (lasting.some(({ version }) => !listed.has(version)))
        this.#recorded.set(
          await stored.enlist(this.#name, this.#inState(lasting.map(({ version }) => version))),
        );
    } catch (thrown) {
      reports.tell(thrown, `${this.#context}: keeping a copy of its versions`);
    }
  }

  /** Those of which the state has a copy, as they are known. */
  #inState(versions: readonly string[]): readonly Prompt[] {
    return versions
      .filter((version) => this.#known.isRecorded(version))
      .flatMap((version) => this.#known.get(version) ?? []);
  }

  /** As {@link KnownVersions.fromState}. A copy that is not what it was is told. */
  async #fromState(version: string): Promise<Prompt | undefined> {
    try {
      return await this.#known.fromState(version);
    } catch (thrown) {
      const isWrong = ManagedLLMError.isInstance(thrown) && thrown.code === 'state-incompatible';
      if (isWrong) this.#around.reports.tell(thrown, this.#context);
      throw thrown;
    }
  }

  #want(version: string): Refreshing<true> {
    const wanted = this.#refreshing((signal) => this.#fetch(version, signal), false);
    this.#wanted.set(version, wanted);
    const [oldest = ''] = this.#wanted.keys();
    if (this.#wanted.size > mostWanted) this.#wanted.delete(oldest);
    return wanted;
  }

  /** From wherever it comes first; else from the source, which is asked for this one. */
  async #fetch(version: string, signal: AbortSignal): Promise<true> {
    const served = this.#served.settled().then(() => this.#known.get(version) ?? Promise.reject(new Error()));
    const kept = this.#fromState(version).then((found) => found ?? Promise.reject(new Error()));
    const found = await Promise.any([served, kept]).catch(() => undefined);
    if (found !== undefined) return true;
    const { value, failure } = this.#served;
    if (value === undefined && failure !== undefined && !isUnknown(failure)) throw failure;
    const { versions } = await this.#ask(signal, version);
    signal.throwIfAborted();
    await this.#known.accept(versions, this.#recorded.value);
    if (this.#known.get(version) === undefined) throw this.#known.refusal(version) ?? this.#unknown(version);
    return true;
  }

  /** @param isTold that it could not be loaded; else whoever asks for it is told alone */
  #refreshing<T>(load: (signal: AbortSignal) => Promise<T>, isTold: boolean): Refreshing<T> {
    const { clock, freshMs, loadTimeoutMs, stop, reports } = this.#around;
    return new Refreshing({
      clock,
      freshMs,
      timeoutMs: loadTimeoutMs,
      stop,
      load,
      late: () => this.#failed(`did not answer within ${loadTimeoutMs} ms`),
      failed: (thrown) => {
        // That there is no such prompt hurts nobody else.
        if (isTold && !isUnknown(thrown)) reports.tell(thrown, this.#context);
      },
    });
  }

  get #context(): string {
    return `the registry of prompts, \`${this.#name}\``;
  }

  #failed(how: string, cause?: unknown): ManagedLLMError {
    return new ManagedLLMError({
      code: 'prompt-source-failed',
      message: `The source of prompt \`${this.#name}\` ${how}. What was known before is used; it is asked again by itself.`,
      details: { prompt: this.#name },
      cause,
    });
  }

  #emptied(): ManagedLLMError {
    return this.#failed('serves no version of it any more');
  }

  async #unknownIn(source: PromptSource): Promise<ManagedLLMError> {
    return this.#unknown(undefined, await namesOf(source).catch(() => undefined));
  }

  #unknown(version?: string, names?: readonly string[]): ManagedLLMError {
    const known = names ?? [
      ...this.#known.names(),
      ...(this.#recorded.value ?? []).map((one) => one.version),
    ];
    const list = [...new Set(known)].slice(-20).map((one) => `\`${one}\``);
    const what =
      version === undefined
        ? `no prompt \`${this.#name}\``
        : `no version \`${version}\` of prompt \`${this.#name}\``;
    return new ManagedLLMError({
      code: 'prompt-unknown',
      message: `There is ${what}${list.length === 0 ? '' : `. Known: ${list.join(', ')}`}.`,
      details: { prompt: this.#name, ...(version === undefined ? {} : { version }) },
    });
  }
}

function isUnknown(thrown: unknown): boolean {
  return ManagedLLMError.isInstance(thrown) && thrown.code === 'prompt-unknown';
}
