import type { StreamLens } from './dialect.ts';
import { joined, withoutNullUsage } from './event-bytes.ts';
import type { Emit, StreamTransform } from './event-stream.ts';
import { StreamEvent } from './stream-event.ts';

type Stage =
  | { readonly observe: (event: StreamEvent) => void }
  | { readonly transform: StreamTransform; readonly emit: Emit };

const nothing: readonly StreamEvent[] = [];

/** What interceptors put round the events of one stream, in the order in which it was added: events in, bytes out. */
export class StreamStages {
  /** What was kept from the stages. */
  withheld: StreamEvent | undefined;
  readonly #stages: Stage[] = [];
  readonly #lens: StreamLens;
  readonly #hideUsage: boolean;
  readonly #report: (thrown: unknown) => void;
  #out: StreamEvent[] = [];
  #outChanged = false;

  /**
   * @param hideUsage keep from the reader what is there only because we asked for usage: an event, and a `null` in all
   *   others
   * @param report told what an observer threw
   */
  constructor(lens: StreamLens, hideUsage: boolean, report: (thrown: unknown) => void) {
    this.#lens = lens;
    this.#hideUsage = hideUsage;
    this.#report = report;
  }

  get isEmpty(): boolean {
    return this.#stages.length === 0;
  }

  /** Whether something may yet be sent after the last event. */
  get mayAdd(): boolean {
    return this.#stages.some((stage) => 'transform' in stage);
  }

  observe(on: (event: StreamEvent) => void): void {
    this.#stages.push({ observe: on });
  }

  transform(stage: StreamTransform): void {
    const position = this.#stages.length + 1;
    this.#stages.push({ transform: stage, emit: (event) => this.#run(event, position) });
  }

  /**
   * Runs events through the stages. Throws what a transform throws; what was emitted until then is still there to be
   * taken.
   */
  push(events: readonly StreamEvent[]): void {
    this.#out = [];
    this.#outChanged = false;
    for (const event of events) {
      if (this.#hideUsage && this.#lens.isOnlyUsage(event)) {
        this.withheld = event;
        this.#outChanged = true;
      } else this.#run(this.#hideUsage ? withoutUsageIn(event) : event, 0);
    }
  }

  /** The stream has ended: lets transforms emit what they held back. Throws what one throws. */
  end(): void {
    this.#out = [];
    for (const stage of this.#stages) if ('transform' in stage) stage.transform.end?.(stage.emit);
  }

  /**
   * What came out, as bytes; `undefined` when nothing did. Gives `chunk` itself where that holds exactly `events` and
   * they came out unchanged.
   */
  take(events: readonly StreamEvent[] = nothing, chunk?: Uint8Array): Uint8Array | undefined {
    const out = this.#out;
    this.#out = [];
    if (out.length === 0) return undefined;
    const unchanged =
      chunk !== undefined &&
      !this.#outChanged &&
      out.length === events.length &&
      out.every((event, index) => event === events[index]);
    return unchanged ? chunk : joined(out.map(({ bytes }) => bytes));
  }

  #run(event: StreamEvent, from: number): void {
    for (let index = from; index < this.#stages.length; index++) {
      const stage = this.#stages[index];
      if (stage === undefined) break;
      if ('transform' in stage) {
        stage.transform.event(event, stage.emit);
        return;
      }
      try {
        stage.observe(event);
      } catch (thrown) {
        this.#stages[index] = { observe: () => {} };
        this.#report(thrown);
      }
    }
    this.#out.push(event);
  }
}

function withoutUsageIn(event: StreamEvent): StreamEvent {
  const bytes = withoutNullUsage(event.bytes);
  return bytes === event.bytes ? event : new StreamEvent(bytes);
}
