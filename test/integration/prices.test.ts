import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, pool, type ManagedLLMError, type Receipt } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const messages = [{ role: 'user' as const, content: 'hello' }];

/** Clients at their providers' own addresses, which is how a catalogue's provider is told; `local` is nobody's. */
function scene(
  options: Pick<ConstructorParameters<typeof ManagedLLM>[0], 'models' | 'prices' | 'routes'> = {},
  startAt = Date.UTC(2026, 10, 23),
) {
  const clock = manualClock(startAt);
  const provider = standIn({ clock });
  const { fetch } = provider;
  const errors: ManagedLLMError[] = [];
  const local = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:11434/v1', fetch });
  const providers = {
    openai: new OpenAI({ apiKey: 'test', fetch }),
    anthropic: new Anthropic({ apiKey: 'test', fetch }),
    azure: new AzureOpenAI({
      apiKey: 'test',
      apiVersion: '2026-04-01',
      endpoint: 'https://acme.openai.azure.com',
      fetch,
    }),
    local,
    keys: pool(new OpenAI({ apiKey: 'one', fetch }), new OpenAI({ apiKey: 'two', fetch })),
  };
  const llm = new ManagedLLM({
    ...options,
    providers,
    clock,
    random: () => 0,
    onError: (error) => void errors.push(error),
  });
  const receipts: Receipt[] = [];
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const cost = async (): Promise<number | undefined> => {
    await llm.idle();
    const receipt = receipts.at(-1);
    if (receipt === undefined) throw new Error('No call was seen.');
    expect(receipt.attempts.at(-1)?.costNanoUsd).toBe(receipt.costNanoUsd);
    expect(receipt.costUsd).toBe(
      receipt.costNanoUsd === undefined ? undefined : receipt.costNanoUsd / 1_000_000_000,
    );
    return receipt.costNanoUsd;
  };
  return {
    llm,
    provider,
    errors,
    receipts,
    /** What a chat completion with this usage cost, in nano-USD. */
    async chat(
      name: 'openai' | 'azure' | 'local' | 'keys',
      model: string,
      usage: object,
      serviceTier = 'default',
    ) {
      provider.next({ body: completion(model, usage, serviceTier) });
      await llm.clients[name].chat.completions.create({ model, messages });
      return cost();
    },
    /** What a message with this usage cost, in nano-USD. */
    async message(model: string, usage: object) {
      provider.next({ body: message(model, usage) });
      await llm.clients.anthropic.messages.create({ model, max_tokens: 100, messages });
      return cost();
    },
    cost,
  };
}

function completion(model: string, usage: object, serviceTier: string): object {
  const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [choice],
    service_tier: serviceTier,
    usage,
  };
}

function message(model: string, usage: object): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'hi' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { service_tier: 'standard', ...usage },
  };
}

const small = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };

describe('what a call costs', () => {
  test('is the catalogue’s price for what the provider said was used, plain or streamed, by either SDK', async () => {
    const { llm, provider, chat, message: say, cost } = scene();
    // 0.15 and 0.60 USD per million tokens.
    expect(await chat('openai', 'gpt-4o-mini', small)).toBe(1_000 * 150 + 100 * 600);
    // 5 and 25.
    expect(await say('claude-opus-4-8', { input_tokens: 1_000, output_tokens: 100 })).toBe(
      1_000 * 5_000 + 100 * 25_000,
    );
    provider.next({ usage: { inputTokens: 10, outputTokens: 7 } });
    const stream = await llm.clients.openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      stream: true,
    });
    for await (const _ of stream);
    expect(await cost()).toBe(10 * 150 + 7 * 600);
  });

  test('is told to those who listen to attempts as well, from the first attempt on', async () => {
    const { llm, provider } = scene();
    const costs: (number | undefined)[] = [];
    llm.on('attempt:end', ({ costNanoUsd }) => costs.push(costNanoUsd));
    provider.next({ usage: { inputTokens: 10, outputTokens: 7 } });
    await llm.clients.openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    await llm.idle();
    expect(costs).toEqual([10 * 150 + 7 * 600]);
  });

  test('is told in the order in which calls ended, also of those that cost nothing', async () => {
    const { llm, provider, receipts } = scene();
    provider.next({ usage: { inputTokens: 10, outputTokens: 7 } }, { status: 400 });
    await llm.clients.openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    await expect(
      llm.clients.openai.chat.completions.create({ model: 'gpt-4o-mini', messages }),
    ).rejects.toThrow();
    await llm.idle();
    expect(receipts.map(({ costNanoUsd }) => costNanoUsd)).toEqual([10 * 150 + 7 * 600, 0]);
  });

  test('counts what was read from the cache, and what was written to it by its lifetime', async () => {
    const { chat, message: say } = scene();
    expect(
      await chat('openai', 'gpt-4o-mini', {
        ...small,
        prompt_tokens_details: { cached_tokens: 400 },
      }),
    ).toBe(600 * 150 + 400 * 75 + 100 * 600);
    expect(
      await say('claude-opus-4-8', {
        input_tokens: 10,
        cache_read_input_tokens: 1_000,
        cache_creation_input_tokens: 300,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        output_tokens: 100,
      }),
    ).toBe(10 * 5_000 + 1_000 * 500 + 100 * 6_250 + 200 * 10_000 + 100 * 25_000);
  });

  test('is that of long prompts from the length on at which the provider says so', async () => {
    // Anthropic's prices for long prompts ended on that day.
    const { chat, message: say } = scene({}, Date.UTC(2026, 2, 13) - 1);
    const used = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 10 });
    expect(await chat('openai', 'gpt-5.4', used(271_999))).toBe(271_999 * 2_500 + 10 * 15_000);
    expect(await chat('openai', 'gpt-5.4', used(272_000))).toBe(272_000 * 5_000 + 10 * 22_500);
    const read = (cached: number) => ({
      input_tokens: 100_000,
      cache_read_input_tokens: cached,
      output_tokens: 10,
    });
    // What was cached counts for the length.
    expect(await say('claude-sonnet-4-6', read(100_000))).toBe(100_000 * 3_000 + 100_000 * 300 + 10 * 15_000);
    expect(await say('claude-sonnet-4-6', read(100_001))).toBe(100_000 * 6_000 + 100_001 * 600 + 10 * 22_500);
  });

  test('is that of the service tier and the region that the provider says it served', async () => {
    const { chat, message: say } = scene();
    const standard = 1_000 * 400 + 100 * 1_600;
    expect(await chat('openai', 'gpt-4.1-mini', small)).toBe(standard);
    expect(await chat('openai', 'gpt-4.1-mini', small, 'priority')).toBe(standard * 1.75);
    expect(await chat('openai', 'gpt-5-mini', small, 'flex')).toBe((1_000 * 250 + 100 * 2_000) / 2);
    expect(await chat('openai', 'gpt-4.1-mini', small, 'flex')).toBeUndefined();
    const used = { input_tokens: 1_000, output_tokens: 100 };
    expect(await say('claude-opus-5-5', { ...used, service_tier: 'batch', inference_geo: 'us' })).toBe(
      ((1_000 * 4_000 + 100 * 20_000) * 11) / 20,
    );
  });

  test('is what it was when the attempt began', async () => {
    const used = { prompt_tokens: 1_000, completion_tokens: 0 };
    const before = scene({}, Date.UTC(2026, 6, 30) - 1);
    expect(await before.chat('openai', 'gpt-5.6-luna', used)).toBe(1_000 * 1_000);
    const after = scene({}, Date.UTC(2026, 6, 30));
    expect(await after.chat('openai', 'gpt-5.6-luna', used)).toBe(1_000 * 200);
  });

  test('is not known of models that the catalogue does not list, and at providers it does not know', async () => {
    const { chat, errors } = scene();
    expect(await chat('openai', 'gpt-4o-mini-acme', small)).toBeUndefined();
    expect(await chat('local', 'gpt-4o-mini', small)).toBeUndefined();
    expect(await chat('azure', 'chat-prod', small)).toBeUndefined();
    expect(errors).toEqual([]);
  });

  test('is never guessed from the beginning of an id, unless that is allowed', async () => {
    const usage = { input_tokens: 1_000, output_tokens: 0 };
    expect(await scene().message('claude-sonnet-5-7', usage)).toBeUndefined();
    const guessing = scene({ prices: { allowPrefixMatch: true } });
    expect(await guessing.message('claude-sonnet-5-7', usage)).toBe(1_000 * 2_000);
  });
});

describe('`models`', () => {
  test('says what a deployment is', async () => {
    const { chat, errors } = scene({
      models: { 'azure/chat-prod': 'gpt-4o-mini', 'local/mini': 'openai/gpt-4o-mini' },
    });
    expect(await chat('azure', 'chat-prod', small)).toBe(1_000 * 150 + 100 * 600);
    expect(await chat('local', 'mini', small)).toBe(1_000 * 150 + 100 * 600);
    expect(errors).toEqual([]);
  });

  test('says what machines of your own cost: nothing', async () => {
    const { chat } = scene({ models: { 'local/*': { price: 0 } } });
    expect(await chat('local', 'llama3.2', small)).toBe(0);
    expect(await chat('local', 'whatever', small)).toBe(0);
  });

  test('gives a price of one’s own, also for fine-tuned models, that holds for every count it names', async () => {
    const model = 'ft:gpt-4.1-mini:acme::x1';
    const { chat } = scene({
      models: {
        [`openai/${model}`]: {
          price: {
            inputUsdPerMTok: 0.8,
            cachedInputUsdPerMTok: 0.2,
            outputUsdPerMTok: 3.2,
            requestUsd: 0.001,
            above: [{ inputTokens: 1_000, inputUsdPerMTok: 1.6, outputUsdPerMTok: 4.8 }],
          },
        },
      },
    });
    expect(
      await chat('openai', model, { ...small, prompt_tokens_details: { cached_tokens: 500 } }, 'flex'),
    ).toBe(500 * 800 + 500 * 200 + 100 * 3_200 + 1_000_000);
    expect(await chat('openai', model, { prompt_tokens: 1_001, completion_tokens: 1 })).toBe(
      1_001 * 1_600 + 4_800 + 1_000_000,
    );
    expect(await scene().chat('openai', model, small)).toBeUndefined();
  });

  test('gives prices by the day from which on they hold; what is before the first is not known', async () => {
    const models = {
      'local/m': {
        price: [
          { from: '2026-12-01', inputUsdPerMTok: 1, outputUsdPerMTok: 2 },
          { from: '2026-11-01', inputUsdPerMTok: 3, outputUsdPerMTok: 4 },
        ],
      },
    };
    const at = async (...date: readonly [number, number, number]) =>
      scene({ models }, Date.UTC(...date)).chat('local', 'm', { prompt_tokens: 1, completion_tokens: 1 });
    expect(await at(2026, 9, 31)).toBeUndefined();
    expect(await at(2026, 10, 1)).toBe(7_000);
    expect(await at(2026, 10, 30)).toBe(7_000);
    expect(await at(2026, 11, 1)).toBe(3_000);
  });

  test('takes a discount off all that is billed; what is said of one model goes before what is said of all', async () => {
    const { chat } = scene({
      models: { 'openai/*': { discount: 0.15 }, 'openai/gpt-4o': { discount: 0.5 } },
    });
    expect(await chat('openai', 'gpt-4o-mini', small)).toBe((1_000 * 150 + 100 * 600) * 0.85);
    expect(await chat('openai', 'gpt-4o', small)).toBe((1_000 * 2_500 + 100 * 10_000) * 0.5);
  });

  test('leads to the tiers of the model that a deployment is, at its own price too', async () => {
    const { chat } = scene({
      models: {
        'azure/mini': 'gpt-4.1-mini',
        'openai/ft:gpt-4.1-mini:acme::x1': {
          is: 'gpt-4.1-mini',
          price: { inputUsdPerMTok: 0.8, outputUsdPerMTok: 3.2 },
        },
      },
    });
    expect(await chat('azure', 'mini', small, 'priority')).toBe((1_000 * 400 + 100 * 1_600) * 1.75);
    expect(await chat('openai', 'ft:gpt-4.1-mini:acme::x1', small, 'priority')).toBe(
      (1_000 * 800 + 100 * 3_200) * 1.75,
    );
  });

  test('of a pool holds for its members', async () => {
    const { chat } = scene({ models: { 'keys/*': { discount: 0.5 } } });
    expect(await chat('keys', 'gpt-4o-mini', small)).toBe((1_000 * 150 + 100 * 600) * 0.5);
  });

  test('that lead to no model of the catalogue are reported when prices are first needed', async () => {
    const { llm, errors } = scene({ models: { 'azure/chat-prod': 'gpt-4o-minni' } });
    await llm.idle();
    llm.on('call:end', () => {});
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]?.message).toContain('`models.azure/chat-prod` says `gpt-4o-minni`');
  });

  test.each([
    [{ 'opnai/gpt-5': 'gpt-5' }, 'models.opnai/gpt-5', 'did you mean `openai/gpt-5`'],
    [{ 'gpt-5': 'gpt-5' }, 'models.gpt-5', 'names no provider: write `openai/gpt-5`'],
    [{ openai: 'gpt-5' }, 'models.openai', 'names no model: write `openai/model` or `openai/*`'],
    [{ 'zzzzzzzz/x': 'gpt-5' }, 'models.zzzzzzzz/x', 'is of no provider: there are openai, anthropic'],
    [{ 'openai/x': '' }, 'models.openai/x', 'is empty'],
    [{ 'openai/x': { pirce: 0 } }, 'models.openai/x', 'Did you mean `price`?'],
    [{ 'openai/x': { price: 5 } }, 'models.openai/x.price', 'only 0 says it all'],
    [{ 'openai/x': { price: [] } }, 'models.openai/x.price', 'is empty'],
    [{ 'openai/x': { price: { inputUsdPerMTok: 1 } } }, 'models.openai/x.price.outputUsdPerMTok', 'must be'],
    [
      { 'openai/x': { price: { inputUsdPerMTok: -1, outputUsdPerMTok: 1 } } },
      'models.openai/x.price.inputUsdPerMTok',
      'must be at least 0',
    ],
    [
      { 'openai/x': { price: [{ from: '2026-02-30', inputUsdPerMTok: 1, outputUsdPerMTok: 1 }] } },
      'models.openai/x.price.0.from',
      'must be a day',
    ],
    [{ 'openai/x': { discount: 15 } }, 'models.openai/x.discount', 'must be a share, 0 to 1: 0.15 is 15 %'],
    [{ 'openai/x': null }, 'models.openai/x', 'must be'],
    [
      { 'openai/x': { successor: 'x' } },
      'models.openai/x.successor',
      'is the model itself: name what to ask instead, or leave it out',
    ],
    [{ 'openai/x': { successor: 'openai/x' } }, 'models.openai/x.successor', 'is the model itself'],
    [
      { 'openai/x': { successor: 'y' }, 'openai/y': { retiresAt: '2027-01-01', successor: 'openai/x' } },
      'models.openai/x.successor',
      'comes back to it (`openai/x`, `openai/y`, `openai/x`): name one that stays',
    ],
    [
      {
        'openai/new': { successor: 'anthropic/b' },
        'anthropic/b': { successor: 'c' },
        'anthropic/c': { successor: 'anthropic/b' },
      },
      'models.anthropic/b.successor',
      'comes back to it (`anthropic/b`, `anthropic/c`, `anthropic/b`)',
    ],
  ])('is checked at construction: %j', (models: object, path: string, problem: string) => {
    const make = () => scene({ models: models as Record<string, string> });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringContaining(problem),
        details: { path },
      }),
    );
  });

  test.each([
    [{ 'openai/x': { successor: 'anthropic/x' }, 'anthropic/x': { successor: 'y' } }],
    [{ 'openai/x': { successor: 'y' }, 'openai/y': { retiresAt: false as const, successor: 'x' } }],
    [{ 'openai/*': { successor: 'x' }, 'openai/x': 'gpt-5' }],
    [{ 'openai/vendor/x': { successor: 'vendor/y' } }],
    [{ 'openai/anthropic/x': { successor: 'anthropic/x' }, 'anthropic/x': { successor: 'y' } }],
  ])('takes successors that end somewhere: %j', (models) => {
    expect(() => scene({ models })).not.toThrow();
  });
});
