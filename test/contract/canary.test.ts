import { canary, priceOf, type CanaryOptions } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';
import { anthropicMessages, openaiChat } from '../../src/dialects/index.ts';

// What the first call waits for takes turns of the event loop, not the time that the contract drives.
await Promise.all([priceOf('gpt-4o-mini'), openaiChat.parameters?.(), anthropicMessages.parameters?.()]);

const short = { parameters: { maxOutputTokens: 50 } };
const bad = (options: object) => () =>
  canary({ name: 'short', canary: short, ...options } as unknown as CanaryOptions);

describeInterceptorContract(
  { test },
  {
    name: 'canary',
    make: () => canary({ name: 'short', canary: short }),
    badOptions: [
      bad({ name: '' }),
      bad({ name: 'a canary' }),
      bad({ canary: {} }),
      bad({ stable: short }),
      bad({ canary: { model: '' } }),
      bad({ step: [5] }),
      bad({ steps: [] }),
      bad({ steps: [0] }),
      bad({ steps: [5, 5] }),
      bad({ steps: [25, 5] }),
      bad({ steps: [50, 100] }),
      bad({ steps: Array.from({ length: 21 }, (_, at) => at + 1) }),
      bad({ percent: 0 }),
      bad({ percent: 100 }),
      bad({ percent: 5, steps: [5] }),
      bad({ guard: { errorRate: false } }),
      bad({ guard: { errorRates: {} } }),
      bad({ guard: { errorRate: 1 } }),
      bad({ guard: { errorRate: { tolerated: 0.5 } } }),
      bad({ guard: { errorRate: { tolerated: 2 } } }),
      bad({ guard: { errorRate: { tolerated: 3, harmful: 2 } } }),
      bad({ guard: { p95LatencyMs: 0 } }),
      bad({ guard: { costUsd: -1 } }),
      bad({ guard: { score: {} } }),
      bad({ guard: { score: { tolerated: 0.2, harmful: 0.1 } } }),
      bad({ minSamples: 0 }),
      bad({ minSamples: 1.5 }),
      bad({ by: 'team' }),
      bad({ where: 'acme' }),
      bad({ alpha: 0 }),
      bad({ beta: 0.5 }),
      bad({ feedbackDays: 0 }),
    ],
  },
);

describeInterceptorContract(
  { test },
  {
    name: 'canary whose stable changes every call',
    make: () => canary({ name: 'short', stable: short, canary: { parameters: { maxOutputTokens: 80 } } }),
    rewrites: true,
  },
);
