import type { CallError } from './call-error.ts';

/** How a stream ended, told once to whoever keeps its books. */
export interface StreamEnd {
  readonly how: 'finished' | 'failed' | 'stopped';
  readonly error: CallError | undefined;
}

/** Who keeps the books of a stream. */
export interface StreamKeeper {
  firstBytes(): void;
  /** Its reader has stopped, and it is read on. */
  draining?(): void;
  ended(end: StreamEnd): void;
  /** The failure that the stream told in band, as it is to be known from here on. */
  told(error: CallError): CallError;
  /** Makes the failure for a stream that ended without its end, or whose stage threw. */
  failure(kind: 'cut' | 'bug' | 'connection', cause: unknown): CallError;
  /** The same failure, with what had reached the reader by then. */
  withPartial(error: CallError, text: string | undefined): CallError;
  report(thrown: unknown, context: string): void;
}
