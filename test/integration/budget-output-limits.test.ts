import { fallback, type BudgetOptions } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { readAll, type TestOptions } from './governed.ts';
import { accounted, ceilinged, refused, spending, type Spending } from './spending.ts';

const messages = [{ role: 'user' as const, content: 'hello' }];

/** What was sent of the output limit. */
const limits = ({ provider }: Pick<Spending, 'provider'>) =>
  provider.requests.map(({ body }) => {
    const { max_tokens, max_completion_tokens, max_output_tokens } = body as Record<string, unknown>;
    return max_output_tokens ?? max_completion_tokens ?? max_tokens;
  });

const spent = ({ receipts }: Pick<Spending, 'receipts'>) => receipts.map(({ facts }) => facts.spend);

describe('a request that names no output limit', () => {
  test('is sent one, which is told in the receipt', async () => {
    const world = spending();
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    await world.llm.clients.openai.responses.create({ model: 'gpt', input: 'hello' });
    expect(limits(world)).toEqual([16_384, 16_384]);
    expect(spent(world)).toMatchObject([{ outputLimit: 16_384 }, { outputLimit: 16_384 }]);
    for (const fact of spent(world)) expect(fact).not.toHaveProperty('loweredTo');
    await accounted(world);
  });

  test('is sent the lowest that those who count it say, ceilings too', async () => {
    const world = spending([{ outputLimit: 3_000 }, { outputLimit: 2_000 }], {
      ceilings: { outputLimit: 1_000 },
    });
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    await world.llm
      .with({ maxCostUsd: 1 })
      .clients.openai.chat.completions.create({ model: 'gpt', messages });
    expect(limits(world)).toEqual([2_000, 1_000]);
    expect(spent(world)).toMatchObject([{ outputLimit: 2_000 }, { outputLimit: 1_000 }]);
  });

  test('is sent no more than the model writes', async () => {
    const world = spending({}, { models: { 'openai/gpt': { price: 0, maxOutputTokens: 4_096 } } });
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    expect(limits(world)).toEqual([4_096]);
  });

  test('is sent as it is where nobody has to know: no budget, one that only expects, one that only warns', async () => {
    for (const options of [{ reserve: 'expected' }, { onExceed: 'warn' }] as const) {
      const world = spending(options);
      await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
      expect(world.provider.requests[0]?.body).toEqual({ model: 'gpt', messages });
      await accounted(world);
    }
    const world = ceilinged();
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    expect(world.provider.requests[0]?.body).toEqual({ model: 'gpt', messages });
    expect(spent(world)).toEqual([undefined]);
  });

  test('is else sent as it was', async () => {
    const world = spending();
    const body = { model: 'gpt', messages, temperature: 0.5, unknown_member: { kept: [1, 2] } };
    await world.llm.clients.openai.chat.completions.create(body);
    expect(world.provider.requests[0]?.body).toEqual({ ...body, max_completion_tokens: 16_384 });
  });
});

describe('a request that names its own output limit', () => {
  test('keeps it, whatever `outputLimit` says, and nothing is told', async () => {
    const world = spending({ outputLimit: 10 });
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages, max_tokens: 500 });
    await world.llm.clients.anthropic.messages.create({ model: 'claude', messages, max_tokens: 500 });
    expect(world.provider.requests.map(({ body }) => body)).toEqual([
      { model: 'gpt', messages, max_tokens: 500 },
      { model: 'claude', messages, max_tokens: 500 },
    ]);
    for (const fact of spent(world)) {
      expect(fact).not.toHaveProperty('outputLimit');
      expect(fact).not.toHaveProperty('loweredTo');
    }
  });

  test.each(['max_tokens', 'max_completion_tokens'])(
    'as `%s` has that lowered, not another beside it',
    async (name) => {
      const world = spending({ limitUsd: 0.005 });
      await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages, [name]: 5_000 });
      const { body } = world.provider.requests[0] ?? {};
      expect(Object.keys(body as object)).toEqual(['model', 'messages', name]);
      expect(limits(world)[0]).toBeLessThan(500);
    },
  );
});

describe('an output limit that is not affordable', () => {
  const tight = (options: Partial<BudgetOptions> = {}, more: TestOptions = {}) =>
    spending({ limitUsd: 0.005, ...options }, more);

  test('is lowered to the highest that is: so much fits exactly, one more would not', async () => {
    const world = tight();
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    const [fact] = spent(world);
    expect(fact).toMatchObject({ outputLimit: 16_384, loweredTo: limits(world)[0] });
    expect(fact?.reservedNanoUsd).toBeLessThanOrEqual(5_000_000);
    expect(fact?.reservedNanoUsd).toBeGreaterThan(5_000_000 - 10_000);
    await accounted(world);
  });

  test('is lowered by tokens likewise', async () => {
    const world = spending({ limitTokens: 1_000 });
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    const [limit] = limits(world);
    expect(limit).toBeGreaterThan(600);
    expect(limit).toBeLessThan(1_000);
  });

  test('is lowered for streams and both SDKs, and a stream of that length is within the budget', async () => {
    const world = tight();
    world.provider.always({ text: Array.from({ length: 3_000 }, (_, index) => `${index} `) });
    const stream = await world.llm.clients.anthropic.messages.create({
      model: 'claude',
      messages,
      max_tokens: 4_000,
      stream: true,
    });
    await readAll(stream);
    expect(limits(world)[0]).toBeLessThan(500);
    expect(await accounted(world)).toBeGreaterThan(0.004);
  });

  test('is lowered to 256 at most: below that it is refused', async () => {
    const enough = tight({ limitUsd: 0.003 });
    await enough.llm.clients.openai.chat.completions.create({ model: 'gpt', messages });
    expect(limits(enough)[0]).toBeGreaterThanOrEqual(256);
    const world = tight({ limitUsd: 0.0025 });
    expect(
      await refused(world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages })),
    ).toMatchObject({
      code: 'budget-exceeded',
    });
    expect(limits(world)).toEqual([]);
  });

  test('is not lowered where less than 256 was asked for: that is all or nothing', async () => {
    const world = tight({ limitUsd: 0.0015 });
    const create = (max_tokens: number) =>
      world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages, max_tokens });
    await create(100);
    expect(limits(world)).toEqual([100]);
    expect(await refused(create(200))).toMatchObject({ code: 'budget-exceeded' });
  });

  test('leaves room for thinking, or the request would not be valid', async () => {
    const world = tight({ limitUsd: 0.03 });
    const create = (budget_tokens: number) =>
      world.llm.clients.anthropic.messages.create({
        model: 'claude',
        messages,
        max_tokens: 8_000,
        thinking: { type: 'enabled', budget_tokens },
      });
    await create(2_000);
    expect(limits(world)[0]).toBeGreaterThan(2_000);
    expect(limits(world)[0]).toBeLessThan(3_000);
    expect(await refused(create(4_000))).toMatchObject({
      code: 'budget-exceeded',
      details: { because: 'limit' },
    });
    expect(world.provider.requests).toHaveLength(1);
  });

  test('counts for each of several answers', async () => {
    const world = tight({ limitUsd: 0.02 });
    world.provider.always({ usage: { inputTokens: 3, outputTokens: 4 * 400 } });
    await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages, n: 4 });
    const [limit] = limits(world);
    expect(limit).toBeGreaterThan(450);
    expect(limit).toBeLessThanOrEqual(500);
    await accounted(world);
  });

  test('is lowered in the neutral API', async () => {
    const world = tight();
    for (const model of ['openai/gpt', 'anthropic/claude']) {
      const { receipt } = await world.llm.chat({ model, messages: 'hello' });
      expect(receipt.facts.spend?.loweredTo).toBe(limits(world).at(-1));
    }
    expect(limits(world)[0]).toBeLessThan(500);
    await accounted(world);
  });

  test.each([
    ['openai', 'anthropic/two'],
    ['anthropic', 'openai/two'],
  ] as const)('is lowered where a call of %s falls back to another dialect', async (name, other) => {
    const world = tight({}, { routes: { safe: fallback(`${name}/one`, other) } });
    world.provider.when({ model: 'one' }, { status: 500, headers: { 'x-should-retry': 'false' } });
    const { openai, anthropic } = world.llm.clients;
    await (name === 'openai'
      ? openai.chat.completions.create({ model: 'safe', messages })
      : anthropic.messages.create({ model: 'safe', messages, max_tokens: 4_000 }));
    const [first, second] = limits(world);
    expect(first).toBeLessThan(500);
    expect(second).toBe(first);
    await accounted(world);
  });
});

describe('embeddings', () => {
  test('have no output limit, and cost their input', async () => {
    const world = spending();
    await world.llm.clients.openai.embeddings.create({ model: 'embedding', input: ['one two', 'three'] });
    await world.llm.embed({ model: 'openai/embedding', input: 'one two' });
    expect(limits(world)).toEqual([undefined, undefined]);
    expect(spent(world)).toMatchObject([{ basis: 'reported' }, { basis: 'reported' }]);
    expect(await accounted(world)).toBeCloseTo(5e-6, 12);
  });

  test('are refused where their input is not affordable', async () => {
    const world = spending({ limitUsd: 0.000_4 });
    const create = (input: string) =>
      world.llm.clients.openai.embeddings.create({ model: 'embedding', input });
    expect(await refused(create('x'.repeat(500)))).toMatchObject({ code: 'budget-exceeded' });
    await create('hello');
    await accounted(world);
  });
});
