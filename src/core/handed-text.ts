import type { StreamLens } from './dialect.ts';
import { SseDecoder } from './sse.ts';

/** Kept as it came, undecoded: about 4,000 events of a chat. Beyond it, what is oldest is decoded, and its text kept. */
const keptBytes = 1_048_576;
/** What is decoded at once then. */
const blockBytes = 65_536;
/** Longer streams are no answers any more: nothing of them is kept. */
const longestBytes = 33_554_432;

/**
 * The generated text of what a stream has handed on, known only to who asks: chunks are kept as they are and read when the
 * stream has failed. Small until there is much of it, because every open stream has one.
 */
export class HandedText {
  /** The block that grows. */
  #chunks: Uint8Array[];
  #bytes: number;
  #earlier: EarlierText | undefined;
  #read: ReadText | undefined;

  constructor(first: Uint8Array) {
    this.#chunks = [first];
    this.#bytes = first.length;
  }

  push(chunk: Uint8Array, lens: StreamLens): void {
    if (this.#bytes >= blockBytes) {
      (this.#earlier ??= new EarlierText(lens)).push(this.#chunks, this.#bytes);
      this.#chunks = [];
      this.#bytes = 0;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /**
   * All the text so far, slot by slot in the order in which they began; `undefined` when there is too much of it. Asked
   * at the end: what is asked later is answered as the first time.
   *
   * @param rest chunks that are still on their way to the reader
   */
  text(rest: readonly Uint8Array[], lens: StreamLens): string | undefined {
    return this.#whole(rest, lens).text;
  }

  /**
   * UTF-8 bytes of everything that was generated, reasoning and the input of tools too; `Infinity` when there is too much
   * of it. Likewise.
   */
  textBytes(rest: readonly Uint8Array[], lens: StreamLens): number {
    return this.#whole(rest, lens).bytes;
  }

  #whole(rest: readonly Uint8Array[], lens: StreamLens): ReadText {
    return (this.#read ??= (this.#earlier ?? new EarlierText(lens)).readWith([...this.#chunks, ...rest]));
  }
}

interface ReadText {
  readonly text: string | undefined;
  readonly bytes: number;
}

/** Whole blocks: the latest as they came, of those before only the text. */
class EarlierText {
  readonly #blocks: (readonly Uint8Array[])[] = [];
  readonly #read: TextReader;
  #bytes = 0;

  constructor(lens: StreamLens) {
    this.#read = new TextReader(lens);
  }

  push(block: readonly Uint8Array[], bytes: number): void {
    if (this.#isTooLong) return;
    this.#bytes += bytes;
    this.#blocks.push(block);
    if (this.#isTooLong) this.#blocks.length = 0;
    else if (this.#blocks.length > keptBytes / blockBytes) this.#read.push(this.#blocks.shift() ?? []);
  }

  readWith(rest: readonly Uint8Array[]): ReadText {
    if (this.#isTooLong) return { text: undefined, bytes: Infinity };
    for (const block of this.#blocks.splice(0)) this.#read.push(block);
    this.#read.push(rest);
    const { text, bytes } = this.#read;
    return { text, bytes };
  }

  get #isTooLong(): boolean {
    return this.#bytes > longestBytes;
  }
}

class TextReader {
  /** UTF-8, of all kinds. */
  bytes = 0;
  readonly #lens: StreamLens;
  readonly #events = new SseDecoder();
  readonly #slots = new Map<string, string>();

  constructor(lens: StreamLens) {
    this.#lens = lens;
  }

  push(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      for (const event of this.#events.push(chunk)) {
        for (const { slot, text } of this.#lens.text(event)) {
          this.bytes += Buffer.byteLength(text);
          if (slot.kind === 'text') this.#slots.set(slot.id, (this.#slots.get(slot.id) ?? '') + text);
        }
      }
    }
  }

  get text(): string {
    return [...this.#slots.values()].join('');
  }
}
