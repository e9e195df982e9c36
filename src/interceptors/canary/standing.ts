import { canaryListing } from '../../canaries/directory.ts';
import { after, begun, documentOf, textOf } from '../../canaries/document.ts';
import type { CanaryDocument, Decision, Tried } from '../../canaries/document.ts';
import type { Clock } from '../../core/clock.ts';
import { changeDocument } from '../../core/change-document.ts';
import type { Documents, VersionedText } from '../../core/documents.ts';
import type { Host } from '../../core/interceptor.ts';
import { isOlder } from '../../core/is-older.ts';
import { isPromise } from '../../core/is-promise.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { InUse } from '../../experiments/in-use.ts';
import type { Keyed } from '../../experiments/listing.ts';
import { nothing, Steps, untoldIn } from './steps.ts';

/** What is known is read anew behind the calls that go by it. */
const freshMs = 1_000;
/** Who comes first, or after a pause, waits for what has become of it, but not for a state that does not answer. */
const staleMs = 2_000;
const waitMs = 250;

/** What a canary is, and who is told of what becomes of it in the state. */
export interface StandingOptions {
  readonly key: string;
  readonly tried: Tried;
  /** Told what could not be done with the state. */
  lost(what: string, thrown: unknown): void;
  /** Told that the state has lost what it had: it knows nothing that it was told before. */
  gone(): void;
}

/** Where a canary stands, in all processes that share the state. */
export class Standing {
  readonly #documents: Documents;
  readonly #clock: Clock;
  readonly #options: StandingOptions;
  readonly #inUse: InUse<Keyed>;
  readonly #steps: Steps;
  #known: CanaryDocument | undefined;
  /** When the state last said so. */
  #knownAt = -Infinity;
  #askedAt = -Infinity;
  /** What is asked of the state is numbered, so that an old answer does not undo a newer one. */
  #asked = 0;
  #answered = 0;
  #reading: Promise<void> | undefined;
  #hasFailed = false;
  #isTaking = false;
  #isTelling = false;
  /** What is being written. */
  readonly #background = new Set<Promise<unknown>>();

  constructor(documents: Documents, host: Pick<Host, 'clock' | 'emit'>, options: StandingOptions) {
    this.#documents = documents;
    this.#clock = host.clock;
    this.#options = options;
    const { key, tried, lost } = options;
    this.#steps = new Steps(documents, key, (taken) =>
      host.emit('canary:change', { canary: tried.definition.name, ...taken }),
    );
    this.#inUse = new InUse(host.clock, canaryListing(documents), { key }, (thrown) =>
      lost('that it is there could not be kept, so that pages will not find it by themselves.', thrown),
    );
    this.#ask();
  }

  /** As known last, without asking. */
  get latest(): CanaryDocument | undefined {
    return this.#known;
  }

  /** As known last. `undefined`: the state has not answered yet. A promise only at first, and after a pause. */
  known(): CanaryDocument | undefined | Promise<CanaryDocument | undefined> {
    const now = this.#clock.now();
    if (isOlder(this.#askedAt, now, freshMs)) this.#ask();
    const isStale = this.#known === undefined || isOlder(this.#knownAt, now, staleMs);
    return isStale && this.#reading !== undefined && !this.#hasFailed
      ? this.#awaited(this.#reading)
      : this.#known;
  }

  /** As the state has it now. @throws `state-unreachable`; `state-incompatible` where it is none that can be understood */
  async read(): Promise<CanaryDocument> {
    const { key, tried } = this.#options;
    const asked = ++this.#asked;
    this.#took(asked, await this.#documents.read(key));
    await this.idle();
    return this.#known ?? begun(tried, this.#clock.now());
  }

  /**
   * Takes a step, and tells it, unless somebody else was quicker. Whoever takes one by hand has the last word.
   *
   * @param decide asked for each try
   * @param overwrites whether what cannot be understood is written anew: a newer version may have written it
   * @throws `state-unreachable`
   */
  async take(decide: (document: CanaryDocument) => Decision | undefined, overwrites = true): Promise<void> {
    const now = this.#clock.now();
    const text = await this.#steps.change((found) => {
      const held = found === undefined ? undefined : documentOf(found);
      if (found === undefined) this.#missed();
      if (found !== undefined && held === undefined && !overwrites) return nothing;
      const document = held ?? this.#known ?? begun(this.#options.tried, now);
      const decided = decide(document);
      if (decided === undefined) return { document: held === undefined ? document : undefined, steps: [] };
      const changed = after(document, decided, now);
      const own = changed.history.slice(-1).map((step) => ({ step, guards: decided.guards }));
      return {
        document: { ...changed, untold: undefined },
        steps: [...(held ? untoldIn(held) : []), ...own],
      };
    });
    this.#heard(++this.#asked, text);
  }

  /** The same, behind calls, unless it is about to take one: what throws is told, and nothing overwritten. */
  takeInBackground(decide: (document: CanaryDocument) => Decision | undefined): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    const taking = this.take(decide, false).finally(() => (this.#isTaking = false));
    this.#inBackground(taking, 'a step of it could not be kept; the next calls try again.');
  }

  /** Resolves when nothing is being asked or written. */
  async idle(): Promise<void> {
    await this.#reading;
    await Promise.all(this.#background);
    await this.#inUse.idle();
  }

  #ask(): void {
    if (this.#reading !== undefined) return;
    this.#askedAt = this.#clock.now();
    const asked = ++this.#asked;
    try {
      const found = this.#documents.read(this.#options.key);
      if (!isPromise(found)) return this.#took(asked, found);
      this.#reading = found
        .then((document) => this.#took(asked, document))
        .catch((thrown: unknown) => this.#failed(thrown))
        .finally(() => (this.#reading = undefined));
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): void {
    this.#hasFailed = true;
    this.#options.lost(
      'where it stands could not be read: calls go by what was known last, or are stable.',
      thrown,
    );
  }

  /** @throws `state-incompatible` */
  #took(asked: number, found: VersionedText | undefined): void {
    if (found === undefined && asked >= this.#answered) return this.#begin(asked);
    this.#heard(asked, found?.text);
    if (found === undefined || documentOf(found.text) !== undefined) return;
    throw new ManagedLLMError({
      code: 'state-incompatible',
      message: `What the state has under \`${this.#options.key}\` is no canary that this version understands. Promote or abort it by hand: that writes it anew.`,
    });
  }

  /**
   * All processes begin at the same step, whichever is the first to write so. Where the state has lost what it had, a process
   * that knows it writes it again: what was rolled back stays so.
   */
  #begin(asked: number): void {
    const { key, tried } = this.#options;
    this.#missed();
    // What was done from outside was told when it became known.
    const document = { ...(this.#known ?? begun(tried, this.#clock.now())), untold: undefined };
    this.#know(asked, document);
    const writing = changeDocument(this.#documents, key, (text) =>
      text === undefined ? textOf(document) : undefined,
    ).then((text) => this.#heard(asked, text));
    this.#inBackground(writing, 'its beginning could not be kept; the next calls try again.');
  }

  /** There is no document. */
  #missed(): void {
    if (this.#known === undefined) return;
    this.#options.gone();
    this.#inUse.forget();
  }

  #heard(asked: number, text: string | undefined): void {
    const document = text === undefined ? undefined : documentOf(text);
    if (document !== undefined && asked >= this.#answered) this.#know(asked, document);
  }

  #know(asked: number, document: CanaryDocument): void {
    this.#answered = asked;
    this.#hasFailed = false;
    this.#known = document;
    this.#knownAt = this.#clock.now();
    this.#inUse.note();
    this.#steps.tellUnsure(document);
    if (document.untold !== undefined) this.#tell();
  }

  /** Tells what was done outside, unless another process is quicker. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const telling = this.#steps
      .change((text) => {
        const document = text === undefined ? undefined : documentOf(text);
        if (document?.untold === undefined) return nothing;
        return { document: { ...document, untold: undefined }, steps: untoldIn(document) };
      })
      .then((text) => this.#heard(++this.#asked, text))
      .finally(() => (this.#isTelling = false));
    this.#inBackground(telling, 'what was done from outside could not be told; the next calls try again.');
  }

  async #awaited(reading: Promise<void>): Promise<CanaryDocument | undefined> {
    const clock = this.#clock;
    const { promise, resolve } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      // Nobody else waits for it until it answers.
      this.#hasFailed = true;
      resolve();
    };
    const timer = clock.setTimeout(giveUp, waitMs, true);
    await Promise.race([reading, promise]);
    clock.clearTimeout(timer);
    return this.#known;
  }

  #inBackground(work: Promise<unknown>, what: string): void {
    const done = work
      .catch((thrown: unknown) => this.#options.lost(what, thrown))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}
