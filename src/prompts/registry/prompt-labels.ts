import { changeDocument } from '../../core/change-document.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { LabelBook, type WantedChange } from './label-book.ts';
import { Refreshing } from './refreshing.ts';
import { documentKey } from './stored-document.ts';
import type { Surroundings } from './surroundings.ts';

/** Labels that are this many times older than new ones are waited for, so that no version is used that was rolled back long ago. */
const oldTimes = 3;
/** How long at most. */
const oldWaitMs = 250;

/** The labels of one prompt, as the state has them, new or not. */
export class PromptLabels {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #book: Refreshing<LabelBook>;

  readonly #lost: () => void;

  /** @param lost told when the state has lost what was in it */
  constructor(name: string, around: Surroundings, lost: () => void) {
    const { clock, labelsFreshMs, loadTimeoutMs, stop, reports } = around;
    this.#name = name;
    this.#around = around;
    this.#lost = lost;
    this.#book = new Refreshing({
      clock,
      freshMs: labelsFreshMs,
      timeoutMs: loadTimeoutMs,
      stop,
      load: () => this.#read(),
      late: () => this.#silent(`did not answer within ${loadTimeoutMs} ms`),
      failed: (thrown) => reports.tell(thrown, `the labels of prompt \`${name}\``),
    });
  }

  /** At once; `undefined` before the state has ever answered, and where they are so old that they are to be waited for. */
  look(): LabelBook | undefined {
    return this.#isOld ? undefined : this.#book.look();
  }

  /**
   * @param isOther something can be served without it: then only the very first answer is waited for
   * @throws `state-unreachable` where the state has never answered
   */
  async waitFor(isOther: boolean): Promise<LabelBook> {
    const known = this.#isOld ? await this.#book.settledWithin(oldWaitMs) : this.#book.look();
    const waits = known === undefined && (!isOther || this.#book.failure === undefined);
    const book = waits ? await this.#book.settled() : known;
    if (book === undefined) throw this.#book.failure ?? this.#silent('has not answered');
    return book;
  }

  /** Whether any was ever set. */
  get areKnown(): boolean {
    return (this.#book.value?.history.length ?? 0) > 0;
  }

  /** Whether labels are set, as far as is known, and one is not. */
  hasOthersThan(label: string): boolean {
    const book = this.#book.value;
    return book !== undefined && book.labels.length > 0 && book.version(label) === undefined;
  }

  /** As the state has them now. @throws `state-unreachable` */
  async read(): Promise<LabelBook> {
    await this.#book.refresh();
    return this.waitFor(false);
  }

  /** @throws `state-unreachable`; `prompt-unknown` where there is nothing to go back to, or to take away */
  async change(wanted: WantedChange): Promise<LabelBook> {
    const { documents, clock, stop } = this.#around;
    let isEmptied = false;
    const text = await changeDocument(documents, documentKey('labels', this.#name), (before) => {
      stop.throwIfAborted();
      const book = before === undefined ? this.#known() : LabelBook.of(this.#name, before);
      isEmptied = before === undefined && book.history.length > 0;
      const after = book.with(wanted, clock.now());
      // What was lost is written again, also where nothing else is new.
      return after === book && !isEmptied ? undefined : after.toText();
    });
    const book = LabelBook.of(this.#name, text);
    this.#book.set(book);
    if (isEmptied) this.#hasLost();
    return book;
  }

  get #isOld(): boolean {
    return this.#book.isWorthAWait(oldTimes * this.#around.labelsFreshMs);
  }

  /** What was known before, where the state has lost it. */
  #known(): LabelBook {
    return this.#book.value ?? LabelBook.of(this.#name, undefined);
  }

  async #read(): Promise<LabelBook> {
    const { documents, stop } = this.#around;
    const key = documentKey('labels', this.#name);
    const found = await documents.read(key);
    const known = this.#known();
    if (found !== undefined || known.history.length === 0) return LabelBook.of(this.#name, found?.text);
    // Labels that are taken away leave their history: this store was emptied. Who is first puts back what it knows.
    stop.throwIfAborted();
    const written = await documents.write(key, known.toText(), undefined);
    this.#hasLost();
    return written.ok ? known : LabelBook.of(this.#name, written.found?.text);
  }

  #hasLost(): void {
    const error = new ManagedLLMError({
      code: 'state-not-durable',
      message: `The state has lost the labels of prompt \`${this.#name}\`. They were put back as this process knew them. Let it keep its data.`,
      details: { prompt: this.#name },
    });
    this.#around.reports.tell(error, `the labels of prompt \`${this.#name}\``);
    this.#lost();
  }

  #silent(how: string): ManagedLLMError {
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `The state ${how}, so that the labels of prompt \`${this.#name}\` are not known. It is asked again by itself.`,
      details: { prompt: this.#name },
    });
  }
}
