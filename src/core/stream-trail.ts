import type { StreamLens } from './dialect.ts';
import { endsEvent, holdsEventEnd, joined } from './event-bytes.ts';
import { SseDecoder } from './sse.ts';
import type { StreamEvent } from './stream-event.ts';
import type { Usage } from './usage.ts';

const headLimitBytes = 16_384;
const tailBytes = 2_048;
/** `\r\n\r\n` */
const longestEnd = 4;
const nothing = new Uint8Array();
const decoder = new TextDecoder();

/**
 * The beginning and the end of a byte stream, kept without copying: enough to find usage and the regular end when the
 * stream is over. The tail holds at least the last two kilobytes and at least the whole last event.
 */
export class StreamTrail {
  readonly #lens: StreamLens;
  readonly #head: Uint8Array[] = [];
  #headBytes = 0;
  #headComplete = false;
  #older: Uint8Array[] = [];
  #newer: Uint8Array[] = [];
  #newerBytes = 0;
  /** Whether an event ends in `#newer`, so that the one after it begins there. */
  #newerHasEnd = false;
  /** The last bytes, at least four where there were so many. */
  #ending: Uint8Array = nothing;
  /** Whether an event has just ended, or nothing has come yet. */
  endsEvent = true;

  constructor(lens: StreamLens) {
    this.#lens = lens;
  }

  usage(): Usage | undefined {
    return this.#lens.usage(this.head(), this.tail());
  }

  /** The model that the first event names: by itself, or in the message or response it begins. */
  model(read: (json: unknown) => string | undefined): string | undefined {
    for (const event of new SseDecoder().push(new TextEncoder().encode(`${this.head()}\n\n`))) {
      const json = event.json as { readonly message?: unknown; readonly response?: unknown } | undefined;
      const found = read(json) ?? read(json?.message) ?? read(json?.response);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether it has told that the model has stopped: its usage is then all that there will be. */
  get hasStopped(): boolean {
    const tail = this.tail();
    return this.#lens.stopReason(tail) !== undefined || this.#lens.isTerminal(tail);
  }

  /** Whether an event has come before any that tells of a failure. */
  get hasBegun(): boolean {
    const [first] = new SseDecoder().push(new TextEncoder().encode(`${this.head()}\n\n`));
    return first !== undefined && this.#lens.error(first) === undefined;
  }

  stopReason(): string | undefined {
    return this.#lens.stopReason(this.tail());
  }

  push(chunk: Uint8Array): void {
    const before = this.#ending;
    this.#ending = chunk.length >= longestEnd ? chunk : joined([before.subarray(1 - longestEnd), chunk]);
    this.endsEvent = endsEvent(this.#ending);
    if (!this.#headComplete) {
      this.#head.push(chunk);
      this.#headBytes += chunk.length;
      this.#headComplete = this.endsEvent || this.#headBytes >= headLimitBytes;
    }
    if (this.#newerBytes >= tailBytes && this.#newerHasEnd) {
      this.#older = this.#newer;
      this.#newer = [];
      this.#newerBytes = 0;
      this.#newerHasEnd = false;
    }
    this.#newer.push(chunk);
    this.#newerBytes += chunk.length;
    this.#newerHasEnd ||=
      this.endsEvent ||
      holdsEventEnd(chunk) ||
      holdsEventEnd(joined([before.subarray(-1), chunk.subarray(0, 1)]));
  }

  head(): string {
    return text(this.#head);
  }

  tail(): string {
    return text([...this.#older, ...this.#newer]);
  }

  /** The events of the tail; the first of them may lack its beginning. */
  lastEvents(): readonly StreamEvent[] {
    const events = new SseDecoder();
    const found = [...this.#older, ...this.#newer].flatMap((chunk) => events.push(chunk));
    const rest = events.end();
    return rest === undefined ? found : [...found, rest];
  }
}

function text(chunks: readonly Uint8Array[]): string {
  return decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
}
