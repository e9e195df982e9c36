import * as z from 'zod/mini';

import { parseOptions } from '../core/parse-options.ts';
import type { StopReason } from './answer.ts';
import type { StandInError } from './provider-error.ts';
import type { ReceivedRequest } from './received-request.ts';

/** A tool call in a scripted answer. */
export interface ScriptedToolCall {
  readonly name: string;
  /** An object, or JSON text sent as it is (also when it is broken). */
  readonly arguments: unknown;
  readonly id?: string;
}

/** Token counts a scripted answer reports, instead of the word rule. `inputTokens` includes both cached counts. */
export interface ScriptedUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
}

/** A failure reported inside a stream that began well. */
export interface InBandError extends StandInError {
  /** How many regular events come first; 0 makes the error the first frame. */
  readonly afterEvents: number;
  /** The status whose usual type and code are used where none is given; default 529. */
  readonly status?: number;
}

/**
 * What the stand-in does with one request. Everything is optional and combines; what is left out is as by default.
 * The same script serves every protocol, plain or streamed, as the request asks.
 */
export interface ScriptedReply {
  /** The answer's text. An array is streamed in exactly these pieces. */
  readonly text?: string | readonly string[];
  /** The answer as JSON text; on paths that generate nothing, the whole body. */
  readonly json?: unknown;
  readonly toolCalls?: readonly ScriptedToolCall[];
  readonly refusal?: string;
  /** Thinking before the answer. */
  readonly reasoning?: string;
  readonly stopReason?: StopReason;
  /** The model the reply names; default the one asked for. */
  readonly model?: string;
  /** What is reported (and billed); `'none'` reports nothing and bills by the word rule. */
  readonly usage?: ScriptedUsage | 'none';
  /** 400 and above answer with an error in the provider's own shape. */
  readonly status?: number;
  readonly error?: StandInError;
  /** Added to the reply's headers, or in place of them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The events of the stream as data, instead of the answer's own; `'[DONE]'` and other strings are sent as they are. */
  readonly events?: readonly unknown[];
  /** The body as it is: text, bytes, or JSON. A stream of one piece unless `chunking` cuts it. */
  readonly body?: string | Uint8Array | object;
  /** Wait before the reply begins. */
  readonly latencyMs?: number;
  /** Wait between the headers and the first event. */
  readonly firstEventDelayMs?: number;
  readonly betweenEventsMs?: number;
  /** The connection breaks after so many events (0: after the headers). */
  readonly cutAfterEvents?: number;
  /** The connection breaks after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** The stream ends as if complete, but without the events that say so. */
  readonly endWithoutTerminal?: boolean;
  readonly inBandError?: InBandError;
  /** Never answers; ends only when the client gives up. As a `fetch` it keeps no process alive, and nor do time limits. */
  readonly hang?: boolean;
  /** The connection breaks before any answer. */
  readonly connectionError?: boolean;
  /** How the body's bytes are cut: an event each (default), pieces of n bytes, or random ones by `seed`. */
  readonly chunking?: 'event' | 'random' | number;
  /** For `chunking: 'random'`; default 1. */
  readonly seed?: number;
}

/** A reply, or a function that makes one from the request. */
export type Reply = ScriptedReply | ((request: ReceivedRequest) => ScriptedReply);

/** Which requests a rule is for: all members that are given must be equal. */
export interface RequestMatch {
  readonly model?: string;
  /** A path's end, e.g. `/chat/completions`. */
  readonly path?: string;
  readonly method?: string;
  readonly stream?: boolean;
}

/** Which requests a rule is for. */
export type RequestPredicate = RequestMatch | ((request: ReceivedRequest) => boolean);

/** How often a rule applies. */
export interface RuleOptions {
  /** Default: for ever. */
  readonly times?: number;
}

const count = z.int().check(z.nonnegative());
const amount = z.number().check(z.nonnegative());
const errorShape = {
  message: z.optional(z.string()),
  type: z.optional(z.string()),
  code: z.optional(z.string()),
  param: z.optional(z.string()),
  details: z.optional(z.unknown()),
};

const scriptedReplySchema = z.strictObject({
  text: z.optional(z.union([z.string(), z.array(z.string())])),
  json: z.optional(z.unknown()),
  toolCalls: z.optional(
    z.array(z.strictObject({ name: z.string(), arguments: z.unknown(), id: z.optional(z.string()) })),
  ),
  refusal: z.optional(z.string()),
  reasoning: z.optional(z.string()),
  stopReason: z.optional(
    z.enum(['stop', 'length', 'tool-calls', 'stop-sequence', 'content-filter', 'refusal']),
  ),
  model: z.optional(z.string()),
  usage: z.optional(
    z.union([
      z.literal('none'),
      z.strictObject({
        inputTokens: z.optional(count),
        outputTokens: z.optional(count),
        cachedInputTokens: z.optional(count),
        cacheWriteTokens: z.optional(count),
        reasoningTokens: z.optional(count),
      }),
    ]),
  ),
  status: z.optional(z.int().check(z.minimum(200), z.maximum(599))),
  error: z.optional(z.strictObject(errorShape)),
  headers: z.optional(z.record(z.string(), z.string())),
  events: z.optional(z.array(z.unknown())),
  body: z.optional(z.unknown()),
  latencyMs: z.optional(amount),
  firstEventDelayMs: z.optional(amount),
  betweenEventsMs: z.optional(amount),
  cutAfterEvents: z.optional(count),
  cutAfterBytes: z.optional(count),
  endWithoutTerminal: z.optional(z.boolean()),
  inBandError: z.optional(z.strictObject({ ...errorShape, afterEvents: count, status: z.optional(count) })),
  hang: z.optional(z.boolean()),
  connectionError: z.optional(z.boolean()),
  chunking: z.optional(z.union([z.literal('event'), z.literal('random'), z.int().check(z.positive())])),
  seed: z.optional(z.number()),
});

const requestMatchSchema = z.strictObject({
  model: z.optional(z.string()),
  path: z.optional(z.string()),
  method: z.optional(z.string()),
  stream: z.optional(z.boolean()),
});

const ruleOptionsSchema = z.strictObject({ times: z.optional(count) });

interface Rule {
  readonly matches: (request: ReceivedRequest) => boolean;
  readonly reply: Reply;
  left: number;
}

/** What has been scripted and not yet used up. */
export class Script {
  readonly #queue: Reply[] = [];
  readonly #rules: Rule[] = [];
  #always: Reply | undefined;

  next(replies: readonly Reply[]): void {
    replies.forEach((reply, index) => checkReply(`next()[${index}]`, reply));
    this.#queue.push(...replies);
  }

  always(reply: Reply | undefined): void {
    if (reply !== undefined) checkReply('always()', reply);
    this.#always = reply;
  }

  when(predicate: RequestPredicate, reply: Reply, options: RuleOptions): void {
    checkReply('when()', reply);
    parseOptions(ruleOptionsSchema, options, 'when()');
    this.#rules.push({ matches: matcherOf(predicate), reply, left: options.times ?? Infinity });
  }

  clear(): void {
    this.#queue.length = 0;
    this.#rules.length = 0;
    this.#always = undefined;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** The first rule that matches, else the oldest queued reply, else `always`, else nothing special. */
  take(request: ReceivedRequest): ScriptedReply {
    const rule = this.#rules.find((candidate) => candidate.left > 0 && candidate.matches(request));
    if (rule !== undefined) rule.left -= 1;
    const reply = rule?.reply ?? this.#queue.shift() ?? this.#always;
    if (typeof reply !== 'function') return reply ?? {};
    const made = reply(request);
    checkReply('a scripted reply function', made);
    return made;
  }
}

function matcherOf(predicate: RequestPredicate): (request: ReceivedRequest) => boolean {
  if (typeof predicate === 'function') return predicate;
  parseOptions(requestMatchSchema, predicate, 'when()');
  return (request) =>
    (predicate.model === undefined || predicate.model === request.model) &&
    (predicate.path === undefined || request.path.endsWith(predicate.path)) &&
    (predicate.method === undefined || predicate.method.toUpperCase() === request.method) &&
    (predicate.stream === undefined || predicate.stream === request.stream);
}

function checkReply(path: string, reply: Reply): void {
  if (typeof reply === 'function') return;
  parseOptions(scriptedReplySchema, reply, path);
}
