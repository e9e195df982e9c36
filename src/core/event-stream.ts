import type { TextMapper } from './mapped-text.ts';
import type { StreamEvent } from './stream-event.ts';

/** Where bytes come from: a native reader, a cache, another stream's buffer. */
export interface ByteSource {
  read(): Promise<ReadResult>;
  /** Stops it; a read that is pending then ends, as that of a native reader does. */
  cancel(reason?: unknown): unknown;
}

export type ReadResult =
  | { readonly done: false; readonly value: Uint8Array }
  | { readonly done: true; readonly value?: undefined };

/** Hands an event to the next stage, or at last to the reader. */
export type Emit = (event: StreamEvent) => void;

/** A stage that may change, drop or add events. Called synchronously, in order. */
export interface StreamTransform {
  event(event: StreamEvent, emit: Emit): void;
  /** The stream has ended; last chance to emit. */
  end?(emit: Emit): void;
}

/**
 * The events of a streamed reply, seen by everybody through one pump. Stages run in the order they were added, so those
 * of inner interceptors run first. Nothing is read until the application reads, nothing is decoded unless a stage asks.
 */
export interface EventStream {
  /** Sees every event. Its JSON is parsed only if touched. A throw is reported and ends the observation, not the stream. */
  observe(on: (event: StreamEvent) => void): void;
  /** Changes events. The same object emitted again goes out as the bytes it came in. A throw fails the stream. */
  transform(stage: StreamTransform): void;
  /** Changes generated text, slot by slot; a mapper may hold text back, it is flushed before its slot closes. */
  mapText(make: TextMapper): void;
  /** The next event, left in place: what was peeked is still read by everyone else. */
  first(): Promise<StreamEvent | undefined>;
  /** The next bytes, for whoever the stream was handed to. After the first read no stage can be added. */
  read(): Promise<ReadResult>;
  /** Stops the provider and settles. Does nothing when the stream has ended. */
  cancel(reason?: unknown): void;
  /** Whether reading has begun. */
  readonly started: boolean;
  /**
   * What the provider has sent and no stage sees: the event of usage that only we have asked for. Known when the stream was
   * read to its end.
   */
  readonly withheld: StreamEvent | undefined;
}
