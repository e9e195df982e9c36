import type { StreamLens } from './dialect.ts';
import type { ReadResult } from './event-stream.ts';
import { HandedText } from './handed-text.ts';

const nothing = new Uint8Array();
const ended: ReadResult = Object.freeze({ done: true, value: undefined });

/** The reader's side of a stream: what waits for the reader, what has reached it, and what it gets in place of an end. */
export class Outlet {
  readonly #lens: StreamLens;
  readonly #queue: Uint8Array[] = [];
  #handed: HandedText | undefined;
  /** What a reader gets instead of an end, where an end would look clean. */
  #readError: { readonly thrown: unknown } | undefined;

  constructor(lens: StreamLens) {
    this.#lens = lens;
  }

  /** Whether nothing waits for the reader, and no error. */
  get isEmpty(): boolean {
    return this.#queue.length === 0 && this.#readError === undefined;
  }

  add(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.#queue.push(bytes);
  }

  /** What waits is no longer wanted. */
  clear(): void {
    this.#queue.length = 0;
  }

  /** In place of an end, the reader gets a rejection. */
  rejectAtEnd(thrown: unknown): void {
    this.#readError = { thrown };
  }

  /** What has waited the longest goes to the reader; `undefined`: nothing waits. */
  next(): ReadResult | undefined {
    const ready = this.#queue.shift();
    return ready === undefined ? undefined : this.hand(ready);
  }

  /** What goes to the reader without having waited. */
  hand(value: Uint8Array): ReadResult {
    this.noteHanded(value);
    return { done: false, value };
  }

  noteHanded(chunk: Uint8Array): void {
    if (this.#handed === undefined) this.#handed = new HandedText(chunk);
    else this.#handed.push(chunk, this.#lens);
  }

  /** What a reader gets when nothing more comes: what still waits, then the end, or what stands in its place. */
  afterEnd(): Promise<ReadResult> {
    const ready = this.next();
    if (ready !== undefined) return Promise.resolve(ready);
    return this.#readError === undefined ? Promise.resolve(ended) : Promise.reject(this.#readError.thrown);
  }

  /** The generated text that has reached the reader, or would have next; `undefined` when there is too much. For the end. */
  text(): string | undefined {
    return (this.#handed ?? new HandedText(nothing)).text(this.#queue, this.#lens);
  }

  /** UTF-8 bytes of all that was generated of it. For the end. */
  receivedBytes(): number {
    return this.#handed?.textBytes(this.#queue, this.#lens) ?? 0;
  }
}
