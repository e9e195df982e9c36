import { cache, type CacheStore } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed } from './governed.ts';

/** Asks in whatever words, and says what became of it. */
function asking(store?: CacheStore) {
  const answers = cache(store === undefined ? {} : { store });
  const world = governed({ interceptors: [answers] });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count}` }));
  const ask = async (body: object, tags: Readonly<Record<string, string>> = {}) => {
    const { chat } = world.llm.with({ tags }).clients.openai;
    const reply = await chat.completions.create({ model: 'gpt', messages: [], ...body });
    await world.llm.idle();
    const { facts } = world.receipts.at(-1) ?? expect.fail('no receipt');
    return [facts.cache?.status, reply.choices[0]?.message.content];
  };
  return { answers, ask };
}

test('a request is the same in whatever order its members are written, at every depth', async () => {
  const { ask } = asking();
  const parameters = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } } };
  const tools = [{ type: 'function', function: { name: 'f', parameters } }];
  const messages = [{ role: 'user', content: 'hello' }];
  expect(await ask({ messages, tools })).toEqual(['miss', 'answer 1']);
  expect(await ask({ messages, tools })).toEqual(['hit', 'answer 1']);
  const { a, b } = parameters.properties;
  const reordered = [
    { function: { parameters: { properties: { b, a }, type: 'object' }, name: 'f' }, type: 'function' },
  ];
  expect(await ask({ tools: reordered, messages: [{ content: 'hello', role: 'user' }] })).toEqual([
    'hit',
    'answer 1',
  ]);
  expect(await ask({ messages, tools: [...tools, ...tools] })).toEqual(['miss', 'answer 2']);
});

test('one object that is changed between two calls asks something else', async () => {
  const { ask } = asking();
  const message = { role: 'user', content: 'one' };
  const body = { messages: [message] };
  expect(await ask(body)).toEqual(['miss', 'answer 1']);
  message.content = 'two';
  expect(await ask(body)).toEqual(['miss', 'answer 2']);
  message.content = 'one';
  expect(await ask(body)).toEqual(['hit', 'answer 1']);
});

test('texts that UTF-8 would make alike stay apart', async () => {
  const { ask } = asking();
  for (const [index, content] of ['\ud83d', '\ude00', '\ufffd', '\\ud83d', '"\\ud83d"'].entries())
    expect(await ask({ messages: [{ role: 'user', content }] })).toEqual(['miss', `answer ${index + 1}`]);
});

test('an answer that was given before is looked at again when its store brings something else', async () => {
  const kept = new Map<string, string>();
  const { ask } = asking({
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    delete: (key) => kept.delete(key),
  });
  await ask({});
  expect(await ask({})).toEqual(['hit', 'answer 1']);
  const [[key, sound] = expect.fail('nothing is kept')] = kept;
  kept.set(key, sound.replace('answer 1', 'answer X'));
  expect(await ask({})).toEqual(['miss', 'answer 2']);
  kept.set(key, sound);
  expect(await ask({})).toEqual(['hit', 'answer 1']);
});

test('an answer that was given before is put out of date like any other, among however many groups', async () => {
  const { answers, ask } = asking();
  const tagsOf = (seed: number) =>
    Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`tag-${index}`, `${seed}`]));
  const again = (seed: number) => ask({ seed }, tagsOf(seed));
  for (const time of ['miss', 'hit'])
    for (const seed of [1, 2, 3, 4, 5]) expect(await again(seed)).toEqual([time, `answer ${seed}`]);
  await answers.invalidate({ tag: { 'tag-299': '2' } });
  expect(await again(1)).toEqual(['hit', 'answer 1']);
  expect(await again(5)).toEqual(['hit', 'answer 5']);
  expect(await again(2)).toEqual(['miss', 'answer 6']);
});
