import { Anthropic } from '@anthropic-ai/sdk';
import {
  ManagedLLM,
  priceOf,
  type Interceptor,
  type ManagedLLMError,
  type ManagedLLMOptions,
  type Receipt,
  type Route,
  type Settlement,
} from 'managed-llm';
import {
  manualClock,
  standIn,
  type ManualClock,
  type StandIn,
  type StandInOptions,
} from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { expect } from 'vitest';

// Who listens to receipts is told what calls cost: what that takes is loaded here, before any test looks at its clock.
await priceOf('gpt-4o-mini');

/** The clients that tests use: both SDKs, and a second OpenAI account to fall back to. */
export interface TestProviders {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly backup: OpenAI;
  readonly [name: string]: OpenAI | Anthropic;
}

/** Any: tests are not about the names that types know. */
export type TestRoutes = Readonly<Record<string, string | Route>>;

export type TestLLM = ManagedLLM<TestProviders, TestRoutes>;

/** A `ManagedLLM` over the scripted provider, and everything it told. */
export interface Governed {
  readonly provider: StandIn;
  readonly clock: ManualClock;
  readonly llm: TestLLM;
  /** What `call:end` said, in order. */
  readonly receipts: Receipt[];
  /** What a listener at the outermost stage was told, in order. */
  readonly settlements: Settlement[];
  /** What `onError` was told, but for models that end: those that tests ask for may do so any day. */
  readonly errors: ManagedLLMError[];
  /** What it was told of those. */
  readonly retirements: ManagedLLMError[];
}

export type TestOptions = Partial<Omit<ManagedLLMOptions<TestProviders, TestRoutes>, 'providers' | 'clock'>>;

/** Options, or what makes them of the clock. */
export type OptionsOf = TestOptions | ((clock: ManualClock) => TestOptions);

/**
 * @param scripted options of the provider, beside its clock
 * @param beside another one, whose provider and time it has
 */
export function governed(
  given: OptionsOf = {},
  scripted: StandInOptions = {},
  beside?: Pick<Governed, 'provider' | 'clock'>,
): Governed {
  const clock = beside?.clock ?? manualClock(Date.UTC(2026, 10, 23));
  const options = typeof given === 'function' ? given(clock) : given;
  const provider = beside?.provider ?? standIn({ ...scripted, clock });
  const receipts: Receipt[] = [];
  const settlements: Settlement[] = [];
  const errors: ManagedLLMError[] = [];
  const retirements: ManagedLLMError[] = [];
  const books: Interceptor = {
    name: 'test-books',
    stage: 'observe',
    async intercept(call, next) {
      const reply = await next(call);
      reply.onSettled((settlement) => settlements.push(settlement));
      return reply;
    },
  };
  const providers: TestProviders = {
    openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
    anthropic: new Anthropic({ apiKey: 'test', fetch: provider.fetch }),
    backup: new OpenAI({ apiKey: 'other', fetch: provider.fetch, baseURL: 'https://backup.test/v1' }),
  };
  const llm = new ManagedLLM<TestProviders, TestRoutes>({
    random: () => 0,
    onError: (error) => void (error.code === 'model-retires' ? retirements : errors).push(error),
    ...options,
    providers,
    clock,
    interceptors: [books, ...(options.interceptors ?? [])],
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  return { provider, clock, llm, receipts, settlements, errors, retirements };
}

/** One receipt and one settlement each, both saying the same, and nothing left open. Gives back the receipts. */
export async function settledOnce(
  { llm, receipts, settlements, provider }: Governed,
  calls = 1,
): Promise<readonly Receipt[]> {
  await llm.idle();
  expect(receipts).toHaveLength(calls);
  expect(new Set(receipts.map((receipt) => receipt.callId)).size).toBe(calls);
  expect(settlements.map((settlement) => settlement.outcome)).toEqual(
    receipts.map((receipt) => receipt.outcome),
  );
  expect(provider.openStreams).toBe(0);
  return receipts;
}

/** The same for a single call, with its receipt and settlement. */
export async function theOnlyCall(
  world: Governed,
): Promise<{ readonly receipt: Receipt; readonly settlement: Settlement }> {
  const [receipt] = await settledOnce(world);
  const [settlement] = world.settlements;
  if (receipt === undefined || settlement === undefined) throw new Error('No call was seen.');
  return { receipt, settlement };
}

/** Options of one request that both SDKs have. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly maxRetries?: number;
  readonly headers?: Record<string, string>;
}

/** One of the two SDKs, as far as tests ask the same of both. */
export interface Sdk {
  readonly name: 'openai' | 'anthropic';
  readonly APIError: typeof OpenAI.APIError | typeof Anthropic.APIError;
  readonly APIUserAbortError: new () => Error;
  readonly APIConnectionError: new (init: { message?: string; cause?: Error }) => Error;
  readonly APIConnectionTimeoutError: new () => Error;
  readonly RateLimitError: abstract new (...args: never[]) => Error;
  readonly InternalServerError: abstract new (...args: never[]) => Error;
  create(clients: TestClients, options?: RequestOptions, model?: string): Promise<unknown>;
  stream(clients: TestClients, options?: RequestOptions, model?: string): Promise<AsyncIterable<unknown>>;
  /** The text of a plain reply. */
  text(reply: unknown): string;
}

export interface TestClients {
  readonly clients: Pick<TestProviders, 'openai' | 'anthropic'>;
}

const messages = [{ role: 'user' as const, content: 'hello' }];

export const openai: Sdk = {
  name: 'openai',
  APIError: OpenAI.APIError,
  APIUserAbortError: OpenAI.APIUserAbortError,
  APIConnectionError: OpenAI.APIConnectionError,
  APIConnectionTimeoutError: OpenAI.APIConnectionTimeoutError,
  RateLimitError: OpenAI.RateLimitError,
  InternalServerError: OpenAI.InternalServerError,
  create: ({ clients }, options = {}, model = 'gpt') =>
    clients.openai.chat.completions.create({ model, messages }, options),
  stream: ({ clients }, options = {}, model = 'gpt') =>
    clients.openai.chat.completions.create({ model, messages, stream: true }, options),
  text: (reply) => (reply as OpenAI.ChatCompletion).choices[0]?.message.content ?? '',
};

export const anthropic: Sdk = {
  name: 'anthropic',
  APIError: Anthropic.APIError,
  APIUserAbortError: Anthropic.APIUserAbortError,
  APIConnectionError: Anthropic.APIConnectionError,
  APIConnectionTimeoutError: Anthropic.APIConnectionTimeoutError,
  RateLimitError: Anthropic.RateLimitError,
  InternalServerError: Anthropic.InternalServerError,
  create: ({ clients }, options = {}, model = 'claude') =>
    clients.anthropic.messages.create({ model, max_tokens: 100, messages }, options),
  stream: ({ clients }, options = {}, model = 'claude') =>
    clients.anthropic.messages.create({ model, max_tokens: 100, messages, stream: true }, options),
  text: (reply) =>
    (reply as Anthropic.Message).content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
};

export const sdks: readonly Sdk[] = [openai, anthropic];

export async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** What the promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => error,
  );
}
