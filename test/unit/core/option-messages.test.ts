import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { ManagedLLM, type ManagedLLMOptions } from '../../../src/index.ts';

const openai = new OpenAI({ apiKey: 'test' });
const messageFor = (options: unknown): string => {
  try {
    new ManagedLLM(options as ManagedLLMOptions<{ openai: OpenAI }>);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

test.each([
  ['a misspelt option', { routs: {} }, '`options` has no option `routs`. Did you mean `routes`?'],
  ['a number out of range', { unreadStreamMs: -1 }, '`unreadStreamMs` must be more than 0.'],
  ['a value of another type', { interceptors: {} }, '`interceptors` must be an array.'],
  [
    'an unknown stage',
    { interceptors: [{ name: 'x', stage: 'shap', intercept: () => undefined }] },
    '`interceptors.0.stage` of `x` is unknown: "shap". Did you mean `shape`?',
  ],
  [
    'a misspelt provider in a route',
    { routes: { smart: 'opnai/gpt-5-mini' } },
    '`routes.smart` is "opnai/gpt-5-mini": there is no provider `opnai`. Did you mean `openai`?',
  ],
])('%s is told by its path and what would be right', (_, wrong, message) => {
  expect(messageFor({ providers: { openai }, ...wrong })).toBe(message);
});
