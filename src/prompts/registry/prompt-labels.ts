import { changeDocument } from '../../core/change-document.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { LabelBook, type WantedChange } from './label-book.ts';
import { Refreshing } from './refreshing.ts';
import { documentKey } from './stored-document.ts';
import type { Surroundings } from './surroundings.ts';

/** The labels of one prompt, as the state has them, new or not. */
export class PromptLabels {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #book: Refreshing<LabelBook>;

  constructor(name: string, around: Surroundings) {
    const { clock, labelsFreshMs, loadTimeoutMs, stop, reports } = around;
    this.#name = name;
    this.#around = around;
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

  /** At once; `undefined` before the state has ever answered. */
  look(): LabelBook | undefined {
    return this.#book.look();
  }

  /**
   * @param isOther something can be served without it: then only the very first answer is waited for
   * @throws `state-unreachable` where the state has never answered
   */
  async waitFor(isOther: boolean): Promise<LabelBook> {
    const known = this.#book.look();
    const waits = known === undefined && (!isOther || this.#book.failure === undefined);
    const book = waits ? await this.#book.settled() : known;
    if (book === undefined) throw this.#book.failure ?? this.#silent('has not answered');
    return book;
  }

  /** As the state has them now. @throws `state-unreachable` */
  async read(): Promise<LabelBook> {
    await this.#book.refresh();
    return this.waitFor(false);
  }

  /** @throws `state-unreachable`; `prompt-unknown` where there is nothing to go back to, or to take away */
  async change(wanted: WantedChange): Promise<LabelBook> {
    const { documents, clock } = this.#around;
    const text = await changeDocument(documents, documentKey('labels', this.#name), (before) => {
      const book = LabelBook.of(this.#name, before);
      const after = book.with(wanted, clock.now());
      return after === book ? undefined : after.toText();
    });
    const book = LabelBook.of(this.#name, text);
    this.#book.set(book);
    return book;
  }

  async #read(): Promise<LabelBook> {
    const found = await this.#around.documents.read(documentKey('labels', this.#name));
    return LabelBook.of(this.#name, found?.text);
  }

  #silent(how: string): ManagedLLMError {
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `The state ${how}, so that the labels of prompt \`${this.#name}\` are not known. It is asked again by itself.`,
      details: { prompt: this.#name },
    });
  }
}
