import { canary, definePrompt, type Canary } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed, type Governed } from './governed.ts';

const first = definePrompt({ name: 'greeting', version: '1', template: 'Greet {{name}}.' });
const second = definePrompt({ name: 'greeting', version: '2', template: 'Greet {{name}} warmly.' });
const wanting = definePrompt({ name: 'greeting', version: '3', template: 'Greet {{name}} of {{city}}.' });
const another = definePrompt({ name: 'farewell', version: '1', template: 'Bye, {{name}}.' });

interface World extends Governed {
  readonly rollout: Canary;
}

/** Next to everybody gets the canary. */
function world(prompt = second, stable = {}): World {
  const rollout = canary({ name: 'warm', stable, canary: { prompt }, percent: 99.9, by: 'call' });
  return { ...governed({ interceptors: [rollout] }), rollout };
}

async function greet({ llm }: Governed): Promise<void> {
  await llm.chat({ model: 'openai/gpt', prompt: first, variables: { name: 'Ann' } });
  await llm.idle();
}

const texts = ({ provider }: Governed): string[] => provider.requests.map(({ body }) => JSON.stringify(body));
const told = ({ receipts }: Governed) =>
  receipts.map(({ facts: { prompt, canaries } }) => [prompt?.version, canaries?.[0]?.arm]);

test('a version of a prompt is tried out on calls of that prompt, and on no others', async () => {
  const all = world();
  await greet(all);
  await all.llm.chat({ model: 'openai/gpt', prompt: another, variables: { name: 'Ann' } });
  await all.llm.chat({ model: 'openai/gpt', messages: 'Greet Ann.' });
  await all.llm.idle();
  expect(texts(all)[0]).toContain('Greet Ann warmly.');
  expect(told(all)).toEqual([
    ['2', 'canary'],
    ['1', undefined],
    [undefined, undefined],
  ]);
});

test('once it is rolled back, calls are rendered from the version of stable', async () => {
  const all = world(wanting, { prompt: second });
  await all.rollout.abort({ by: 'alice' });
  await greet(all);
  expect(texts(all)[0]).toContain('Greet Ann warmly.');
  expect(told(all)).toEqual([['2', 'stable']]);
  expect(all.errors).toEqual([]);
});

test('a call that one of both cannot be rendered from is stable, uncounted and reported, also once it is promoted', async () => {
  const all = world(wanting, { prompt: second });
  await greet(all);
  await all.rollout.promote({ by: 'alice' });
  await greet(all);
  expect(texts(all).every((text) => text.includes('Greet Ann warmly.'))).toBe(true);
  expect(told(all)).toEqual([
    ['2', undefined],
    ['2', undefined],
  ]);
  const message = expect.stringMatching(
    /^In the canary `warm`: .*city.* get stable and are not counted/,
  ) as unknown;
  expect(all.errors).toMatchObject([{ code: 'prompt-variables', message }]);
  const { stable, canary: own } = (await all.rollout.status()).arms;
  expect([stable.calls, own.calls]).toEqual([0, 0]);
});

test('a call that none of both can be rendered from is made as asked', async () => {
  const all = world(wanting, {
    prompt: definePrompt({ name: 'greeting', version: '0', template: '{{title}}' }),
  });
  await greet(all);
  expect(texts(all)[0]).toContain('Greet Ann.');
  expect(told(all)).toEqual([['1', undefined]]);
  expect(all.errors.length).toBeGreaterThan(0);
});

test('versions of two prompts, or the same version twice, are refused', () => {
  expect(() => world(second, { prompt: another })).toThrow(/canary\.canary\.prompt/);
  expect(() => world(second, { prompt: second })).toThrow(/the same as `stable`/);
});
