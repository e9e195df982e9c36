import type { CallError } from '../../core/call-error.ts';
import type { Usage } from '../../core/usage.ts';
import type { Extras } from './extras.ts';
import type { Citation, ForeignPart } from './message.ts';
import type { Stop } from './reply.ts';

/**
 * One item of a streamed answer. Legal order: one `start`; then for each part, numbered from 0 by first appearance, its
 * beginning (the first event that names it), its deltas and its end (`part-end`, for tool calls `tool-call`); one
 * `finish`. Parts may overlap. An `error` may stand anywhere and is the last.
 */
export type NeutralEvent =
  | StartEvent
  | TextDelta
  | CitationEvent
  | ToolCallStart
  | ToolCallDelta
  | ToolCallEvent
  | ForeignEvent
  | PartEnd
  | FinishEvent
  | ErrorEvent;

export interface StartEvent {
  readonly type: 'start';
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** What is known of it at the start: Anthropic states the input here. */
  readonly usage: Usage | undefined;
}

/** More text of a part. The first one, which may be empty, begins it. */
export interface TextDelta {
  readonly type: 'text-delta' | 'reasoning-delta' | 'refusal-delta';
  readonly part: number;
  readonly text: string;
}

/** The part's text so far, or what follows, rests on this. */
export interface CitationEvent {
  readonly type: 'citation';
  readonly part: number;
  readonly citation: Citation;
}

/** Begins a tool call. */
export interface ToolCallStart {
  readonly type: 'tool-call-start';
  readonly part: number;
  readonly id: string;
  readonly name: string;
}

/** A fragment of the JSON text of its arguments. */
export interface ToolCallDelta {
  readonly type: 'tool-call-delta';
  readonly part: number;
  readonly text: string;
}

/** Ends a tool call: the whole of it. */
export interface ToolCallEvent {
  readonly type: 'tool-call';
  readonly part: number;
  readonly id: string;
  readonly name: string;
  /** Parsed JSON; the text itself where what the model wrote is no JSON. */
  readonly arguments: unknown;
  readonly extras?: Extras;
}

/** A part that only one format has, whole. Begins and ends it. */
export interface ForeignEvent {
  readonly type: 'foreign';
  readonly part: number;
  readonly value: ForeignPart;
}

/** Ends a part of text, reasoning or refusal. */
export interface PartEnd {
  readonly type: 'part-end';
  readonly part: number;
  readonly extras?: Extras;
}

export interface FinishEvent {
  readonly type: 'finish';
  readonly stop: Stop;
  readonly usage: Usage | undefined;
  readonly extras?: Extras;
}

/**
 * The provider reports a failure in band. Decoders fill it with what their dialect's `stream.error` reads, encoders
 * write it with their dialect's `errors.event`.
 */
export interface ErrorEvent {
  readonly type: 'error';
  /** As JSON without its `cause` and `managed`, which are for this process alone. */
  readonly error: CallError;
}
