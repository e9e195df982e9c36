import { experiment, priceOf, type ExperimentOptions } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';
import { anthropicMessages, openaiChat } from '../../src/dialects/index.ts';

// What the first call waits for takes turns of the event loop, not the time that the contract drives.
await Promise.all([priceOf('gpt-4o-mini'), openaiChat.parameters?.(), anthropicMessages.parameters?.()]);

const arms = { control: {}, warm: { parameters: { temperature: 1 } } };
const bad = (options: object) => () =>
  experiment({ name: 'tone', arms, ...options } as unknown as ExperimentOptions);

describeInterceptorContract(
  { test },
  {
    name: 'experiment',
    make: () => experiment({ name: 'tone', arms, weights: { warm: 0 }, by: 'call' }),
    badOptions: [
      bad({ name: '' }),
      bad({ name: 'a tone' }),
      bad({ arm: {} }),
      bad({ arms: {} }),
      bad({ arms: { control: {} } }),
      bad({ arms: { control: {}, same: {} } }),
      bad({ arms: { control: {}, same: { parameters: {} } } }),
      bad({ arms: { control: {}, 7: { model: 'openai/gpt' } } }),
      bad({ arms: { control: {}, warm: { parameters: { temprature: 1 } } } }),
      bad({ arms: Object.fromEntries([...'abcdefghijk'].map((arm) => [arm, { model: 'openai/gpt' }])) }),
      bad({ weights: { hot: 1 } }),
      bad({ weights: { warm: -1 } }),
      bad({ weights: { control: 0, warm: 0 } }),
      bad({ by: 'team' }),
      bad({ where: 'acme' }),
      bad({ decideBy: 'latency' }),
      bad({ alpha: 0 }),
      bad({ alpha: 0.5 }),
      bad({ feedbackDays: 0 }),
    ],
  },
);

describeInterceptorContract(
  { test },
  {
    name: 'experiment that changes every call',
    make: () =>
      experiment({
        name: 'length',
        arms: { control: {}, short: { parameters: { maxOutputTokens: 50 } } },
        weights: { control: 0 },
        by: 'call',
      }),
    rewrites: true,
  },
);
