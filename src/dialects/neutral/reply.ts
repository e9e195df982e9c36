import type { Usage } from '../../core/usage.ts';
import type { Extras } from './extras.ts';
import type { AssistantPart } from './message.ts';

/** A whole answer, in no provider's words. */
export interface NeutralReply {
  /** The provider's id of it. */
  readonly id: string | undefined;
  /** The model the provider says answered. */
  readonly model: string | undefined;
  readonly content: readonly AssistantPart[];
  readonly stop: Stop;
  readonly usage: Usage | undefined;
  readonly extras?: Extras;
}

/** Why the answer ended. */
export interface Stop {
  readonly reason: StopReason;
  /** Which of the request's stop sequences, where the provider says it. */
  readonly sequence?: string;
}

/**
 * `stop`: the model was done · `stop-sequence` · `length`: the output limit · `context`: the context window is full ·
 * `tool-calls` · `content-filter`: the provider cut it · `refusal`: the model would not · `pause`: the provider wants to
 * be asked again to go on · `other`: a word we do not know.
 */
export type StopReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'context'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'other';
