// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there.
import { Anthropic } from '@anthropic-ai/sdk';
import {
  balance,
  fallback,
  hedge,
  ManagedLLM,
  pick,
  pool,
  provider,
  when,
  type CallEstimate,
  type Explanation,
  type ManagedLLMOptions,
  type Route,
  type RoutesOf,
  type TargetEstimate,
} from 'managed-llm';
import { AzureOpenAI, OpenAI } from 'openai';
import { expectTypeOf } from 'vitest';

const providers = { openai: new OpenAI(), anthropic: new Anthropic() };

// Rules know what they name, however deep.
expectTypeOf(
  fallback(
    'openai/a',
    balance([
      'fast',
      when([{ if: { stream: true }, use: 'anthropic/b' }], hedge('openai/c', 'd', { afterMs: 5 })),
    ]),
  ),
).toEqualTypeOf<Route<'openai/a' | 'fast' | 'anthropic/b' | 'openai/c' | 'd'>>();
expectTypeOf(
  fallback('openai/a', {
    on: { timeout: 'openai/b', overloaded: 'stop', auth: fallback('openai/c'), server: 'next' },
  }),
).toEqualTypeOf<Route<'openai/a' | 'openai/b' | 'openai/c'>>();

// Targets, names of other routes, and rules of both.
const llm = new ManagedLLM({
  providers,
  routes: {
    smart: fallback('openai/gpt', 'fast', { on: { 'context-overflow': 'anthropic/claude' } }),
    fast: balance(
      ['openai/mini', when([{ if: { promptTokensBelow: 2_000 }, use: 'tiny' }], 'anthropic/haiku')],
      { weights: [3, 1] },
    ),
    tiny: hedge('openai/nano', fallback('anthropic/haiku'), { after: 'p95' }),
    alias: 'smart',
  },
});
expectTypeOf(
  llm.explain({ model: 'smart', messages: 'Hi' }, { user: 'alice' }),
).resolves.toEqualTypeOf<Explanation>();
void llm.with({}).explain({ provider: 'openai', dialect: 'openai-responses', model: 'smart', input: 'Hi' });
// @ts-expect-error a dialect that there is not
void llm.explain({ dialect: 'openai', model: 'smart' });
// @ts-expect-error a provider that there is not
void llm.explain({ provider: 'opnai', model: 'smart' });

expectTypeOf(
  llm.estimate({ model: 'smart', messages: 'Hi' }, { user: 'alice' }),
).resolves.toEqualTypeOf<CallEstimate>();
expectTypeOf<CallEstimate['dearest']>().toEqualTypeOf<TargetEstimate>();
expectTypeOf<CallEstimate['costBoundUsd']>().toEqualTypeOf<number | undefined>();
void llm.with({}).estimate({ provider: 'openai', dialect: 'openai-responses', model: 'smart', input: 'Hi' });
// @ts-expect-error a dialect that there is not
void llm.estimate({ dialect: 'openai', model: 'smart' });
// @ts-expect-error a provider that there is not
void llm.estimate({ provider: 'opnai', model: 'smart' });
// @ts-expect-error no model
void llm.estimate({ messages: 'Hi' });
void new ManagedLLM({
  providers,
  tokenizer: { count: (text, { provider }) => (provider === 'x' ? text.length : undefined) },
});
// @ts-expect-error what a tokenizer answers comes at once
void new ManagedLLM({ providers, tokenizer: { count: async (text) => text.length } });

// A misspelt provider, in each rule and at each depth.
declare function check<const R extends RoutesOf<typeof providers, Extract<keyof R, string>>>(routes: R): void;
check({ smart: fallback('openai/gpt', balance(['anthropic/claude', 'fast'])), fast: 'openai/mini' });
// @ts-expect-error where it is used
void new ManagedLLM({ providers, routes: { smart: fallback('openai/gpt', 'antropic/claude') } });
// @ts-expect-error in a fallback
check({ smart: fallback('openai/gpt', 'antropic/claude') });
// @ts-expect-error in a balance
check({ smart: balance(['openai/gpt', 'antropic/claude']) });
// @ts-expect-error in a rule of a when
check({ smart: when([{ if: {}, use: 'antropic/claude' }], 'openai/gpt') });
// @ts-expect-error in what a when uses otherwise
check({ smart: when([{ if: {}, use: 'openai/gpt' }], 'antropic/claude') });
// @ts-expect-error in a hedge
check({ smart: hedge('openai/gpt', 'antropic/claude', { afterMs: 5 }) });
// @ts-expect-error in what follows a kind of failure
check({ smart: fallback('openai/gpt', { on: { timeout: 'antropic/claude' } }) });
const deep = balance([fallback('openai/a', hedge('openai/b', 'antropic/c', { afterMs: 5 }))]);
// @ts-expect-error three deep
check({ smart: fallback('openai/gpt', deep) });

// A misspelt name of another route.
// @ts-expect-error in an alias
check({ smart: 'fats', fast: 'openai/mini' });
// @ts-expect-error in a rule
check({ smart: fallback('openai/gpt', 'fats'), fast: 'openai/mini' });

// Misspelt options and conditions.
// @ts-expect-error an option of `fallback`
fallback('openai/gpt', { onUnsupportd: 'drop' });
// @ts-expect-error an option of `fallback`, beside one that is right
fallback('openai/gpt', { onUnsupported: 'drop', onn: {} });
// @ts-expect-error a kind of failure
fallback('openai/gpt', { on: { overflow: 'stop' } });
// @ts-expect-error an abort is never followed
fallback('openai/gpt', { on: { aborted: 'next' } });
// @ts-expect-error an option of `balance`
balance(['openai/gpt'], { stickyby: 'user' });
// @ts-expect-error a way to spread
balance(['openai/gpt'], { by: 'luck' });
// @ts-expect-error a condition
when([{ if: { promptTokenBelow: 5 }, use: 'openai/gpt' }], 'openai/gpt');
// @ts-expect-error `otherwise` is missing
when([{ if: { stream: true }, use: 'openai/gpt' }]);
// @ts-expect-error an option of `hedge`
hedge('openai/a', 'openai/b', { afterMS: 5 });
// @ts-expect-error no rule, no target
void new ManagedLLM({ providers, routes: { smart: { choices: ['openai/gpt'] } } });

// A rule of one's own is like any other.
const own: Route<'openai/a' | 'fast'> = {
  kind: 'own',
  choices: ['openai/a', 'fast'],
  order: (_call, choices) => choices,
};
void new ManagedLLM({ providers, routes: { smart: fallback(own, 'anthropic/b'), fast: 'openai/b' } });
// @ts-expect-error with its names checked
check({ smart: fallback(own, 'anthropic/b') });

// Pools keep their class; their members are targets.
const pooled = {
  openai: pool(new OpenAI({ apiKey: 'a' }), provider(new OpenAI({ apiKey: 'b' }), { slashIds: true })),
  azure: pool(...['a', 'b'].map((apiKey) => new AzureOpenAI({ apiKey }))),
  anthropic: new Anthropic(),
};
const keys = new ManagedLLM({
  providers: pooled,
  routes: { smart: fallback('openai/gpt', 'openai#2/gpt', 'azure#1/gpt') },
});
expectTypeOf(keys.clients.openai).toEqualTypeOf<OpenAI>();
expectTypeOf(keys.clients.azure).toEqualTypeOf<AzureOpenAI>();
// @ts-expect-error a member of what is no pool
void new ManagedLLM({ providers: pooled, routes: { smart: 'anthropic#1/claude' } });
// @ts-expect-error clients of two SDKs
pool(new OpenAI(), new Anthropic());

// Options that are declared before they are used.
declare const options: ManagedLLMOptions<
  typeof providers,
  { readonly smart: Route<'openai/a' | 'fast'>; readonly fast: 'openai/b' }
>;
void new ManagedLLM(options);
const routes = { smart: fallback('openai/a') } satisfies RoutesOf<typeof providers>;
void new ManagedLLM({ providers, routes });

// `pick` knows what it picks from; without, it names nothing.
expectTypeOf(pick({ from: ['openai/a', fallback('fast')], requires: ['vision'] })).toEqualTypeOf<
  Route<'openai/a' | 'fast'>
>();
expectTypeOf(pick({ prefer: 'cost' })).toEqualTypeOf<Route<never>>();
void new ManagedLLM({
  providers,
  routes: {
    any: pick({ requires: ['tools'] }),
    some: pick({ from: ['openai/a', 'any'], prefer: 'latency' }),
  },
  models: {
    'openai/a': { pin: 'a-2026-01-01', capabilities: { vision: true }, region: 'eu', retiresAt: false },
  },
});
// @ts-expect-error no such provider
void new ManagedLLM({ providers, routes: { some: pick({ from: ['opnai/a'] }) } });
// @ts-expect-error no such capability
pick({ requires: ['sight'] });
// @ts-expect-error no such capability
void new ManagedLLM({ providers, models: { 'openai/a': { capabilities: { sight: true } } } });
