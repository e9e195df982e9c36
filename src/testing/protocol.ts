import type { Answer, ReportedUsage } from './answer.ts';
import type { JsonObject } from './json.ts';
import type { Prompt } from './prompt.ts';
import type { ProviderFamily, StandInError } from './provider-error.ts';
import type { WireEvent } from './wire-event.ts';

/** One answer on its way out. */
export interface Turn {
  readonly prompt: Prompt;
  readonly answer: Answer;
  /** `undefined` when the reply must not report usage. */
  readonly usage: ReportedUsage | undefined;
  readonly request: JsonObject;
  /** Model named in the reply. */
  readonly model: string;
  /** The reply's own id. */
  readonly id: string;
  /** Ids of what is inside the reply. */
  readonly nextId: (prefix: string) => string;
  readonly nowMs: number;
}

/** How one wire protocol is spoken. The stand-in shares no code with `src/dialects`: two ideas of a protocol check each other. */
export interface Protocol {
  readonly family: ProviderFamily;
  readonly streamType: string;
  /** What the ids of replies begin with. */
  readonly idPrefix: string;
  read(body: JsonObject, model: string | undefined): Prompt;
  plain(turn: Turn): JsonObject;
  /** Lazily: what is not asked for is not made. */
  events(turn: Turn): Generator<WireEvent, void, undefined>;
  /** The failure as the stream's event number `sequence`. */
  inBandError(error: StandInError, status: number, sequence: number): WireEvent;
  /** An event given by a script, as data. */
  scripted(data: unknown): WireEvent;
  frame(event: WireEvent): Uint8Array<ArrayBuffer>;
}
