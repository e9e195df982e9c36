import * as z from 'zod/mini';

import type { Clock } from '../core/clock.ts';
import { parseOptions } from '../core/parse-options.ts';
import type { ModelBooks, ModelPrice } from './books.ts';
import type { StandInRateLimit } from './rate-limit.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { Reply, RequestPredicate, RuleOptions } from './script.ts';
import { ScriptedProvider } from './scripted-provider.ts';
import type { StandInServer } from './server.ts';

/** Options of {@link standIn}. */
export interface StandInOptions {
  /** What all waits, timestamps and rate limits go by; default the machine's clock. */
  readonly clock?: Clock;
  /** What models cost, for {@link StandIn.books}; default: nothing. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
  /** Limits of the provider's own, answered with its 429; default: none. */
  readonly rateLimit?: StandInRateLimit;
  /** The models there are; others get the provider's 404. Default: any name is answered. */
  readonly models?: readonly string[];
  /** Whether Anthropic message threads are held, else refused as that API does; default `true`. */
  readonly threads?: boolean;
  /** How many of the newest requests are kept in {@link StandIn.requests}; default 10,000. */
  readonly keepRequests?: number;
}

/** A scripted provider that speaks OpenAI's and Anthropic's protocols, in the process or on a loopback port. */
export interface StandIn {
  /** The provider as a `fetch`, for the SDKs' option of that name. Never touches the network. */
  readonly fetch: typeof globalThis.fetch;
  /** The provider as an HTTP server on 127.0.0.1. `port` 0 (default) takes a free one. */
  listen(options?: { readonly port?: number }): Promise<StandInServer>;
  /** Queues replies, one for each of the next requests. */
  next(...replies: readonly Reply[]): StandIn;
  /** What requests get that nothing else is scripted for; `undefined` goes back to the default answer. */
  always(reply: Reply | undefined): StandIn;
  /** What matching requests get; goes before `next` and `always`. */
  when(predicate: RequestPredicate, reply: Reply, options?: RuleOptions): StandIn;
  /** Every request so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Streams begun and not yet ended. */
  readonly openStreams: number;
  /** Replies queued by `next` and not yet used. */
  readonly queued: number;
  /** What the provider charges, by model. */
  readonly books: Readonly<Record<string, ModelBooks>>;
  /** Forgets scripts, requests, books, conversations and files, and starts ids again. */
  reset(): void;
}

const price = z.number().check(z.nonnegative());
const limit = z.optional(z.number().check(z.positive()));
const standInOptionsSchema = z.strictObject({
  clock: z.optional(
    z.custom<Clock>((value) => typeof (value as Clock | undefined)?.setTimeout === 'function'),
  ),
  prices: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        inputUsdPerMTok: price,
        outputUsdPerMTok: price,
        cachedInputUsdPerMTok: z.optional(price),
        cacheWriteUsdPerMTok: z.optional(price),
      }),
    ),
  ),
  rateLimit: z.optional(
    z.strictObject({
      requestsPerMinute: limit,
      tokensPerMinute: limit,
      burstRequests: limit,
      burstTokens: limit,
      per: z.optional(z.enum(['provider', 'model'])),
    }),
  ),
  models: z.optional(z.array(z.string())),
  threads: z.optional(z.boolean()),
  keepRequests: z.optional(z.int().check(z.nonnegative())),
});

/**
 * A scripted provider, for tests and demonstrations without network, keys or cost.
 *
 * Unscripted it answers by rule: `You said: <last user text>`; a call of each offered tool whose name the last user
 * text mentions (or one, if the request insists on tools), and after its result `The tool said: <result>`; for
 * structured output the smallest JSON the schema allows. Tokens are words ({@link countTokens}), 85 for an image or
 * file, one more for a tool call's name. Output limits and stop sequences are kept to. Ids count up from 1.
 *
 * Per request, in this order: rate limits, the script, the answer. In `fetch` mode bodies are pulled, so the
 * provider stops when its reader does; aborts reject with the signal's own reason.
 *
 * ```ts
 * import OpenAI from 'openai';
 * import { standIn } from 'managed-llm/testing';
 *
 * const provider = standIn({ prices: { 'gpt-6-luna': { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } });
 * const client = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
 *
 * provider.next({ status: 429, headers: { 'retry-after': '0' } }, { text: 'Hello' });
 * const reply = await client.chat.completions.create({ model: 'gpt-6-luna', messages: [{ role: 'user', content: 'Hi' }] });
 * console.log(reply.choices[0]?.message.content, provider.requests.length, provider.books['gpt-6-luna']);
 * ```
 *
 * @throws ManagedLLMError `invalid-options`, here and from `next`, `always` and `when`.
 */
export function standIn(options: StandInOptions = {}): StandIn {
  parseOptions(standInOptionsSchema, options, 'standIn()');
  return new ScriptedProvider(options);
}
