import { Anthropic } from '@anthropic-ai/sdk';
import {
  balance,
  fallback,
  ManagedLLM,
  ManagedLLMError,
  pool,
  provider,
  type Host,
  type Interceptor,
  type Readiness,
} from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import { readAll, rejection } from './governed.ts';

const messages = [{ role: 'user' as const, content: 'hello' }];

function world(interceptors: readonly Interceptor[] = []) {
  const clock = manualClock();
  const stand = standIn({ clock });
  const { fetch } = stand;
  const providers = {
    openai: pool(
      new OpenAI({ apiKey: 'a', fetch }),
      new OpenAI({ apiKey: 'b', fetch }),
      new OpenAI({ apiKey: 'c', fetch }),
    ),
    claude: pool(new Anthropic({ apiKey: 'x', fetch }), new Anthropic({ apiKey: 'y', fetch })),
    single: new OpenAI({ apiKey: 'single', fetch }),
  };
  const llm = new ManagedLLM({
    providers,
    clock,
    random: () => 0,
    interceptors: [...interceptors],
    routes: {
      smart: fallback('openai/gpt', 'single/gpt'),
      second: 'openai#2/gpt',
      spread: balance(['openai/gpt', 'claude/sonnet'], { by: 'round-robin' }),
    },
  });
  /** The key that each request bore. */
  const keys = () =>
    stand.requests.map(
      ({ headers }) => headers['authorization']?.replace('Bearer ', '') ?? headers['x-api-key'],
    );
  return { clock, stand, llm, keys };
}

/** What each provider is said to have left. */
function limits(of: Record<string, Readiness>): Interceptor {
  return {
    name: 'limits',
    stage: 'pace',
    ready: ({ provider: name }) => of[name] ?? { ok: true },
    intercept: (call, next) => next(call),
  };
}

const ask = (client: OpenAI, model = 'gpt', options = {}) =>
  client.chat.completions.create({ model, messages }, options);

describe('a pool of keys', () => {
  test('is one client, whose keys take turns where nothing tells them apart', async () => {
    const { llm, keys } = world();
    expect(llm.clients.openai).toBeInstanceOf(OpenAI);
    for (let call = 0; call < 6; call++) await ask(llm.clients.openai);
    expect(keys()).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('goes to the key with the most left of its limits', async () => {
    const { llm, keys } = world([
      limits({
        'openai#1': { ok: true, headroom: 0.1 },
        'openai#2': { ok: false, reason: 'limit' },
        'openai#3': { ok: true, headroom: 0.4 },
      }),
    ]);
    await ask(llm.clients.openai);
    await ask(llm.clients.openai);
    expect(keys()).toEqual(['c', 'c']);
  });

  test('sends straight what goes to the key that the SDK built it for: the same bytes and headers', async () => {
    const { llm, stand } = world();
    const bare = new OpenAI({ apiKey: 'a', fetch: stand.fetch });
    await ask(llm.clients.openai, 'gpt', { headers: { 'x-own': '1' } });
    await ask(bare, 'gpt', { headers: { 'x-own': '1' } });
    const [through, direct] = stand.requests;
    expect(through?.bodyText).toBe(direct?.bodyText);
    expect(through?.headers).toEqual(direct?.headers);
  });

  test.each([
    ['a key that is refused', { status: 401 }],
    ['a limit', { status: 429 }],
    ['an exhausted quota', { status: 429, error: { code: 'insufficient_quota' } }],
  ])('moves on to the next key at %s, and tells the members apart', async (_what, failure) => {
    const { llm, stand, keys } = world();
    stand.when(({ headers }) => headers['authorization'] === 'Bearer a', failure);
    const { response } = await ask(llm.clients.openai, 'gpt', {}).withResponse();
    expect(keys()).toEqual(['a', 'b']);
    const receipt = await llm.receipt(response);
    expect(receipt).toMatchObject({ provider: 'openai', target: { provider: 'openai#2', model: 'gpt' } });
    expect(receipt.attempts.map(({ target, outcome }) => [target.provider, outcome])).toEqual([
      ['openai#1', 'failed'],
      ['openai#2', 'finished'],
    ]);
    expect(receipt.facts.route).toBeUndefined();
  });

  test('what is too long for the model is asked with one key only', async () => {
    const { llm, stand } = world();
    stand.always({ status: 400, error: { code: 'context_length_exceeded' } });
    await rejection(ask(llm.clients.openai));
    expect(stand.requests).toHaveLength(1);
  });

  test('when every key fails, the last error is the SDK’s own, with all of them behind it', async () => {
    const { llm, stand } = world();
    stand.always({ status: 401 });
    const error = await rejection(ask(llm.clients.openai, 'gpt', { maxRetries: 0 }));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(ManagedLLMError.from(error)?.message).toBe(
      'All targets of `gpt` failed: openai#1/gpt (auth, 401), openai#2/gpt (auth, 401), openai#3/gpt (auth, 401).',
    );
  });

  test('streams move on before their first content', async () => {
    const { llm, stand, keys } = world();
    stand
      .when(({ headers }) => headers['authorization'] === 'Bearer a', { status: 429 })
      .always({ text: ['seen'] });
    const stream = await llm.clients.openai.chat.completions.create({ model: 'gpt', messages, stream: true });
    expect(JSON.stringify(await readAll(stream))).toContain('seen');
    expect(keys()).toEqual(['a', 'b']);
  });

  test('the other SDK’s clients pool alike', async () => {
    const { llm, stand } = world();
    stand.next({ status: 429 });
    const reply = await llm.clients.claude.messages.create({ model: 'sonnet', max_tokens: 10, messages });
    expect(reply.type).toBe('message');
    expect(stand.requests).toHaveLength(2);
    expect(
      new Set(
        stand.requests.map(({ headers }) => JSON.stringify(headers['authorization'] ?? headers['x-api-key'])),
      ).size,
    ).toBe(2);
  });

  test('what `withOptions` says holds whichever key is used', async () => {
    const { llm, stand, keys } = world();
    const derived = llm.clients.openai
      .withOptions({ defaultHeaders: { 'x-derived': 'yes' } })
      .withOptions({ maxRetries: 0 });
    for (let call = 0; call < 3; call++) await ask(derived);
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(stand.requests.map(({ headers }) => headers['x-derived'])).toEqual(['yes', 'yes', 'yes']);
    await ask(llm.clients.openai);
    expect(stand.requests.at(-1)?.headers['x-derived']).toBeUndefined();
  });

  test('another key given later is the one that is used', async () => {
    const { llm, keys } = world();
    const derived = llm.clients.openai.withOptions({ apiKey: 'other' });
    await ask(derived);
    await ask(derived);
    expect(keys()).toEqual(['other', 'other']);
  });

  test('files and lists always go to the first', async () => {
    const { llm, keys } = world();
    await ask(llm.clients.openai);
    await llm.clients.openai.models.list();
    await llm.clients.openai.models.list();
    expect(keys()).toEqual(['a', 'a', 'a']);
  });

  test('is a choice like any other: as a route’s target, from another client, and by a member’s own name', async () => {
    const { llm, stand, keys } = world();
    stand.when(({ headers }) => /^Bearer [abc]$/.test(headers['authorization'] ?? ''), { status: 429 });
    const { response } = await ask(llm.clients.openai, 'smart', { maxRetries: 0 }).withResponse();
    expect(keys()).toEqual(['a', 'b', 'c', 'single']);
    expect((await llm.receipt(response)).facts.route).toEqual({
      name: 'smart',
      path: 'smart.choices.1',
      because: 'fallback (choices.1)',
      first: false,
    });
    stand.reset();
    await ask(llm.clients.single, 'openai/gpt');
    await ask(llm.clients.single, 'second');
    await ask(llm.clients.openai, 'openai#3/gpt');
    expect(keys()).toEqual(['a', 'b', 'c']);
  });

  test('serves the neutral API', async () => {
    const { llm, stand } = world();
    stand.next({ status: 429 });
    const reply = await llm.chat({ model: 'openai/gpt', messages: 'Hi' });
    expect(reply.receipt.target).toEqual({ provider: 'openai#2', model: 'gpt' });
  });

  test('`llm.fetch` keeps the key that its caller wrote', async () => {
    const { llm, keys } = world();
    for (let call = 0; call < 3; call++)
      await llm.fetch('openai')('https://api.openai.com/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: 'Bearer own', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt', messages }),
      });
    expect(keys()).toEqual(['own', 'own', 'own']);
  });

  test('interceptors know the members, and whose they are', () => {
    let host: Host | undefined;
    world([
      {
        name: 'own',
        stage: 'pace',
        attach: (attached) => void (host = attached),
        intercept: (call, next) => next(call),
      },
    ]);
    expect(host?.providers).toEqual([
      'openai',
      'claude',
      'single',
      'openai#1',
      'openai#2',
      'openai#3',
      'claude#1',
      'claude#2',
    ]);
    expect(['openai#2', 'openai', 'single', 'nobody'].map((name) => host?.poolOf(name))).toEqual([
      'openai',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('each member may say what is peculiar to it', async () => {
    const stand = standIn();
    const client = new OpenAI({ apiKey: 'a', fetch: stand.fetch });
    const llm = new ManagedLLM({
      providers: { local: pool(provider(client, { quirks: { maxTokensField: 'max_tokens' } })) },
    });
    await llm.clients.local.chat.completions.create({ model: 'gpt', messages, max_completion_tokens: 5 });
    expect(stand.requests[0]?.body).toMatchObject({ max_tokens: 5 });
  });
});

describe('pools are checked at construction', () => {
  const client = new OpenAI({ apiKey: 'a' });
  const wrong = { code: 'invalid-options' };

  test.each<[string, () => unknown, string]>([
    ['none', () => pool(), 'pool'],
    ['the same client twice', () => pool(client, client), 'pool'],
    [
      'two SDKs',
      () =>
        new ManagedLLM({
          providers: { mixed: pool<OpenAI | Anthropic>(client, new Anthropic({ apiKey: 'b' })) },
        }),
      'providers.mixed',
    ],
    [
      'what is no client',
      () => new ManagedLLM({ providers: { openai: pool(client, {} as OpenAI) } }),
      'providers.openai#2',
    ],
    [
      'a name that a member has',
      () => new ManagedLLM({ providers: { openai: pool(client), 'openai#1': new OpenAI({ apiKey: 'b' }) } }),
      'providers.openai#1',
    ],
  ])('%s', (_what, make, path) => {
    expect(make).toThrow(expect.objectContaining({ ...wrong, details: { path } }));
  });
});
