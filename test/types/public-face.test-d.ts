// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there.
import { Anthropic } from '@anthropic-ai/sdk';
import {
  costOf,
  fallback,
  foreign,
  manage,
  ManagedLLM,
  ManagedLLMError,
  priceOf,
  provider,
  type AttemptEnd,
  type BudgetAlert,
  type AttemptStart,
  type Call,
  type CallSettings,
  type CallStart,
  type ErrorCode,
  type Facts,
  type GovernedFetch,
  type Interceptor,
  type ModelPrice,
  type Receipt,
  type RouteFact,
  type Run,
  type StreamFirstEvent,
  type TrackedSettlement,
  type UsageCost,
} from 'managed-llm';
import { AzureOpenAI, OpenAI } from 'openai';
import { expectTypeOf } from 'vitest';

class OwnClient extends OpenAI {
  readonly own = 1;
}

const llm = new ManagedLLM({
  providers: {
    openai: new OpenAI(),
    azure: new AzureOpenAI(),
    anthropic: new Anthropic(),
    own: new OwnClient(),
    quirky: provider(new OpenAI(), { quirks: { includeUsage: false }, slashIds: true }),
    byo: (caller: CallSettings) => new Anthropic({ apiKey: caller.tenant ?? null }),
    declared: ({ tenant }: CallSettings) =>
      provider(new AzureOpenAI({ apiKey: tenant }), { quirks: 'ollama' }),
    google: foreign(),
  },
  routes: {
    smart: fallback('openai/gpt', 'anthropic/claude', 'quirky/meta/llama'),
    fast: 'azure/mini',
  },
});

// Clients keep their class.
expectTypeOf(llm.clients.openai).toEqualTypeOf<OpenAI>();
expectTypeOf(llm.clients.azure).toEqualTypeOf<AzureOpenAI>();
expectTypeOf(llm.clients.anthropic).toEqualTypeOf<Anthropic>();
expectTypeOf(llm.clients.own).toEqualTypeOf<OwnClient>();
expectTypeOf(llm.clients.quirky).toEqualTypeOf<OpenAI>();
expectTypeOf(llm.clients.byo).toEqualTypeOf<Anthropic>();
expectTypeOf(llm.clients.declared).toEqualTypeOf<AzureOpenAI>();
expectTypeOf(llm.with({ user: 'alice' }).clients).toEqualTypeOf(llm.clients);
expectTypeOf(llm.with({}).with({}).clients.azure).toEqualTypeOf<AzureOpenAI>();

// A label for other SDKs has no client, but a `fetch`.
// @ts-expect-error
void llm.clients.google;
expectTypeOf(llm.fetch('google')).toEqualTypeOf<GovernedFetch>();
expectTypeOf(llm.fetch('openai')).toExtend<typeof fetch>();

// @ts-expect-error a client that was not given
void llm.clients.opnai;
// @ts-expect-error a `fetch` of a name that was not given
llm.fetch('opnai');

// The SDK's own results, plain and streamed.
expectTypeOf(
  llm.clients.openai.chat.completions.create({ model: 'smart', messages: [] }),
).resolves.toExtend<OpenAI.ChatCompletion>();
expectTypeOf(
  llm.clients.openai.chat.completions.create({ model: 'smart', messages: [], stream: true }),
).resolves.toExtend<AsyncIterable<OpenAI.ChatCompletionChunk>>();

// `manage` keeps the type.
expectTypeOf(manage(new OpenAI())).toEqualTypeOf<OpenAI>();
expectTypeOf(manage(new OwnClient(), { unreadStreamMs: false })).toEqualTypeOf<OwnClient>();
expectTypeOf(manage(new Anthropic(), { interceptors: [] })).toEqualTypeOf<Anthropic>();
// @ts-expect-error a misspelt option
manage(new OpenAI(), { interceptor: [] });
// @ts-expect-error `manage` has its provider already
manage(new OpenAI(), { providers: {} });
// @ts-expect-error no client
manage({ chat: {} });

// Misspelt options and routes are compile errors.
const providers = { openai: new OpenAI(), anthropic: new Anthropic() };
// @ts-expect-error a misspelt option
void new ManagedLLM({ providers, interceptor: [] });
// @ts-expect-error a provider that there is not, in an alias
void new ManagedLLM({ providers, routes: { smart: 'opnai/gpt' } });
// @ts-expect-error a provider that there is not, in a rule
void new ManagedLLM({ providers, routes: { smart: fallback('openai/gpt', 'antropic/claude') } });
void new ManagedLLM({
  providers,
  routes: { smart: fallback('openai/gpt', 'anthropic/claude', { onUnsupported: 'refuse' }) },
});
// @ts-expect-error a provider that there is not, in a rule with options
void new ManagedLLM({ providers, routes: { smart: fallback('antropic/claude', { onUnsupported: 'drop' }) } });
// @ts-expect-error a misspelt option of a rule
fallback('openai/gpt', { onUnsupportd: 'refuse' });
// @ts-expect-error a target without a provider
void new ManagedLLM({ providers, routes: { smart: 'gpt' } });
// @ts-expect-error options of a provider
provider(new OpenAI(), { quirks: { includeUsages: false } });
// @ts-expect-error a provider that is no client
void new ManagedLLM({ providers: { openai: { chat: {} } } });
// @ts-expect-error no providers
void new ManagedLLM({});
void new ManagedLLM({ providers, routes: { smart: fallback('openai/gpt', 'anthropic/claude') } });

// Settings are known keys with their types; `undefined` is not a way to say nothing.
llm.with({ user: 'a', team: 'b', tenant: 'c', roles: ['d'], tags: { e: 'f' }, deadlineMs: 5 });
// @ts-expect-error a misspelt setting
llm.with({ usr: 'alice' });
// @ts-expect-error of the wrong type
llm.with({ deadlineMs: '5' });
llm.run({ maxCostUsd: 0.5 }, () => 0);

// `run` and `track` give back what the function gives.
expectTypeOf(llm.run({}, () => 5)).toEqualTypeOf<number>();
expectTypeOf(llm.run({}, async () => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(llm.track(async () => 5).result).toEqualTypeOf<Promise<number>>();
expectTypeOf(llm.track(() => 5).settled).toEqualTypeOf<Promise<TrackedSettlement>>();
expectTypeOf(llm.receipt(new Response())).toEqualTypeOf<Promise<Receipt>>();

// Listeners get exactly the payload of their hook.
llm.on('call:start', (payload) => expectTypeOf(payload).toEqualTypeOf<CallStart>());
llm.on('attempt:start', (payload) => expectTypeOf(payload).toEqualTypeOf<AttemptStart>());
llm.on('stream:first-event', (payload) => expectTypeOf(payload).toEqualTypeOf<StreamFirstEvent>());
llm.on('attempt:end', (payload) => expectTypeOf(payload).toEqualTypeOf<AttemptEnd>());
llm.on('call:end', (payload) => expectTypeOf(payload).toEqualTypeOf<Receipt>());
llm.on('budget:alert', (payload) => expectTypeOf(payload).toEqualTypeOf<BudgetAlert>());
expectTypeOf(llm.on('call:end', () => {})).toEqualTypeOf<() => void>();
// @ts-expect-error a hook that there is not
llm.on('call:stop', () => {});

// Interceptors: what they get is known, what they must give back too.
const own: Interceptor = {
  name: 'own',
  stage: 'shape',
  on: ['chat'],
  intercept(call, next) {
    expectTypeOf(call).toEqualTypeOf<Call>();
    // @ts-expect-error a call is never written to
    call.model = 'other';
    // @ts-expect-error the id cannot be changed
    void call.with({ id: 'other' });
    return next(call.with({ model: 'other' }));
  },
};
void own;
// @ts-expect-error an unknown stage
void ({ name: 'own', stage: 'shpae', intercept: (call, next) => next(call) } satisfies Interceptor);
// @ts-expect-error a Response is no reply
void ({ name: 'own', stage: 'shape', intercept: async () => new Response() } satisfies Interceptor);

// Facts are declared by those who note them.
declare module 'managed-llm' {
  interface Facts {
    readonly testExperiment: { readonly name: string; readonly arm: 'a' | 'b' };
  }
}
declare const run: Run;
declare const receipt: Receipt;
run.note('testExperiment', { name: 'tone', arm: 'a' });
expectTypeOf(receipt.facts.testExperiment).toEqualTypeOf<Facts['testExperiment'] | undefined>();
expectTypeOf(receipt.facts.route).toEqualTypeOf<RouteFact | undefined>();
// @ts-expect-error of the wrong type
run.note('testExperiment', { name: 'tone', arm: 'c' });
// @ts-expect-error a fact that nobody declared
run.note('testExperimant', 'x');

// Errors: codes are a closed union, the guard narrows.
declare const caught: unknown;
if (ManagedLLMError.isInstance(caught)) expectTypeOf(caught.code).toEqualTypeOf<ErrorCode>();
expectTypeOf(ManagedLLMError.from(caught)).toEqualTypeOf<ManagedLLMError | undefined>();
// @ts-expect-error a code that there is not
void new ManagedLLMError({ code: 'refuse', message: 'no' });

// What targets are and cost is said of providers that there are.
void new ManagedLLM({
  providers: { azure: new AzureOpenAI(), local: new OpenAI() },
  models: { 'azure/chat-prod': 'gpt-5.6-sol', 'local/*': { price: 0 } },
});
void new ManagedLLM({
  providers: { azure: new AzureOpenAI() },
  // @ts-expect-error `azur` is none.
  models: { 'azur/chat-prod': 'gpt-5.6-sol' },
});
expectTypeOf(priceOf('gpt-5-mini')).resolves.toEqualTypeOf<ModelPrice | undefined>();
expectTypeOf(costOf({ inputTokens: 1, outputTokens: 1 }, 'gpt-5-mini')).resolves.toEqualTypeOf<
  UsageCost | undefined
>();
