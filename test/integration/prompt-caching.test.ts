import { Anthropic } from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import {
  cache,
  fallback,
  promptCaching,
  provider as declare,
  ManagedLLM,
  type Host,
  type Interceptor,
  type PromptCachingOptions,
  type Quirks,
} from 'managed-llm';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import {
  anthropic,
  governed,
  openai,
  readAll,
  settledOnce,
  theOnlyCall,
  type Governed,
  type TestOptions,
} from './governed.ts';
import { once } from './neutral.ts';

// Threads, which take no breakpoints, came after the oldest SDK that is supported.
const hasThreads = process.env['MANAGED_LLM_SDK'] !== 'oldest';

type Json = Readonly<Record<string, unknown>>;

const long = 'Answer as a lawyer of the old school would. '.repeat(200);
const short = { type: 'ephemeral' };

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;

/** USD per million tokens, by which a token of input costs 1,000 nano-USD. */
const price = {
  inputUsdPerMTok: 1,
  outputUsdPerMTok: 10,
  cachedInputUsdPerMTok: 0.1,
  cacheWriteUsdPerMTok: 1.25,
  cacheWriteUsdPerMTokByTtl: { ephemeral_1h_input_tokens: 2 },
};
const models = { 'openai/*': { price }, 'anthropic/*': { price }, 'backup/*': { price } };

const world = (options: PromptCachingOptions = {}, more: TestOptions = {}): Governed =>
  governed({ models, ...more, interceptors: [promptCaching(options), ...(more.interceptors ?? [])] });

const sent = ({ provider }: Governed): Json[] => provider.requests.map(({ body }) => body as Json);

/** How many breakpoints are in what was sent. */
const count = (body: unknown): number => JSON.stringify(body).split('"cache_control"').length - 1;

describe('requests to Anthropic', () => {
  const asked = { model: 'claude', max_tokens: 100, system: long };
  const turns = [
    { role: 'user' as const, content: 'May I?' },
    { role: 'assistant' as const, content: 'You may.' },
    { role: 'user' as const, content: 'Why?' },
  ];

  test.each([false, true])(
    'of its own SDK have breakpoints, and the caller’s object has none (stream: %s)',
    async (stream) => {
      const all = world();
      const body = { ...asked, messages: turns };
      const before = JSON.stringify(body);
      if (stream) await all.llm.clients.anthropic.messages.stream(body).finalMessage();
      else await all.llm.clients.anthropic.messages.create(body);
      expect(sent(all)).toEqual([
        {
          ...asked,
          ...(stream && { stream }),
          system: [{ type: 'text', text: long, cache_control: short }],
          messages: [
            { role: 'user', content: [{ type: 'text', text: 'May I?', cache_control: short }] },
            turns[1],
            { role: 'user', content: [{ type: 'text', text: 'Why?', cache_control: short }] },
          ],
        },
      ]);
      expect(JSON.stringify(body)).toBe(before);
      await theOnlyCall(all);
    },
  );

  test('are sent as the SDK wrote them where they are short, or nothing is wanted', async () => {
    const bytes = async (
      interceptors: readonly Interceptor[],
      system: string,
    ): Promise<string | undefined> => {
      const all = governed({ interceptors });
      await all.llm.clients.anthropic.messages.create({ ...asked, system, messages: turns });
      return all.provider.requests[0]?.bodyText;
    };
    expect(await bytes([promptCaching()], 'Be brief.')).toBe(await bytes([], 'Be brief.'));
    expect(await bytes([promptCaching({ anthropic: false })], long)).toBe(await bytes([], long));
    expect(await bytes([promptCaching({ anthropic: { minTokens: 0 } })], 'Be brief.')).toContain(
      'cache_control',
    );
    expect(await bytes([promptCaching({ anthropic: { minTokens: 5_000 } })], long)).toBe(
      await bytes([], long),
    );
  });

  test('have breakpoints in whatever dialect they were written, and nothing is told as lost', async () => {
    const all = world({ anthropic: { ttl: '1h', minTokens: 1_024 } });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
    const { clients } = all.llm.with({ onUnsupported: 'refuse' });
    await clients.openai.chat.completions.create({
      model: 'anthropic/claude',
      messages: [{ role: 'system', content: long }, ...turns],
      tools,
    });
    await clients.openai.responses.create({
      model: 'anthropic/claude',
      instructions: long,
      input: [...turns],
      tools: [{ type: 'function', name: 'weather', parameters, strict: null }],
    });
    await all.llm.chat({
      model: 'anthropic/claude',
      messages: [{ role: 'system', content: long }, ...turns],
      tools: [{ name: 'weather', parameters }],
    });
    const hour = { ...short, ttl: '1h' };
    for (const body of sent(all)) {
      expect(body).toMatchObject({
        tools: [{ name: 'weather' }],
        system: [{ type: 'text', text: long, cache_control: hour }],
        messages: [
          { role: 'user', content: [{ text: 'May I?', cache_control: hour }] },
          { role: 'assistant' },
          { role: 'user', content: [{ text: 'Why?', cache_control: hour }] },
        ],
      });
      expect(count(body)).toBe(3);
    }
    const receipts = await settledOnce(all, 3);
    const lost = receipts.flatMap(({ losses }) => losses.map(({ path }) => path));
    expect(lost.filter((path) => !path.startsWith('usage.'))).toEqual([]);
  });

  test('have none at a server that is declared not to take them; the caller’s own stay', async () => {
    const { provider } = governed();
    const client = new Anthropic({
      apiKey: 'x',
      baseURL: 'https://own.test/anthropic',
      fetch: provider.fetch,
    });
    const own = [{ type: 'text' as const, text: long, cache_control: { type: 'ephemeral' as const } }];
    const ask = { ...asked, messages: turns };
    const through = async (quirks: Quirks, system: string | typeof own): Promise<unknown> => {
      const llm = new ManagedLLM({
        providers: { own: declare(client, { quirks }) },
        interceptors: [promptCaching()],
      });
      await llm.clients.own.messages.create({ ...ask, system });
      return provider.requests.at(-1)?.body;
    };
    expect(await through({ cacheControl: false }, long)).toEqual(ask);
    expect(await through({ cacheControl: false }, own)).toEqual({ ...ask, system: own });
    expect(count(await through({}, long))).toBe(3);
  });

  test('have breakpoints too when they come as a plain `fetch`', async () => {
    const all = world();
    await all.llm.fetch('anthropic')('https://api.anthropic.com/v1/messages', {
      method: 'POST',
      headers: { 'x-api-key': 'test', 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, messages: turns }),
    });
    expect(count(sent(all)[0])).toBe(3);
    await theOnlyCall(all);
  });

  test('keep the caller’s own breakpoints, also through our own format', async () => {
    const all = world();
    const own = { type: 'text' as const, text: long, cache_control: { type: 'ephemeral' as const } };
    await all.llm.clients.anthropic.messages.create({
      ...asked,
      system: [own, { type: 'text', text: 'Today is Monday.' }],
      messages: turns,
    });
    await all.llm.chat({
      model: 'anthropic/claude',
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: long, extras: { 'anthropic-messages': { cache_control: short } } },
            { type: 'text', text: 'Today is Monday.' },
          ],
        },
        ...turns,
      ],
    });
    for (const { system } of sent(all))
      expect(system).toEqual([own, { type: 'text', text: 'Today is Monday.' }]);
    expect(sent(all).map(count)).toEqual([3, 3]);
  });

  test.each(['tool runner', 'llm.chat'])(
    'of a loop (%s) each have a breakpoint where the one before had its last, with the same before it',
    async (runs) => {
      const all = world();
      const wants = (city: string) => ({ toolCalls: [{ name: 'weather', arguments: { city } }] });
      all.provider.next(wants('Graz'), wants('Linz'), wants('Wien'), { text: 'Sunny everywhere.' });
      const messages = [{ role: 'user' as const, content: 'Where is it sunny?' }];
      if (runs === 'llm.chat')
        await all.llm.chat({
          model: 'anthropic/claude',
          messages: [{ role: 'system', content: long }, ...messages],
          tools: [{ name: 'weather', parameters, execute: () => 'sunny' }],
        });
      else
        await all.llm.clients.anthropic.beta.messages.toolRunner({
          ...asked,
          messages,
          ...(hasThreads && { thread: false }),
          tools: [
            betaTool({ name: 'weather', description: '', inputSchema: parameters, run: () => 'sunny' }),
          ],
        });
      const bodies = sent(all);
      expect(bodies).toHaveLength(4);
      for (const [index, body] of bodies.entries()) {
        expect(count(body)).toBeLessThanOrEqual(4);
        const ends = breakpointsOf(body);
        const before = bodies[index - 1];
        if (before === undefined) continue;
        const last = breakpointsOf(before).at(-1);
        expect(ends).toContain(last);
        expect(prefixOf(body, last ?? 0)).toEqual(prefixOf(before, last ?? 0));
      }
      expect(breakpointsOf(bodies[3])).toHaveLength(2);
    },
  );
});

/** All blocks of a conversation as text, without their breakpoints. */
function blocksOf(body: unknown): { readonly block: string; readonly isEnd: boolean }[] {
  const { messages } = body as { messages: readonly { role: string; content: string | readonly Json[] }[] };
  return messages.flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ type: 'text', text: content }] : content).map((block) => {
      const { cache_control: mark, ...rest } = block as Json;
      return { block: JSON.stringify([role, rest]), isEnd: mark !== undefined };
    }),
  );
}

/** After how many blocks of the conversation the provider is asked to keep it. */
function breakpointsOf(body: unknown): readonly number[] {
  return blocksOf(body).flatMap(({ isEnd }, index) => (isEnd ? [index + 1] : []));
}

function prefixOf(body: unknown, blocks: number): unknown {
  const { tools, system } = body as Json;
  return [
    tools,
    system,
    blocksOf(body)
      .slice(0, blocks)
      .map(({ block }) => block),
  ];
}

describe('requests to OpenAI', () => {
  const keyOf = (body: Json | undefined): unknown => body?.['prompt_cache_key'];
  const ask = { model: 'gpt', messages: [{ role: 'user' as const, content: 'hello' }] };

  test('have a key by route and tenant, the same from every client and in every process, naming neither', async () => {
    const routes = { smart: fallback('openai/gpt', 'openai/gpt-mini'), other: 'openai/gpt' };
    const all = world({}, { routes });
    const again = world({}, { routes });
    for (const { llm } of [all, again]) {
      const acme = llm.with({ tenant: 'acme' });
      await acme.clients.openai.chat.completions.create({ ...ask, model: 'smart' });
      await acme.clients.openai.responses.create({ model: 'smart', input: 'hello' });
      await acme.clients.anthropic.messages.create({ ...ask, max_tokens: 10, model: 'smart' });
      await acme.chat({ model: 'smart', messages: 'hello' });
    }
    const [key, ...same] = [...sent(all), ...sent(again)].map(keyOf);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(same)).toEqual(new Set([key]));
    await all.llm.with({ tenant: 'acme' }).chat({ model: 'other', messages: 'hello' });
    await all.llm.with({ tenant: 'bolt' }).chat({ model: 'smart', messages: 'hello' });
    await all.llm.chat({ model: 'smart', messages: 'hello' });
    await all.llm.chat({ model: 'openai/gpt', messages: 'hello' });
    expect(new Set([key, ...sent(all).slice(4).map(keyOf)]).size).toBe(5);
  });

  test('keep the caller’s own key, and get no other hint than is wanted', async () => {
    const all = world({ openai: { retention: '24h' } });
    const { chat } = all.llm.clients.openai;
    await chat.completions.create({ ...ask, prompt_cache_key: 'mine' });
    expect(sent(all)[0]).toEqual({ ...ask, prompt_cache_key: 'mine', prompt_cache_retention: '24h' });
    const none = world({ openai: { key: false } });
    await none.llm.clients.openai.chat.completions.create(ask);
    expect(sent(none)).toEqual([ask]);
    const off = world({ openai: false });
    await off.llm.clients.openai.chat.completions.create(ask);
    expect(sent(off)).toEqual([ask]);
  });

  test('have a key of the application’s own as a hash; what throws is reported and hurts no call', async () => {
    const all = world({ openai: { key: ({ settings }) => settings.user } });
    const as = (user: string | undefined) =>
      (user === undefined ? all.llm : all.llm.with({ user })).clients.openai.chat.completions.create(ask);
    for (const user of ['alice', 'alice', 'bob', undefined]) await as(user);
    const [alice, again, bob, nobody] = sent(all).map(keyOf);
    expect(alice).toMatch(/^[0-9a-f]{32}$/);
    expect([again, nobody]).toEqual([alice, undefined]);
    expect(bob).not.toBe(alice);
    const broken = world({
      openai: {
        key: () => {
          throw new Error('no key');
        },
      },
    });
    await broken.llm.clients.openai.chat.completions.create(ask);
    expect(sent(broken)).toEqual([ask]);
    expect(broken.errors[0]?.message).toContain('prompt-caching');
  });

  test('have none at servers that are not known to take it, unless that is said', async () => {
    const all = world();
    await all.llm.clients.backup.chat.completions.create(ask);
    expect(sent(all)).toEqual([ask]);
    const { provider } = governed();
    const client = new OpenAI({ apiKey: 'x', baseURL: 'https://own.test/v1', fetch: provider.fetch });
    const llm = new ManagedLLM({
      providers: { own: declare(client, { quirks: { promptCacheKey: true } }) },
      interceptors: [promptCaching()],
    });
    await llm.clients.own.chat.completions.create(ask);
    expect(keyOf(provider.requests[0]?.body as Json)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('have none where a derived client, or a URL of the application’s own, leads elsewhere', async () => {
    const all = world();
    const { llm, provider } = all;
    const proxied = llm.clients.openai.withOptions({ baseURL: 'https://proxy.test/v1' });
    await proxied.chat.completions.create(ask);
    const fetchIt = (url: string) =>
      llm.fetch('openai')(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(ask),
      });
    await fetchIt('https://api.openai.com.proxy.test/v1/chat/completions?to=https://api.openai.com/');
    expect(sent(all)).toEqual([ask, ask]);
    await fetchIt('https://api.openai.com/v1/chat/completions');
    const regional = llm.clients.backup.withOptions({ baseURL: 'https://eu.api.openai.com/v1' });
    await regional.chat.completions.create(ask);
    expect(provider.requests.at(-1)?.url).toBe('https://eu.api.openai.com/v1/chat/completions');
    expect(sent(all).slice(2).map(keyOf)).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{32}$/),
    ]);
  });

  test('have their tools in one order where that is wanted', async () => {
    const all = world({ stableTools: true });
    const tool = (name: string) => ({ type: 'function' as const, function: { name, parameters } });
    const { completions } = all.llm.clients.openai.chat;
    await completions.create({ ...ask, tools: [tool('b'), tool('a')] });
    await completions.create({ ...ask, tools: [tool('a'), tool('b')] });
    const [one, other] = all.provider.requests.map(({ bodyText }) => bodyText);
    expect(one).toBe(other);
  });
});

describe('beside other interceptors', () => {
  test('answers are kept under the same key as without it, and a hit says nothing of prompts', async () => {
    const keyWith = async (more: readonly Interceptor[]): Promise<unknown> => {
      const all = governed({ models, interceptors: [cache(), ...more] });
      all.provider.always({ usage: { inputTokens: 2_000, outputTokens: 1, cacheWriteTokens: 2_000 } });
      const ask = {
        model: 'claude',
        max_tokens: 9,
        system: long,
        messages: [{ role: 'user', content: 'Hi' }],
      };
      for (let asked = 0; asked < 2; asked++) await all.llm.clients.anthropic.messages.create(ask as never);
      expect(all.provider.requests).toHaveLength(1);
      const [first, hit] = await settledOnce(all, 2);
      expect(first?.facts.promptCache?.writtenTokens).toBe(more.length === 0 ? undefined : 2_000);
      expect(hit?.facts).toMatchObject({ cache: { status: 'hit' } });
      expect(hit?.facts).not.toHaveProperty('promptCache');
      return hit?.facts.cache?.key;
    };
    expect(await keyWith([promptCaching()])).toBe(await keyWith([]));
  });

  test('a body that an inner interceptor changes still gets its breakpoints', async () => {
    const inner: Interceptor = {
      name: 'inner',
      stage: 'send',
      intercept: (call, next) =>
        next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Be brief.') })),
    };
    const all = world({}, { interceptors: [inner] });
    await all.llm.clients.anthropic.messages.create({
      model: 'claude',
      max_tokens: 9,
      system: long,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(sent(all)[0]?.['system']).toEqual([
      { type: 'text', text: `Be brief.\n\n${long}`, cache_control: short },
    ]);
  });

  test('each attempt of a route gets what its own target takes', async () => {
    const all = world({}, { routes: { smart: fallback('anthropic/claude', 'openai/gpt') } });
    all.provider.next({ status: 529 });
    await all.llm.clients.openai.chat.completions.create({
      model: 'smart',
      messages: [
        { role: 'system', content: long },
        { role: 'user', content: 'Hi' },
      ],
    });
    const [first, second] = sent(all);
    expect(first).toMatchObject({ system: [{ cache_control: short }] });
    expect(first).not.toHaveProperty('prompt_cache_key');
    expect(count(second)).toBe(0);
    expect(second).toHaveProperty('prompt_cache_key');
  });
});

/** An answer of Anthropic's with the counts that are said. */
const telling = (usage: Json) => ({
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text: 'ok' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  },
});

describe('receipts', () => {
  const usage = { inputTokens: 2_100, outputTokens: 50, cachedInputTokens: 1_000, cacheWriteTokens: 1_000 };
  /** A thousand read at a tenth saves 900 each; a thousand written at 1.25 costs 250 more each. */
  const savedNanoUsd = 900_000 - 250_000;

  test.each([
    { name: 'Anthropic', sdk: anthropic, stream: false },
    { name: 'Anthropic', sdk: anthropic, stream: true },
    { name: 'OpenAI', sdk: openai, stream: false },
    { name: 'OpenAI', sdk: openai, stream: true },
  ])(
    'of $name tell what was read and written and what that saved (stream: $stream)',
    async ({ sdk, stream }) => {
      const all = world({ anthropic: false, openai: false });
      all.provider.next({ usage });
      if (stream) await readAll(await sdk.stream(all.llm));
      else await sdk.create(all.llm);
      const { receipt } = await theOnlyCall(all);
      const use = { readTokens: 1_000, writtenTokens: 1_000, savedNanoUsd };
      const attemptId = receipt.attempts[0]?.attemptId;
      expect(receipt.facts.promptCache).toEqual({ ...use, attempts: [{ attemptId, ...use }] });
      expect(receipt.costNanoUsd).toBe(100_000 + 100_000 + 1_250_000 + 500_000);
    },
  );

  test('have less than nothing where it was only written, an hour dearer than 5 minutes', async () => {
    const all = world();
    all.provider.next(
      telling({
        input_tokens: 10,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        output_tokens: 1,
      }),
    );
    await anthropic.create(all.llm);
    const { receipt } = await theOnlyCall(all);
    expect(receipt.facts.promptCache).toMatchObject({
      readTokens: 0,
      writtenTokens: 300,
      savedNanoUsd: -(100 * 250 + 200 * 1_000),
    });
  });

  test('say nothing of money where the price is not known, and nothing at all where nothing was cached', async () => {
    const unpriced = world({}, { models: {} });
    unpriced.provider.next({ usage });
    await anthropic.create(unpriced.llm, {}, 'of-my-own');
    const { receipt } = await theOnlyCall(unpriced);
    expect(receipt.facts.promptCache).toMatchObject({ readTokens: 1_000, writtenTokens: 1_000 });
    expect(receipt.facts.promptCache).not.toHaveProperty('savedNanoUsd');
    const uncached = world();
    uncached.provider.next({ usage: { inputTokens: 10, outputTokens: 1 } });
    await anthropic.create(uncached.llm);
    expect((await theOnlyCall(uncached)).receipt.facts).not.toHaveProperty('promptCache');
  });

  test('say nothing of an answer that no attempt has brought', async () => {
    let host: Host | undefined;
    const told = { inputTokens: 10, cachedInputTokens: 10, outputTokens: 1, provenance: 'reported' } as const;
    const inner: Interceptor = {
      name: 'inner',
      stage: 'send',
      attach: (given) => void (host = given),
      intercept: async (call, next) =>
        host?.replies.body(call, { content: [{ type: 'text', text: 'kept' }] }, 'cache', { usage: told }) ??
        next(call),
    };
    const all = world({}, { interceptors: [inner] });
    await anthropic.create(all.llm);
    const { receipt } = await theOnlyCall(all);
    expect(receipt.usage?.cachedInputTokens).toBe(10);
    expect(receipt.facts).not.toHaveProperty('promptCache');
  });

  test('add up the attempts of a call, also one whose stream was broken off after its beginning', async () => {
    const all = world(
      {},
      { routes: { smart: fallback('anthropic/claude', 'anthropic/claude-two') }, interceptors: [once] },
    );
    all.provider.next({ usage, cutAfterEvents: 1 }, { usage });
    await readAll(await anthropic.stream(all.llm, {}, 'smart'));
    const { receipt } = await theOnlyCall(all);
    expect(receipt.attempts).toHaveLength(2);
    const use = { readTokens: 1_000, writtenTokens: 1_000, savedNanoUsd };
    expect(receipt.facts.promptCache).toEqual({
      readTokens: 2_000,
      writtenTokens: 2_000,
      savedNanoUsd: 2 * savedNanoUsd,
      attempts: receipt.attempts.map(({ attemptId }) => ({ attemptId, ...use })),
    });
  });

  test('count every attempt once, however often prompts are cared for', async () => {
    const all = world({}, { interceptors: [{ ...promptCaching({ openai: false }), name: 'again' }] });
    all.provider.next({ usage });
    await anthropic.create(all.llm);
    const { receipt } = await theOnlyCall(all);
    expect(receipt.facts.promptCache).toMatchObject({ readTokens: 1_000, writtenTokens: 1_000 });
  });

  test('tell what reading saved although something else of the call has no price', async () => {
    const all = world();
    all.provider.next(
      telling({
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 5_000,
        output_tokens: 1,
        server_tool_use: { web_search_requests: 1 },
      }),
    );
    await anthropic.create(all.llm);
    const { receipt } = await theOnlyCall(all);
    expect(receipt.costNanoUsd).toBeUndefined();
    expect(receipt.facts.promptCache).toMatchObject({ readTokens: 5_000, savedNanoUsd: 5_000 * 900 });
  });
});
