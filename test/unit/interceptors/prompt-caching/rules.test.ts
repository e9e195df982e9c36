import { expect, test } from 'vitest';
import { ManagedLLMError } from '../../../../src/errors/managed-llm-error.ts';
import { parsePromptCaching } from '../../../../src/interceptors/prompt-caching/rules.ts';

test('what is not said is on for Anthropic, for 5 minutes and from 512 tokens on, and on for OpenAI', () => {
  expect(parsePromptCaching({})).toEqual({
    anthropic: { wanted: { tools: '5m', system: '5m', conversation: '5m' }, minTokens: 512 },
    openai: { key: true },
    stableTools: false,
  });
});

test('a part has the lifetime it names, else the common one', () => {
  const { anthropic } = parsePromptCaching({ anthropic: { tools: '1h', system: '1h' } });
  expect(anthropic?.wanted).toEqual({ tools: '1h', system: '1h', conversation: '5m' });
  const hours = parsePromptCaching({ anthropic: { ttl: '1h', tools: false, conversation: '5m' } });
  expect(hours.anthropic?.wanted).toEqual({ system: '1h', conversation: '5m' });
});

test('an hour behind 5 minutes is refused with the part that is wrong', () => {
  expect(() => parsePromptCaching({ anthropic: { system: '1h' } })).toThrow(ManagedLLMError);
  expect(() => parsePromptCaching({ anthropic: { system: '1h' } })).toThrow(
    /promptCaching\.anthropic\.system/,
  );
  expect(() => parsePromptCaching({ anthropic: { tools: false, system: '1h' } })).not.toThrow();
});

test('either side can be left alone', () => {
  expect(parsePromptCaching({ anthropic: false, openai: false })).toEqual({
    anthropic: undefined,
    openai: undefined,
    stableTools: false,
  });
});
