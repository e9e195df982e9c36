import {
  breaker,
  fallback,
  hedge,
  ManagedLLM,
  ManagedLLMError,
  pick,
  throttle,
  type Explanation,
} from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  theOnlyCall,
  type TestOptions,
} from './governed.ts';

const picture = {
  role: 'user' as const,
  content: [
    { type: 'text' as const, text: 'What is this?' },
    { type: 'image' as const, url: 'https://example.com/cat.png' },
  ],
};

/** Each target with what it lacks. */
function reasonsOf({ choices }: Explanation): Record<string, string | undefined> {
  return Object.fromEntries(choices.map(({ target, reason }) => [target, reason]));
}

const nano = 'openai/gpt-5.4-nano';
const haiku = 'anthropic/claude-haiku-5-5';
const sonnet = 'anthropic/claude-sonnet-5-5';
const luna = 'openai/gpt-6-luna';

/** Where a call to the route `asked` would go, and what each choice lacks. */
async function explained(
  rule: Parameters<typeof pick>[0],
  options: TestOptions = {},
  request: Readonly<Record<string, unknown>> = {},
): Promise<Explanation> {
  const { llm } = governed({ ...options, routes: { asked: pick(rule) } });
  return llm.explain({ model: 'asked', messages: 'Hi', ...request });
}

describe('pick', () => {
  test.each(sdks)(
    'sends calls of $name to the first that has what is required, plain and in streams',
    async (sdk) => {
      const from = ['backup/unknown', 'openai/gpt-4', luna, sonnet] as const;
      const world = governed({ routes: { asked: pick({ from, requires: ['vision', 'tools'] }) } });
      await sdk.create(world.llm, {}, 'asked');
      await readAll(await sdk.stream(world.llm, {}, 'asked'));
      await world.llm.idle();
      expect(world.receipts.map(({ target }) => target)).toEqual([
        { provider: 'openai', model: 'gpt-6-luna' },
        { provider: 'openai', model: 'gpt-6-luna' },
      ]);
      expect(world.receipts[0]?.facts.route).toEqual({
        name: 'asked',
        path: 'asked.from.2',
        because: 'pick (from.2)',
        first: false,
      });
    },
  );

  test('says of each choice what it lacks', async () => {
    const told = await explained({
      from: ['backup/unknown', 'openai/gpt-4', 'openai/gpt-4.1', 'openai/gpt-5.5', sonnet, haiku],
      requires: ['vision', 'reasoning'],
      minContextTokens: 500_000,
      maxInputUsdPerMTok: 3,
      maxOutputUsdPerMTok: 8,
    });
    expect(reasonsOf(told)).toEqual({
      'backup/unknown': 'whether it has vision is not known',
      'openai/gpt-4':
        'it is not served any more since 2026-10-23 (`retiresAt: false` under `models`, if it is for you)',
      'openai/gpt-4.1': 'it has no reasoning',
      'openai/gpt-5.5': 'a million input tokens cost 5 USD, and 3 are allowed',
      [sonnet]: 'a million output tokens cost 10 USD, and 8 are allowed',
      [haiku]: undefined,
    });
    expect(told.target).toBe(haiku);
  });

  test('asks for windows and longest answers that are known', async () => {
    const from = ['backup/unknown', 'openai/gpt-4o', sonnet] as const;
    expect(reasonsOf(await explained({ from, minContextTokens: 200_000 }))).toEqual({
      'backup/unknown': 'its context window is not known',
      'openai/gpt-4o': 'its context window has 128000 tokens, and 200000 are asked',
      [sonnet]: undefined,
    });
    expect(reasonsOf(await explained({ from, minOutputTokens: 16_385 }))).toMatchObject({
      'openai/gpt-4o': 'its longest answer has 16384 tokens, and 16385 are asked',
      [sonnet]: undefined,
    });
    expect(reasonsOf(await explained({ from, maxInputUsdPerMTok: 50 }))).toEqual({
      'backup/unknown': 'its price is not known',
      'openai/gpt-4o': undefined,
      [sonnet]: undefined,
    });
  });

  test('keeps to regions that `models` tells', async () => {
    const models = { 'backup/*': { region: 'eu' }, 'openai/*': { region: 'us' } };
    const from = ['openai/a', 'anthropic/b', 'backup/c'] as const;
    const told = await explained({ from, region: ['eu', 'ch'] }, { models });
    expect(told.target).toBe('backup/c');
    expect(reasonsOf(told)).toEqual({
      'openai/a': 'it runs in us, not in eu or ch',
      'anthropic/b': 'where it runs is not known',
      'backup/c': undefined,
    });
  });

  test('passes over what is known to lack what the call needs, and lets pass what nobody knows', async () => {
    const models = { 'backup/blind': { capabilities: { vision: false, tools: false, streaming: false } } };
    const from = ['backup/blind', 'backup/unknown', sonnet] as const;
    expect((await explained({ from }, { models })).target).toBe('backup/blind');
    const seen = await explained({ from }, { models }, { messages: [picture] });
    expect(seen.target).toBe('backup/unknown');
    expect(reasonsOf(seen)['backup/blind']).toBe('the call needs vision, which it does not have');
    const tools = [{ name: 'now', description: 'The time', parameters: { type: 'object' } }];
    expect(reasonsOf(await explained({ from }, { models }, { tools }))['backup/blind']).toContain(
      'needs tools',
    );
    expect(
      reasonsOf(await explained({ from }, { models }, { provider: 'openai', messages: [], stream: true }))[
        'backup/blind'
      ],
    ).toContain('needs streaming');
  });

  test.each([
    ['openai', { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } }],
    ['anthropic', { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } }],
  ])('sees pictures in requests of %s', async (provider, part) => {
    const models = { 'backup/blind': { capabilities: { vision: false } } };
    const told = await explained(
      { from: ['backup/blind', sonnet] },
      { models },
      {
        provider,
        max_tokens: 10,
        messages: [{ role: 'user', content: [part] }],
      },
    );
    expect(told.target).toBe(sonnet);
  });

  test('leaves room for the prompt and for the answer', async () => {
    const models = { 'backup/small': { contextTokens: 1_000, maxOutputTokens: 100 } };
    const from = ['backup/small', sonnet] as const;
    const long = await explained({ from }, { models }, { messages: 'word '.repeat(2_000) });
    expect(long.target).toBe(sonnet);
    expect(reasonsOf(long)['backup/small']).toMatch(
      /^the prompt has about \d+ tokens, and its context window 1000$/,
    );
    const wordy = await explained({ from }, { models }, { maxOutputTokens: 101 });
    expect(reasonsOf(wordy)['backup/small']).toBe(
      'the call asks for up to 101 tokens, and its longest answer has 100',
    );
    expect((await explained({ from }, { models }, { maxOutputTokens: 100 })).target).toBe('backup/small');
  });

  test('leaves room for the prompt and the answer together', async () => {
    const models = { 'backup/small': { contextTokens: 1_000 } };
    const from = ['backup/small', sonnet] as const;
    const messages = 'word '.repeat(600);
    const both = await explained({ from }, { models }, { messages, maxOutputTokens: 900 });
    expect(both.target).toBe(sonnet);
    expect(reasonsOf(both)['backup/small']).toMatch(
      /^the prompt has about \d+ tokens and its answer up to 900, and its context window 1000$/,
    );
    const less = await explained({ from }, { models }, { messages, maxOutputTokens: 100 });
    expect(less.target).toBe('backup/small');
  });

  test('prefers what such a call costs least at, long prompts at their own price, and unknown prices last', async () => {
    const from = ['backup/unknown', sonnet, 'openai/gpt-5.4-mini', haiku] as const;
    const order = async (messages: string) =>
      (await explained({ from, prefer: 'cost' }, {}, { messages })).choices.map(({ target }) => target);
    expect(await order('Hi')).toEqual([haiku, 'openai/gpt-5.4-mini', sonnet, 'backup/unknown']);
    // Above 100,000 tokens Haiku 5.5 costs five times as much, and GPT-5.4 mini 0.75.
    const models = { 'backup/unknown': { price: { inputUsdPerMTok: 0.3, outputUsdPerMTok: 1 } } };
    const long = { messages: 'word '.repeat(120_000) };
    const dear = await explained({ from: [haiku, 'backup/unknown'], prefer: 'cost' }, { models }, long);
    expect(dear.target).toBe('backup/unknown');
    const cheap = await explained({ from: ['backup/unknown', haiku], prefer: 'cost' }, { models });
    expect(cheap.target).toBe(haiku);
  });

  test('takes a rule for as dear as its cheapest target that fits', async () => {
    const cheapAndEnded = fallback('openai/gpt-4.1-nano', 'openai/gpt-5.5');
    const blind = { 'backup/blind': { price: 0 as const, capabilities: { vision: false } } };
    for (const inner of [
      cheapAndEnded,
      pick({ from: ['backup/blind', 'openai/gpt-5.5'], requires: ['vision'] }),
    ]) {
      const told = await explained(
        { from: [inner, 'openai/gpt-5.4-mini'], prefer: 'cost' },
        { models: blind },
      );
      expect(told.choices[0]?.target).toBe('openai/gpt-5.4-mini');
    }
  });

  test('prefers what answers sooner', async () => {
    const world = governed({
      routes: { asked: pick({ from: ['openai/slow', 'backup/quick'], prefer: 'latency' }) },
    });
    const { provider, llm, clock } = world;
    for (const [model, latencyMs] of [
      ['openai/slow', 500],
      ['backup/quick', 10],
    ] as const) {
      provider.next({ text: 'a', latencyMs });
      const asked = openai.create(llm, {}, model);
      await clock.advance(latencyMs);
      await asked;
    }
    expect((await llm.explain({ model: 'asked', messages: 'Hi' })).target).toBe('backup/quick');
  });

  test('moves on from a failure to the next that fits, never to one that does not', async () => {
    const from = [luna, 'openai/gpt-4', haiku] as const;
    const world = governed({ routes: { asked: pick({ from, requires: ['vision'] }) } });
    world.provider.next({ status: 503 });
    await anthropic.create(world.llm, {}, 'asked');
    const { receipt } = await theOnlyCall(world);
    expect(receipt.target).toEqual({ provider: 'anthropic', model: 'claude-haiku-5-5' });
    expect(receipt.attempts.map(({ target }) => target.model)).toEqual(['gpt-6-luna', 'claude-haiku-5-5']);
  });

  test.each(sdks)('refuses a call of $name that no model fits, without asking anybody', async (sdk) => {
    const world = governed({ routes: { asked: pick({ from: [nano, 'backup/a'], requires: ['audio'] }) } });
    const error = await rejection(sdk.create(world.llm, {}, 'asked'));
    expect(error).toBeInstanceOf(sdk.APIError);
    const reason = ManagedLLMError.from(error);
    const lacks = [
      { target: nano, reason: 'it has no audio' },
      { target: 'backup/a', reason: 'whether it has audio is not known' },
    ];
    expect(reason).toMatchObject({
      code: 'no-model-fits',
      status: 400,
      message:
        `No model of \`asked\` can serve this call. \`${nano}\`: it has no audio. ` +
        '`backup/a`: whether it has audio is not known. ' +
        '`llm.explain` says the same of any request, without sending it.',
      details: { model: 'asked', lacks },
    });
    const { target, choices } = await world.llm.explain({ model: 'asked', messages: 'Hi' });
    expect([target, choices.map(({ lacks: reasons }) => reasons)]).toEqual([
      undefined,
      lacks.map((each) => each.reason),
    ]);
    expect(world.provider.requests).toHaveLength(0);
    const { receipt } = await theOnlyCall(world);
    expect(receipt.outcome).toBe('refused');
  });

  test('tells what all models lack, also of rules inside it, and the first five in the message', async () => {
    const from = ['a', 'b', 'c', 'd'].map((model) => `backup/${model}`);
    const routes = {
      asked: fallback(pick({ from: [nano], requires: ['audio'] }), pick({ from, region: 'eu' })),
    };
    const { llm } = governed({ routes });
    const reason = await rejection(llm.chat({ model: 'asked', messages: 'Hi' }));
    expect(reason).toMatchObject({ code: 'no-model-fits' });
    const { details, message } = reason as ManagedLLMError;
    expect((details['lacks'] as { target: string }[]).map(({ target }) => target)).toEqual([nano, ...from]);
    expect(message).toContain('`backup/d`: where it runs is not known. `llm.explain`');
    const wide = governed({ routes: { asked: pick({ from: [...from, 'backup/e', nano], region: 'eu' }) } });
    const { message: long } = (await rejection(
      wide.llm.chat({ model: 'asked', messages: 'Hi' }),
    )) as ManagedLLMError;
    expect(long).toContain('`backup/e`');
    expect(long).not.toContain(nano);
    expect(long).toContain('1 more are in `details.lacks`.');
  });

  describe('of models that fit and are not ready', () => {
    const blind = { 'backup/blind': { capabilities: { tools: false } } };
    const from = ['backup/blind', 'openai/gpt-5.4-mini'] as const;
    const asked = pick({ from, requires: ['tools'] });

    test.each([
      ['by itself', { asked }],
      ['inside another rule', { asked: fallback(pick({ from: ['openai/gpt-4'] }), 'inner'), inner: asked }],
      [
        'beside another',
        {
          asked: pick({ from: ['raced'] }),
          raced: hedge('openai/gpt-4', 'inner', { afterMs: 5 }),
          inner: asked,
        },
      ],
    ])('that they are switched off is what is told, %s', async (_where, routes) => {
      const health = breaker();
      health.kill({ provider: 'openai', model: 'gpt-5.4-mini', reason: 'testing' });
      const world = governed({ models: blind, interceptors: [health], routes });
      for (const sdk of sdks) {
        const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }, 'asked'));
        expect(ManagedLLMError.from(error)).toMatchObject({ code: 'target-disabled', status: 503 });
      }
      const told = await world.llm.explain({ model: 'asked', messages: 'Hi' });
      expect(told.target).toBe('openai/gpt-5.4-mini');
      expect(world.provider.requests).toHaveLength(0);
    });

    test('a full queue is what is told', async () => {
      const interceptors = [throttle({ openai: { requestsPerMinute: 1 } }, { maxQueue: 0 })];
      const world = governed({ models: blind, interceptors, routes: { asked } });
      await openai.create(world.llm, {}, 'asked');
      const error = await rejection(openai.create(world.llm, { maxRetries: 0 }, 'asked'));
      expect(ManagedLLMError.from(error)).toMatchObject({ code: 'throttled', status: 429 });
    });
  });

  test('inside other rules it is passed over where nothing fits, and judges what is inside it', async () => {
    const routes = {
      outer: fallback(pick({ from: [nano], requires: ['audio'] }), 'backup/other'),
      inner: pick({ from: [fallback('openai/gpt-4', sonnet), 'named'], requires: ['vision'] }),
      named: 'backup/unknown',
    };
    const { llm } = governed({ routes });
    expect((await llm.explain({ model: 'outer', messages: 'Hi' })).target).toBe('backup/other');
    const inner = await llm.explain({ model: 'inner', messages: 'Hi' });
    expect(inner.target).toBe(sonnet);
    expect(reasonsOf(inner)).toMatchObject({ 'backup/unknown': 'whether it has vision is not known' });
  });

  test('picks among the targets that `models` names where it is given none', async () => {
    const models = {
      'openai/*': { discount: 0.1 },
      [sonnet]: {},
      'backup/ours': { is: 'openai/gpt-5.4-mini' },
      [haiku]: 'claude-haiku-5-5',
    };
    const told = await explained({ requires: ['tools'], prefer: 'cost' }, { models });
    expect(told.choices.map(({ target }) => target)).toEqual([haiku, 'backup/ours', sonnet]);
    expect(() => governed({ routes: { asked: pick({}) } })).toThrow(/`routes.asked` picks among the targets/);
  });

  describe('over a provider that is one client a caller', () => {
    const world = () => {
      const provider = standIn();
      const llm = new ManagedLLM({
        providers: {
          byo: ({ tenant }) => {
            if (tenant === 'banned') throw new Error('There is no key for this tenant.');
            return new OpenAI({
              apiKey: 'test',
              fetch: provider.fetch,
              ...(tenant === 'gateway' ? { baseURL: 'https://gateway.test/v1' } : {}),
            });
          },
        },
        routes: { asked: pick({ from: ['byo/gpt-5.4-mini'], requires: ['tools'], maxInputUsdPerMTok: 1 }) },
        clock: manualClock(Date.UTC(2026, 10, 23)),
        onError: () => {},
      });
      const ask = (settings: { readonly tenant?: string }) =>
        llm.chat({ model: 'asked', messages: 'Hi' }, settings).then(
          ({ receipt }) => receipt.costUsd ?? 'unknown',
          (error: unknown) => ManagedLLMError.from(error)?.code,
        );
      return { llm, ask };
    };

    test('goes by the client of whoever asks, from the first call on', async () => {
      const { llm, ask } = world();
      const cost = await ask({ tenant: 'a' });
      expect(cost).toBeTypeOf('number');
      expect(await ask({ tenant: 'gateway' })).toBe('no-model-fits');
      expect(await ask({ tenant: 'a' })).toBe(cost);
      const capped = { tenant: 'a', maxCostUsd: 0.05 };
      expect(await ask(capped)).toBe(cost);
      const estimate = await llm.estimate({ model: 'asked', messages: 'Hi' }, { tenant: 'a' });
      expect(estimate.costUsd).toBeGreaterThan(0);
    });

    test('leaves it to that provider to say that there is no client', async () => {
      const { llm, ask } = world();
      expect(await ask({})).toBe('caller-required');
      expect(await ask({ tenant: 'banned' })).toBe('interceptor-fault');
      const { choices } = await llm.explain({ model: 'asked', messages: 'Hi' }, { tenant: 'banned' });
      expect(choices[0]).toMatchObject({ ready: false, reason: 'There is no key for this tenant.' });
      expect(choices[0]?.lacks).toBeUndefined();
    });
  });

  test('takes a fine-tuned model for what it was made from, but for what is said of it', async () => {
    const tuned = 'openai/ft:gpt-4.1-mini:acme::x1';
    const from = [tuned] as const;
    const requires = ['vision', 'tools'] as const;
    const price = { inputUsdPerMTok: 0.8, outputUsdPerMTok: 3.2 };
    const is = 'gpt-4.1-mini';
    expect(reasonsOf(await explained({ from, requires }))[tuned]).toBe('whether it has vision is not known');
    const models = { [tuned]: { is, price } };
    expect(reasonsOf(await explained({ from, requires, maxInputUsdPerMTok: 0.8 }, { models }))[tuned]).toBe(
      undefined,
    );
    const blind = { [tuned]: { is, price, capabilities: { vision: false } } };
    expect(reasonsOf(await explained({ from, requires }, { models: blind }))[tuned]).toBe('it has no vision');
  });

  test('is estimated without what does not fit', async () => {
    const from = ['openai/gpt-6-astra', luna, haiku] as const;
    const { llm } = governed({ routes: { asked: pick({ from, maxInputUsdPerMTok: 1 }) } });
    const estimate = await llm.estimate({ model: 'asked', messages: 'Hi', maxOutputTokens: 10 });
    expect(estimate.choices.map(({ target }) => target)).toEqual([luna, haiku]);
    const ended = governed({ routes: { asked: pick({ from: ['openai/gpt-4', 'backup/a'], region: 'eu' }) } });
    const none = await rejection(ended.llm.estimate({ model: 'asked', messages: 'Hi' }));
    expect(none).toMatchObject({ code: 'no-model-fits' });
    expect((none as ManagedLLMError).details['lacks']).toHaveLength(2);
    expect(estimate.dearest.target).not.toBe('openai/gpt-6-astra');
    const { choices } = await llm.explain({ model: 'asked', messages: 'Hi' });
    expect(choices.map(({ lacks }) => lacks)).toEqual([
      'a million input tokens cost 10 USD, and 1 are allowed',
      undefined,
      undefined,
    ]);
  });

  test('leads no call to a model that has ended, from that day on', async () => {
    const world = governed({ routes: { asked: pick({ from: ['openai/gpt-5-mini', luna] }) } });
    const { llm, clock } = world;
    expect((await llm.explain({ model: 'asked', messages: 'Hi' })).target).toBe('openai/gpt-5-mini');
    await clock.advance(Date.UTC(2026, 11, 11) - clock.now());
    expect((await llm.explain({ model: 'asked', messages: 'Hi' })).target).toBe(luna);
  });

  test('is told apart by all that decides', async () => {
    const definitions = [
      pick({ from: ['openai/a'] }),
      pick({ from: ['openai/a'], prefer: 'cost' }),
      pick({ from: ['openai/a'], requires: ['vision'] }),
      pick({ from: ['openai/a'], requires: ['tools'] }),
      pick({ from: ['openai/a'], region: 'eu' }),
      pick({ from: ['openai/a'], minContextTokens: 5 }),
    ].map(({ definition }) => JSON.stringify(definition));
    expect(new Set(definitions).size).toBe(definitions.length);
  });

  test.each([
    [{ from: [] }, /`pick.from` needs at least one choice/],
    [{ from: ['openai/a', 'openai/a'] }, /`pick.from.1` is `openai\/a`/],
    [{ from: ['openai/a', 5] }, /`pick.from.1` is no choice/],
    [{ from: 'openai/a' }, /`pick.from` takes a list/],
    [{ from: ['openai/a'], region: [] }, /`pick.region` must be a list that is not empty/],
    [{ requires: ['sight'] }, /`pick.requires.0`/],
    [{ prefers: 'cost' }, /Did you mean `prefer`/],
    [{ maxInputUsdPerMTok: -1 }, /`pick.maxInputUsdPerMTok`/],
  ])('refuses %o', (options, message) => {
    expect(() => pick(options as never)).toThrow(message);
  });
});
