import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// MANAGED_LLM_SDK=oldest runs the same tests on the oldest SDKs the peer ranges allow.
const oldestSdks =
  process.env['MANAGED_LLM_SDK'] === 'oldest'
    ? [
        { find: /^openai(?=\/|$)/, replacement: 'openai-oldest' },
        { find: /^@anthropic-ai\/sdk(?=\/|$)/, replacement: 'anthropic-oldest' },
      ]
    : [];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^managed-llm$/, replacement: fromRoot('src/index.ts') },
      { find: /^managed-llm\/postgres$/, replacement: fromRoot('src/postgres.ts') },
      { find: /^managed-llm\/prompts$/, replacement: fromRoot('src/prompts.ts') },
      { find: /^managed-llm\/redis$/, replacement: fromRoot('src/redis.ts') },
      { find: /^managed-llm\/report$/, replacement: fromRoot('src/report.ts') },
      { find: /^managed-llm\/sqlite$/, replacement: fromRoot('src/sqlite.ts') },
      { find: /^managed-llm\/testing$/, replacement: fromRoot('src/testing/index.ts') },
      { find: /^managed-llm\/vectors$/, replacement: fromRoot('src/vectors.ts') },
      ...oldestSdks,
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    testTimeout: 10_000,
  },
});
