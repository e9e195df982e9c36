import type { CallError } from './call-error.ts';
import type { StreamEvent } from './stream-event.ts';
import type { Usage } from './usage.ts';

/** Something that was asked for, or answered, which the other format has no place for. */
export interface Loss {
  /**
   * Where it stood: the path in the neutral request or reply, ending in the format's own name of what was lost, e.g.
   * `logit_bias`, `messages.2.content.0.cache_control`, `tools.1.type`.
   */
  readonly path: string;
  /** What became of it, in one short sentence that holds nothing of the content. */
  readonly reason: string;
}

/** A value in another format, with what it could not hold. */
export interface Translated<T> {
  readonly value: T;
  readonly losses: readonly Loss[];
}

/** What an answer must say that the answering provider does not know. */
export interface Asked {
  /** The request in the format of the answer, as the caller made it: some formats repeat parts of it. */
  readonly body: unknown;
  /** Stands in for an id the answer does not bring: letters, digits and dashes. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/**
 * From the dialect a caller speaks to the one a target speaks, and back. Pure: no chain, no clock, no I/O. Takes
 * whatever it is given, never throws, never mutates.
 */
export interface Translation {
  /**
   * The caller's request as the target must get it.
   *
   * @param stream as it shall be sent
   */
  request(body: unknown, stream: boolean): Translated<unknown>;
  /** Whether a plain reply of the target's is an answer at all. */
  isAnswer(json: unknown): boolean;
  /** The target's plain reply as the caller must get it. */
  reply(json: unknown, asked: Asked): Translated<unknown>;
  /** A streamed reply's translator, for this one stream. */
  stream(asked: Asked): TranslatedStream;
}

/** One stream on its way from the target's dialect to the caller's. */
export interface TranslatedStream {
  /** The caller's events for one of the target's; often none or several. None after an error, which is the last. */
  push(event: StreamEvent): readonly StreamEvent[];
  /** After the last. A stream that was cut gets no regular end here: whoever reads it must notice. */
  end(): readonly StreamEvent[];
  /** What had no place in the caller's dialect, so far. */
  readonly losses: readonly Loss[];
  /** As the target told it: at the end, and until then what it told at the start. */
  readonly usage: Usage | undefined;
  /** What the target told in band in place of an end. */
  readonly failure: CallError | undefined;
  /** Why the answer ended, in neutral words; `undefined` until the target said it. */
  readonly stop: { readonly reason: string; readonly sequence?: string } | undefined;
}
