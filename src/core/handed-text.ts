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
 * stream has failed.
 */
export class HandedText {
  readonly #lens: StreamLens;
  /** The last block is the one that grows. */
  #blocks: Uint8Array[][] = [[]];
  #lastBytes = 0;
  #bytes = 0;
  #read: TextReader | undefined;
  #isTooLong = false;

  constructor(lens: StreamLens) {
    this.#lens = lens;
  }

  push(chunk: Uint8Array): void {
    if (this.#isTooLong) return;
    this.#blocks.at(-1)?.push(chunk);
    this.#lastBytes += chunk.length;
    if (this.#lastBytes >= blockBytes) this.#closeBlock();
  }

  /** All the text so far, slot by slot in the order in which they began; `undefined` when there is too much of it. */
  text(rest: readonly Uint8Array[]): string | undefined {
    if (this.#isTooLong) return undefined;
    const reader = (this.#read ??= new TextReader(this.#lens));
    for (const block of this.#blocks) reader.read(block);
    this.#blocks = [[]];
    reader.read(rest);
    return reader.text;
  }

  #closeBlock(): void {
    this.#bytes += this.#lastBytes;
    this.#lastBytes = 0;
    this.#blocks.push([]);
    if (this.#bytes > longestBytes) {
      this.#isTooLong = true;
      this.#blocks = [];
      this.#read = undefined;
    } else if (this.#blocks.length > keptBytes / blockBytes) {
      (this.#read ??= new TextReader(this.#lens)).read(this.#blocks.shift() ?? []);
    }
  }
}

class TextReader {
  readonly #lens: StreamLens;
  readonly #events = new SseDecoder();
  readonly #slots = new Map<string, string>();

  constructor(lens: StreamLens) {
    this.#lens = lens;
  }

  read(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      for (const event of this.#events.push(chunk)) {
        for (const { slot, text } of this.#lens.text(event)) {
          if (slot.kind === 'text') this.#slots.set(slot.id, (this.#slots.get(slot.id) ?? '') + text);
        }
      }
    }
  }

  get text(): string {
    return [...this.#slots.values()].join('');
  }
}
