import { budget, type BudgetOptions, type Interceptor } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';
import { openai } from './governed.ts';
import { spending } from './spending.ts';

const options = {
  name: 'spend',
  limitUsd: 1_000,
  window: 'hour',
  onUnknownPrice: { inputUsdPerMTok: 1, outputUsdPerMTok: 10 },
} as const satisfies BudgetOptions;

// What is loaded on first use takes time of the machine, not of the contract's clock.
await openai.create(spending().llm);

/** Has set aside all that the budget allows, as another process may. */
const another: Interceptor = {
  name: 'another',
  stage: 'observe',
  shareable: true,
  attach: ({ state, clock }) => {
    const hour = Math.floor(clock.now() / 3_600_000) * 3_600_000;
    const account = {
      budget: 'spend',
      subject: '',
      window: { kind: 'fixed', startMs: hour, endMs: hour + 3_600_000 },
    } as const;
    const amounts = { nanoUsd: options.limitUsd * 1e9, tokens: 0 };
    void state.accounts?.reserve('another', [{ account, amounts, limits: {}, enforced: false }], 3_600_000);
  },
  intercept: (call, next) => next(call),
};

const bad = (changes: object) => () => budget({ ...options, ...changes });

describeInterceptorContract(
  { test },
  {
    name: 'a strict budget',
    make: () => budget(options),
    shortCircuit: () => budget({ ...options, limitUsd: 0 }),
    waiting: () => [another, budget({ ...options, maxWaitMs: 1e9 })],
    // An output limit is put into requests without one.
    rewrites: true,
    badOptions: [
      () => budget({ name: 'spend', window: 'hour' }),
      bad({ limitUsd: -1 }),
      bad({ limitUsd: 9_000_001 }),
      bad({ limitUsd: NaN }),
      bad({ limitTokens: 1.5 }),
      bad({ limitUsd: { by: { alice: '1' } } }),
      bad({ name: '' }),
      bad({ window: 'year' }),
      bad({ window: { rollingMs: 999 } }),
      bad({ window: { rollingMs: 60_000, size: 1 } }),
      bad({ timeZone: 'Europe/Munich' }),
      bad({ timeZone: 'UTC', window: 'total' }),
      bad({ per: 'users' }),
      bad({ per: [] }),
      bad({ per: { tags: 'feature' } }),
      bad({ onExceed: 'wait' }),
      bad({ onExceed: { downgrade: '' } }),
      bad({ alertAt: [0] }),
      bad({ alertAt: [11] }),
      bad({ reserve: 'lax' }),
      bad({ onMissing: 'skip' }),
      bad({ onStateFailure: 'ignore' }),
      bad({ outputLimit: 0 }),
      bad({ maxWaitMs: -1 }),
      bad({ passthroughUsd: { chat: -1 } }),
      bad({ limitUsd: undefined, limitTokens: 1, onUnknownPrice: 'zero' }),
      bad({ covers: { provider: ['openai'] } }),
      bad({ covers: { operations: ['chats'] } }),
      bad({ limitUSD: 1 }),
    ],
  },
);

describeInterceptorContract(
  { test },
  {
    name: 'a budget that goes by what is expected',
    make: () => budget({ ...options, reserve: 'expected' }),
    shortCircuit: () => budget({ ...options, reserve: 'expected', limitUsd: 0 }),
    waiting: () => [another, budget({ ...options, reserve: 'expected', maxWaitMs: 1e9 })],
  },
);

describeInterceptorContract(
  { test },
  {
    name: 'a budget that only warns',
    make: () => budget({ ...options, onExceed: 'warn', limitUsd: 0 }),
  },
);
