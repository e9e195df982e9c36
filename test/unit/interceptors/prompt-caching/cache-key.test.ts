import { expect, test } from 'vitest';
import type { Destination } from '../../../../src/core/finish.ts';
import { openaiChat } from '../../../../src/dialects/index.ts';
import { takesHints } from '../../../../src/interceptors/prompt-caching/cache-key.ts';

const at = (origin: string | undefined, quirks: Destination['quirks'] = {}): Destination => ({
  target: { provider: 'openai', model: 'gpt' },
  dialect: openaiChat,
  origin,
  quirks,
});

test.each([
  'https://api.openai.com/v1',
  'https://eu.api.openai.com/v1/',
  'https://house.openai.azure.com/openai/v1',
  'https://house.openai.azure.com/openai/v1/',
])('%s takes hints for its prompt cache', (origin) => {
  expect(takesHints(at(origin))).toBe(true);
  expect(takesHints(at(origin, { promptCacheKey: false }))).toBe(false);
});

test.each([
  undefined,
  'http://127.0.0.1:11434/v1',
  'https://api.groq.com/openai/v1',
  'https://api.openai.com.evil.test/v1',
  'https://evil.test/https://api.openai.com/v1',
  // Versions of the API with a date know what was known by then.
  'https://house.openai.azure.com/openai',
  'https://house.openai.azure.com/openai/v12',
])('%s gets none unless that is said', (origin) => {
  expect(takesHints(at(origin))).toBe(false);
  expect(takesHints(at(origin, { promptCacheKey: true }))).toBe(true);
});
