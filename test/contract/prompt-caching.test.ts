import { priceOf, promptCaching, type PromptCachingOptions } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';
import { openaiChat } from '../../src/dialects/index.ts';

// What the first call waits for takes turns of the event loop, not the time that the contract drives.
await Promise.all([priceOf('gpt-4o-mini'), openaiChat.promptCache?.()]);

const bad = (options: object) => () => promptCaching(options as PromptCachingOptions);

describeInterceptorContract(
  { test },
  {
    name: 'prompt-caching',
    make: () => promptCaching({ openai: false }),
    badOptions: [
      bad({ anthropics: {} }),
      bad({ anthropic: true }),
      bad({ anthropic: { tools: '10m' } }),
      bad({ anthropic: { ttl: '2h' } }),
      bad({ anthropic: { minTokens: -1 } }),
      bad({ anthropic: { minTokens: 0.5 } }),
      bad({ anthropic: { tool: true } }),
      bad({ anthropic: { system: '5m', conversation: '1h' } }),
      bad({ anthropic: { ttl: '1h', tools: '5m' } }),
      bad({ openai: true }),
      bad({ openai: { key: 'mine' } }),
      bad({ openai: { retention: '12h' } }),
      bad({ stableTools: 'yes' }),
    ],
  },
);

describeInterceptorContract(
  { test },
  {
    name: 'prompt-caching that changes every request',
    make: () => promptCaching({ anthropic: { minTokens: 0 }, stableTools: true }),
    rewrites: true,
  },
);
