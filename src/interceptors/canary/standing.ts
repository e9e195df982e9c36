import type { CanaryDefinition } from '../../canaries/definition.ts';
import { canaryListing } from '../../canaries/directory.ts';
import { after, begun, documentOf, textOf } from '../../canaries/document.ts';
import type { CanaryDocument, Decision } from '../../canaries/document.ts';
import { changeDocument } from '../../core/change-document.ts';
import type { Documents, VersionedText } from '../../core/documents.ts';
import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';

/** What is known is read anew behind the calls that go by it. */
const freshMs = 1_000;
/** Who comes after a pause waits for what has become of it meanwhile, but not for a state that does not answer. */
const staleMs = 2_000;
const waitMs = 250;

/** Where a canary stands, in all processes that share the state. */
export class Standing {
  readonly #documents: Documents;
  readonly #host: Pick<Host, 'clock' | 'emit'>;
  readonly #key: string;
  readonly #definition: CanaryDefinition;
  readonly #lost: (what: string, thrown: unknown) => void;
  #known: CanaryDocument | undefined;
  /** When the state last said so. */
  #knownAt = -Infinity;
  #askedAt = -Infinity;
  #reading: Promise<void> | undefined;
  #hasFailed = false;
  #isTaking = false;
  /** What is being written. */
  readonly #background = new Set<Promise<unknown>>();

  /** @param lost told when the state could not be asked */
  constructor(
    documents: Documents,
    host: Pick<Host, 'clock' | 'emit'>,
    key: string,
    definition: CanaryDefinition,
    lost: (what: string, thrown: unknown) => void,
  ) {
    this.#documents = documents;
    this.#host = host;
    this.#key = key;
    this.#definition = definition;
    this.#lost = lost;
    this.#ask();
  }

  /** As known last, without asking. */
  get latest(): CanaryDocument | undefined {
    return this.#known;
  }

  /** As known last. `undefined`: the state has not answered yet. A promise only after a pause. */
  known(): CanaryDocument | undefined | Promise<CanaryDocument | undefined> {
    const now = this.#host.clock.now();
    if (now - this.#askedAt >= freshMs) this.#ask();
    const isStale = this.#known !== undefined && now - this.#knownAt >= staleMs;
    return isStale && this.#reading !== undefined && !this.#hasFailed
      ? this.#awaited(this.#reading)
      : this.#known;
  }

  /** As the state has it now. @throws `state-unreachable` */
  async read(): Promise<CanaryDocument> {
    this.#took(await this.#documents.read(this.#key));
    await this.idle();
    return this.#known ?? begun(this.#definition, this.#host.clock.now());
  }

  /**
   * Takes a step, and tells it, unless somebody else was quicker. Whoever takes one by hand has the last word.
   *
   * @param decide asked for each try
   * @throws `state-unreachable`
   */
  async take(decide: (document: CanaryDocument) => Decision | undefined): Promise<void> {
    const now = this.#host.clock.now();
    let decided: Decision | undefined;
    let changed: CanaryDocument | undefined;
    const text = await changeDocument(this.#documents, this.#key, (found) => {
      const document = found === undefined ? begun(this.#definition, now) : documentOf(found);
      decided = decide(document);
      changed = decided && after(document, decided, now);
      return changed && textOf(changed);
    });
    if (text !== undefined) this.#know(documentOf(text));
    const step = changed?.history.at(-1);
    if (decided === undefined || step === undefined) return;
    this.#host.emit('canary:change', { canary: this.#definition.name, ...step, guards: decided.guards });
  }

  /** The same, behind calls, unless it is about to take one: what throws is told. */
  takeInBackground(decide: (document: CanaryDocument) => Decision | undefined): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    const taking = this.take(decide).finally(() => (this.#isTaking = false));
    this.#inBackground(taking, 'a step of it could not be kept; the next calls try again.');
  }

  /** Resolves when nothing is being asked or written. */
  async idle(): Promise<void> {
    await this.#reading;
    await Promise.all(this.#background);
  }

  #ask(): void {
    if (this.#reading !== undefined) return;
    this.#askedAt = this.#host.clock.now();
    try {
      const found = this.#documents.read(this.#key);
      if (!isPromise(found)) return this.#took(found);
      this.#reading = found
        .then((document) => this.#took(document))
        .catch((thrown: unknown) => this.#failed(thrown))
        .finally(() => (this.#reading = undefined));
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): void {
    this.#hasFailed = true;
    this.#lost('where it stands could not be read: calls go by what was known last, or are stable.', thrown);
  }

  #took(found: VersionedText | undefined): void {
    if (found === undefined) return this.#begin();
    this.#know(documentOf(found.text));
  }

  /**
   * All processes begin at the same step, whichever is the first to write so. Where the state has lost what it had, a process
   * that knows it writes it again: what was rolled back stays so.
   */
  #begin(): void {
    const document = this.#known ?? begun(this.#definition, this.#host.clock.now());
    this.#know(document);
    const writing = changeDocument(this.#documents, this.#key, (text) =>
      text === undefined ? textOf(document) : undefined,
    ).then(async (text) => {
      if (text !== undefined) this.#know(documentOf(text));
      await canaryListing(this.#documents).add({ key: this.#key }, this.#host.clock.now());
    });
    this.#inBackground(writing, 'its beginning could not be kept; the next calls try again.');
  }

  #know(document: CanaryDocument): void {
    this.#hasFailed = false;
    this.#known = document;
    this.#knownAt = this.#host.clock.now();
  }

  async #awaited(reading: Promise<void>): Promise<CanaryDocument | undefined> {
    const { clock } = this.#host;
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
      .catch((thrown: unknown) => this.#lost(what, thrown))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}
