import type { CallSettings } from 'managed-llm';
import { KeyFinder, type Asked, type Found, type Format } from './finder.ts';
import type { Goals } from '../race/goals.ts';

const chat = { model: 'gpt', messages: [{ role: 'user', content: 'Hello' }], temperature: 0.5 };
const responses = { model: 'gpt', input: 'Hello', temperature: 0.5 };
const messages = { model: 'claude', max_tokens: 64, messages: chat.messages, temperature: 0.5 };
const neutral = { model: 'openai/gpt', messages: chat.messages, temperature: 0.5 };
const embeddings = { model: 'embed', input: ['one', 'two'] };

const bodies: Readonly<Record<Format, object>> = { chat, responses, messages, neutral, embeddings };
const chatUrl = 'https://api.openai.com/v1/chat/completions';

/** Writes it once more, with the members of every object in the other order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

/** What is said to be the same, format by format: the same members otherwise written, and members that shape nothing. */
const sameBodies: Readonly<Record<string, (format: Format) => object | undefined>> = {
  'members in another order': (format) => reversed(bodies[format]) as object,
  'a copy': (format) => structuredClone(bodies[format]),
  'a member that is `undefined`': (format) => ({ ...bodies[format], seed: undefined }),
  'who the end user is': (format) =>
    format === 'messages'
      ? { ...messages, metadata: { user_id: 'someone' } }
      : format === 'neutral'
        ? { ...neutral, endUserId: 'someone' }
        : { ...bodies[format], user: 'someone', safety_identifier: 'someone' },
  metadata: (format) => (format === 'neutral' ? undefined : { ...bodies[format], metadata: { a: 'b' } }),
  'whether it is streamed': (format) =>
    format === 'neutral' || format === 'embeddings' ? undefined : { ...bodies[format], stream: true },
  'what a stream tells': (format) =>
    format === 'chat'
      ? { ...chat, stream: true, stream_options: { include_usage: true } }
      : format === 'responses'
        ? { ...responses, stream: true, stream_options: { include_obfuscation: false } }
        : undefined,
  'hints for the provider’s prompt cache': (format) =>
    format === 'chat' || format === 'responses'
      ? { ...bodies[format], prompt_cache_key: 'tenant', prompt_cache_retention: '24h' }
      : undefined,
  'minus zero': (format) =>
    format === 'embeddings' ? undefined : { ...bodies[format], temperature: -0, other: 0 },
  'one message of the user as text': (format) =>
    format === 'neutral' ? { ...neutral, messages: 'Hello' } : undefined,
  'extras without members': (format) => (format === 'neutral' ? { ...neutral, extras: {} } : undefined),
};

/** Settings and headers that shape nothing. */
const sameCircumstances: Readonly<Record<string, Omit<Asked, 'format' | 'body'>>> = {
  'user, team, roles and tags': {
    settings: { user: 'u', team: 't', roles: ['r'], tags: { a: 'b' } },
  },
  'priority, deadline and ceiling': { settings: { priority: 'batch', deadlineMs: 60_000, maxCostUsd: 1 } },
  'mode and time of the cache': { settings: { cache: { mode: 'refresh', ttlMs: 1 } } },
  'headers that say nothing of the request': { headers: { 'x-trace': '1', 'x-stainless-helper': 'x' } },
};

/** The same text as JSON, and numbers as JavaScript reads them. */
const sameTexts: Readonly<Record<string, string>> = {
  'another order and white space':
    '{\n "temperature" : 0.5,\t"messages":[ {"content":"Hello","role":"user"} ], "model":"gpt" }',
  'characters written as escapes': String.raw`{"model":"gpt","messages":[{"role":"user","content":"\u0048ell\u006f"}],"temperature":0.5}`,
  'numbers written otherwise':
    '{"model":"gpt","messages":[{"role":"user","content":"Hello"}],"temperature":5e-1}',
  'a member twice, of which the last counts':
    '{"model":"gpt","temperature":1,"messages":[{"role":"user","content":"Hello"}],"temperature":0.5}',
};

/** Checks the stated equalities, one by one; returns how many there are. */
export async function proveEqualities(goals: Goals): Promise<number> {
  const finder = new KeyFinder();
  let stated = 0;
  const same = (what: string, wanted: Found, found: Found): void => {
    stated += 1;
    const holds = 'key' in wanted && 'key' in found && wanted.key === found.key;
    goals.that(holds, `${what}: has another key (${JSON.stringify(found)})`);
  };
  for (const format of ['chat', 'responses', 'messages', 'neutral', 'embeddings'] as const) {
    const ask = (body: object, more: Omit<Asked, 'format' | 'body'> = {}): Promise<Found> =>
      finder.find({ format, body, ...more });
    const wanted = await ask(bodies[format]);
    for (const [what, make] of Object.entries(sameBodies)) {
      const body = make(format);
      if (body === undefined) continue;
      // Minus zero stands beside a member that is not there otherwise.
      const beside = what === 'minus zero' ? await ask({ ...body, temperature: 0 }) : wanted;
      const other = what === 'minus zero' ? { ...body, other: -0 } : body;
      if (format === 'neutral' && what === 'minus zero') continue;
      same(`${format}, ${what}`, beside, await ask(other));
    }
    for (const [what, circumstances] of Object.entries(sameCircumstances))
      same(`${format}, ${what}`, wanted, await ask(bodies[format], circumstances));
  }
  const wanted = await finder.find({ format: 'chat', body: chat });
  for (const [what, text] of Object.entries({ ...sameTexts, 'as the SDK writes it': JSON.stringify(chat) }))
    same(`chat by \`llm.fetch\`, ${what}`, wanted, await byFetch(finder, text));
  const big = (last: string): string => `{"model":"gpt","messages":[],"seed":900719925474099${last}}`;
  same(
    'numbers beyond 2^53, as JavaScript reads them',
    await byFetch(finder, big('2')),
    await byFetch(finder, big('3')),
  );
  const share = (settings: CallSettings): Promise<Found> =>
    finder.find({ format: 'chat', body: chat, settings });
  same(
    'tenants, where answers are shared with all',
    await share({ tenant: 'a', user: 'b', cache: { share: 'all' } }),
    await share({ cache: { share: 'all' } }),
  );
  same(
    'requests, where the application gives a key',
    await finder.find({ format: 'chat', body: chat, settings: { cache: { key: 'daily' } } }),
    await finder.find({
      format: 'chat',
      body: { ...chat, temperature: 1 },
      settings: { cache: { key: 'daily' } },
    }),
  );
  return stated;
}

function byFetch(finder: KeyFinder, body: string): Promise<Found> {
  return finder.findBy(async () => finder.llm.fetch('openai')(chatUrl, { method: 'POST', body }));
}
