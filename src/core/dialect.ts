import type { CallError } from './call-error.ts';
import type { RequestMeasure } from './estimates.ts';
import type { HeldTurns } from './held-turns.ts';
import type { ItemsLens } from './items-lens.ts';
import type { ParametersLens } from './parameters-lens.ts';
import type { PromptCacheLens } from './prompt-cache-lens.ts';
import type { StreamEvent } from './stream-event.ts';
import type { Usage } from './usage.ts';

/** What kind of work a call asks for. `passthrough` has no dialect: limits and hooks apply, bodies are not read. */
export type Operation = (typeof operations)[number];

/** See {@link Operation}. */
export const operations = ['chat', 'embed', 'passthrough'] as const;

export type DialectId =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'anthropic-messages'
  | 'neutral'
  | 'passthrough';

/** A stretch of generated text that grows over the events of a stream. */
export interface TextSlot {
  /** Unique within its stream, e.g. `choice 0 content`, `block 2`. */
  readonly id: string;
  /** `tool-arguments` are fragments of JSON text: what is put back must still be JSON when joined. */
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'tool-arguments';
}

/** A piece of text carried by one event. */
export interface TextPiece {
  readonly slot: TextSlot;
  readonly text: string;
}

/** Visits every text and returns what shall stand in its place; the same string leaves it as it is. */
export type TextMap = (text: string, role: string) => string;

/**
 * One wire protocol, as lenses over its native JSON. Lenses are pure functions: no chain, no clock, no I/O. They
 * accept whatever a provider or an application sends: what they do not understand they leave alone, and they never
 * throw. They never mutate what they are given; "with" lenses copy along the path they change.
 */
export interface Dialect {
  readonly id: DialectId;
  readonly operation: Operation;
  /** Path below the client's base URL, for sending through `client.post`. */
  readonly path: string;
  readonly request: RequestLens;
  /** Absent where a request asks for one thing only. */
  readonly items?: ItemsLens;
  readonly reply: ReplyLens;
  readonly stream: StreamLens;
  readonly errors: ErrorLens;
  /** Loaded when first asked for: only caches and translations need it. */
  codec(): Promise<StreamCodec>;
  /** Loaded likewise. Absent where providers of this format keep no prompts. */
  promptCache?(): Promise<PromptCacheLens>;
  /** Loaded likewise. Absent where nothing is asked for that has parameters. */
  parameters?(): Promise<ParametersLens>;
}

export interface RequestLens {
  isStream(body: unknown): boolean;
  /** `''` when the body names none. */
  model(body: unknown): string;
  withModel(body: unknown, model: string): unknown;
  withStream(body: unknown, stream: boolean): unknown;
  /** System prompts, turns, tool descriptions are left out; texts of turns and system prompts are visited. The same object comes back when nothing changed. */
  mapTexts(body: unknown, map: TextMap): unknown;
  /** The body with one more system-level instruction, first in order of authority. */
  withInstruction(body: unknown, text: string): unknown;
  maxOutputTokens(body: unknown): number | undefined;
  withMaxOutputTokens(body: unknown, tokens: number): unknown;
  /** What the request is made of, as far as it can be told before it is sent. Walks the body once. */
  measure(body: unknown): RequestMeasure;
  /** Canonical text of everything that shapes the answer, or `undefined` when the request must never be cached. */
  fingerprint(body: unknown): string | undefined;
  /**
   * The serialized request with the wish for usage in the stream, or `undefined` when the body asks already or the
   * dialect reports usage anyway. Splices into the text the SDK has made: nothing is stringified a second time
   * unless the body has options of its own in that place.
   */
  askForUsage(body: unknown, serialized: string): string | undefined;
  /**
   * What of the conversation the body leaves to the provider that holds it, so that a target that speaks another
   * dialect cannot be asked. Absent where requests always contain all of it.
   */
  held?(body: unknown, target: DialectId): HeldTurns | undefined;
  /** What the user has asked last; `undefined` where the last turn is not the user's, or has no words. Absent where there are no turns. */
  question?(body: unknown): LastQuestion | undefined;
}

/** What a user has asked last. */
export interface LastQuestion {
  /** All words of the turn, its parts line by line. */
  readonly text: string;
  /** The request without these words: all that else shapes the answer. */
  readonly frame: unknown;
}

/**
 * How an answer ended, as far as it says whether it may be given again: `whole`; whole, and the model `calls` tools;
 * `partial`: broken off, paused, still being written, in a way that is not known; `refused`: by the model or a filter.
 */
export type AnswerEnding = 'whole' | 'calls' | 'partial' | 'refused';

export interface ReplyLens {
  /** `partial` for what is no answer. */
  ending(json: unknown): AnswerEnding;
  usage(json: unknown): Usage | undefined;
  /** The same from the body's text, without parsing all of it where that is safe. */
  usageOfText(text: string): Usage | undefined;
  stopReason(json: unknown): string | undefined;
  /** The model the provider says answered. */
  model(json: unknown): string | undefined;
  mapTexts(json: unknown, map: TextMap): unknown;
  /** The vectors of an answer that holds such as numbers, in the order of the texts. Absent where answers are no embeddings. */
  vectors?(json: unknown): readonly (readonly number[])[];
  /** The failure told in an answer's place, under a good status; `undefined` for an answer, also for one that was cut short. */
  failure(json: unknown): CallError | undefined;
  /** Whether the body's text may hold such a failure, without parsing it: `false` is certain. */
  mayFail(text: string): boolean;
}

export interface StreamLens {
  /** The failure that this event reports in band. */
  error(event: StreamEvent): CallError | undefined;
  /** Whether the event carries something of the answer itself: starts, pings and role deltas do not. */
  isContent(event: StreamEvent): boolean;
  text(event: StreamEvent): readonly TextPiece[];
  withText(event: StreamEvent, slotId: string, text: string): StreamEvent;
  /**
   * Slots that get no more text after (or by) this event, by their own id or by that of what holds them: ids are
   * hierarchical, with a space between their parts, so `choice 0` closes `choice 0 content` and `choice 0 tool 1`.
   */
  closes(event: StreamEvent): readonly string[];
  /** An event that adds `text` to the slot, to be sent before `closing`, which ends it. */
  delta(closing: StreamEvent, slotId: string, text: string): StreamEvent;
  /** Where the event repeats whole texts of slots (Responses do at every level), puts the given ones there. */
  restate(event: StreamEvent, textOf: (slot: TextSlot, text: string) => string | undefined): StreamEvent;
  /** Whether the stream's last kilobytes, cut anywhere at the front, contain its regular end. */
  isTerminal(tail: string): boolean;
  /** Usage from the first event and the last kilobytes (at least the whole last event). */
  usage(head: string, tail: string): Usage | undefined;
  stopReason(tail: string): string | undefined;
  /** The event that exists only because we asked for usage, to be kept from the caller. */
  isOnlyUsage(event: StreamEvent): boolean;
}

/** Between a streamed reply and a plain one. */
export interface StreamCodec {
  /** The plain reply that these events add up to. */
  collect(events: readonly StreamEvent[]): unknown;
  /** Legal events that add up to the plain reply. */
  explode(json: unknown): readonly StreamEvent[];
}

export interface ErrorLens {
  /** An error body in the provider's own shape. Kept short: one SDK puts all of it into the message. */
  body(error: CallError): unknown;
  /** The same as an event in a stream that has begun. */
  event(error: CallError): StreamEvent;
}
