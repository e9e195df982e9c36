// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there.
import {
  budget,
  ManagedLLM,
  type Budget,
  type BudgetAlert,
  type BudgetedCall,
  type BudgetStatus,
  type CallSettings,
  type Interceptor,
  type LostSpend,
  type SpendFact,
} from 'managed-llm';
import { OpenAI } from 'openai';
import { expectTypeOf } from 'vitest';

const spend = budget({ name: 'daily', limitUsd: 1, window: 'day' });
expectTypeOf(spend).toEqualTypeOf<Budget>();
expectTypeOf(spend).toExtend<Interceptor>();

// All that options can be.
budget({ name: 'a', limitTokens: 1_000, window: 'total' });
budget({
  name: 'a',
  limitUsd: { by: { alice: 5 }, default: 1 },
  per: 'user',
  window: 'month',
  timeZone: 'Europe/Berlin',
});
budget({
  name: 'a',
  limitUsd: ({ roles }) => (roles === undefined ? 1 : undefined),
  window: { rollingMs: 60_000 },
});
budget({ name: 'a', limitUsd: 1, window: 'week', per: ['tenant', { tag: 'feature' }], onMissing: 'skip' });
budget({ name: 'a', limitUsd: 1, window: 'hour', onExceed: { downgrade: 'openai/small' }, alertAt: [0.5] });
budget({
  name: 'a',
  limitUsd: 1,
  window: 'manual',
  reserve: 'expected',
  onStateFailure: 'allow',
  outputLimit: 1_000,
  maxWaitMs: 0,
  passthroughUsd: { 'images.generate': 0.2 },
  onUnknownPrice: { inputUsdPerMTok: 1, outputUsdPerMTok: 2 },
  covers: {
    providers: ['openai'],
    models: ['openai/gpt'],
    operations: ['chat', 'embed'],
    tags: { env: 'prod' },
  },
  per: (caller, call) => {
    expectTypeOf(caller).toEqualTypeOf<CallSettings>();
    expectTypeOf(call).toEqualTypeOf<BudgetedCall>();
    return call.route ?? caller.user;
  },
});

// @ts-expect-error no name
budget({ limitUsd: 1, window: 'day' });
// @ts-expect-error no window
budget({ name: 'a', limitUsd: 1 });
// @ts-expect-error limitUSD
budget({ name: 'a', limitUSD: 1, window: 'day' });
// @ts-expect-error a limit is a number
budget({ name: 'a', limitUsd: '1', window: 'day' });
// @ts-expect-error no such window
budget({ name: 'a', limitUsd: 1, window: 'year' });
// @ts-expect-error no such part
budget({ name: 'a', limitUsd: 1, window: 'day', per: 'users' });
// @ts-expect-error wait is no answer to too little
budget({ name: 'a', limitUsd: 1, window: 'day', onExceed: 'wait' });
// @ts-expect-error downgrades lead somewhere
budget({ name: 'a', limitUsd: 1, window: 'day', onExceed: { downgrade: 1 } });
// @ts-expect-error a function that gives a promise would be asked in vain
budget({ name: 'a', limitUsd: async () => 1, window: 'day' });
// @ts-expect-error no such operation
budget({ name: 'a', limitUsd: 1, window: 'day', covers: { operations: ['chats'] } });
// @ts-expect-error provider is said in the plural
budget({ name: 'a', limitUsd: 1, window: 'day', covers: { provider: 'openai' } });

// Its books.
expectTypeOf(
  spend.status({ user: 'alice', tenant: 'acme', model: 'openai/gpt' }),
).resolves.toEqualTypeOf<BudgetStatus>();
expectTypeOf(spend.list()).resolves.toEqualTypeOf<readonly BudgetStatus[]>();
expectTypeOf(spend.lost()).resolves.toEqualTypeOf<readonly LostSpend[]>();
expectTypeOf(spend.release('id')).resolves.toBeBoolean();
expectTypeOf(spend.setLimits).parameter(0).toHaveProperty('limitTokens');
expectTypeOf(spend.reset()).resolves.toBeVoid();
void spend.raise({ user: 'alice' }, { usd: 1, forMs: 1_000 });
// @ts-expect-error for how long?
void spend.raise({ user: 'alice' }, { usd: 1 });
// @ts-expect-error settings of a call do not say whose part is meant
void spend.status({ users: 'alice' });
// @ts-expect-error a window is not changed later
spend.setLimits({ window: 'day' });

const llm = new ManagedLLM({
  providers: { openai: new OpenAI() },
  interceptors: [spend],
  ceilings: { outputLimit: 1_000, maxWaitMs: 0, onUnknownPrice: 'zero', passthroughUsd: { chat: 1 } },
});
llm.on('budget:alert', (alert) => {
  expectTypeOf(alert).toEqualTypeOf<BudgetAlert>();
  expectTypeOf(alert.budget).toBeString();
  expectTypeOf(alert.subject).toEqualTypeOf<string | undefined>();
  expectTypeOf(alert.share).toBeNumber();
  expectTypeOf(alert.usedUsd).toBeNumber();
  expectTypeOf(alert.limitUsd).toEqualTypeOf<number | undefined>();
  expectTypeOf(alert.resetAt).toEqualTypeOf<number | undefined>();
  expectTypeOf(alert.callId).toBeString();
});
// @ts-expect-error budget:alerts
llm.on('budget:alerts', () => {});
llm.on('call:end', ({ facts }) => {
  expectTypeOf(facts.spend).toEqualTypeOf<SpendFact | undefined>();
  expectTypeOf(facts.movedTo).toEqualTypeOf<string | undefined>();
});
expectTypeOf(llm.run({ maxCostUsd: 0.5 }, () => 7)).toBeNumber();
// @ts-expect-error maxCostUSD
llm.run({ maxCostUSD: 0.5 }, () => {});
// @ts-expect-error a ceiling is a number
llm.with({ maxCostUsd: '0.5' });
void llm.chat({ model: 'openai/gpt', messages: 'hello' }, { maxCostUsd: 0.5 });
