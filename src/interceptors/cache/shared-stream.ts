import type { StreamLens } from '../../core/dialect.ts';
import type { ByteSource, EventStream, ReadResult } from '../../core/event-stream.ts';
import type { ToldAnswer } from '../../core/reply.ts';

/** Usage is told by the last event, and one or two may follow it. */
const lastChunks = 4;

const ended: ReadResult = Object.freeze({ done: true });

/** One that reads a shared stream. */
interface Reader {
  /** How many chunks it has had. */
  at: number;
}

/**
 * One stream for several readers, each from its beginning: whoever is ahead reads on, the others get what was kept. Beyond
 * `keptBytes` nothing more is kept for those who come later, and whoever is ahead waits for the others.
 */
export class SharedStream {
  readonly #events: EventStream;
  readonly #keptBytes: number;
  readonly #onDone: (whole: readonly Uint8Array[] | undefined) => void;
  readonly #readers = new Set<Reader>();
  #chunks: Uint8Array[] = [];
  /** How many chunks were let go of before those. */
  #gone = 0;
  #bytes = 0;
  #isDone = false;
  #failure: { readonly thrown: unknown } | undefined;
  #pulling: Promise<void> | undefined;
  #moved = Promise.withResolvers<void>();

  /** @param onDone told once: all chunks, where the stream has ended and all were kept */
  constructor(
    events: EventStream,
    keptBytes: number,
    onDone: (whole: readonly Uint8Array[] | undefined) => void,
  ) {
    this.#events = events;
    this.#keptBytes = keptBytes;
    this.#onDone = onDone;
  }

  /** Whether one more can still read all of it. */
  get isWhole(): boolean {
    return this.#gone === 0 && this.#bytes <= this.#keptBytes && this.#failure === undefined;
  }

  /** @param left told when it reads no more before the end */
  reader(left: () => void): ByteSource {
    const reader: Reader = { at: 0 };
    this.#readers.add(reader);
    return {
      read: () => this.#read(reader),
      cancel: () => {
        if (!this.#readers.delete(reader)) return;
        this.#move();
        left();
      },
    };
  }

  /** What its bytes tell of it so far, where they are all there. */
  told({ usage }: StreamLens): ToldAnswer | undefined {
    const [first] = this.#chunks;
    if (!this.isWhole || first === undefined) return undefined;
    const { withheld } = this.#events;
    const last = [...this.#chunks.slice(-lastChunks), ...(withheld === undefined ? [] : [withheld.bytes])];
    return { usage: usage(Buffer.from(first).toString(), Buffer.concat(last).toString()) };
  }

  /** Nobody reads it any more. One SDK does so when it has read the event that ends it: how it ended, its settlement says. */
  cancel(): void {
    if (this.#isDone) return;
    this.#events.cancel();
    this.#end(this.isWhole ? this.#chunks : undefined);
  }

  async #read(reader: Reader): Promise<ReadResult> {
    for (;;) {
      if (!this.#readers.has(reader)) return ended;
      const chunk = this.#chunks[reader.at - this.#gone];
      if (chunk !== undefined) {
        reader.at++;
        // Whoever gets bytes may write into them.
        const value = this.#isForOthers(reader.at) ? new Uint8Array(chunk) : chunk;
        this.#forget();
        return { done: false, value };
      }
      if (this.#failure !== undefined) throw this.#failure.thrown;
      if (this.#isDone) return ended;
      if (this.#mustWait(reader)) await this.#moved.promise;
      else await (this.#pulling ??= this.#pull());
    }
  }

  /** Whether the chunk before that is kept, or is still to be read by somebody else. */
  #isForOthers(at: number): boolean {
    return this.#bytes <= this.#keptBytes || [...this.#readers].some((reader) => reader.at < at);
  }

  /** Whether others have to read first, because no more is kept for them. */
  #mustWait(reader: Reader): boolean {
    if (this.#bytes <= this.#keptBytes) return false;
    return [...this.#readers].some((other) => other !== reader && other.at < reader.at);
  }

  async #pull(): Promise<void> {
    try {
      const result = await this.#events.read();
      if (result.done) this.#end(this.isWhole ? this.#chunks : undefined);
      else {
        this.#chunks.push(result.value);
        this.#bytes += result.value.length;
      }
    } catch (thrown) {
      this.#failure = { thrown };
      this.#end(undefined);
    } finally {
      this.#pulling = undefined;
      this.#move();
    }
  }

  #end(whole: readonly Uint8Array[] | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone(whole);
  }

  /** Lets go of what all have had, once nobody can come later. */
  #forget(): void {
    if (this.#bytes <= this.#keptBytes) return;
    const slowest = Math.min(...[...this.#readers].map(({ at }) => at));
    const done = slowest - this.#gone;
    if (done > 0) {
      this.#chunks.splice(0, done);
      this.#gone += done;
    }
    this.#move();
  }

  /** Whoever waits looks again. */
  #move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers<void>();
  }
}
