import { findModels, modelOf, type ModelsOption } from 'managed-llm';
import { describe, expect, test } from 'vitest';

const at = Date.UTC(2026, 10, 23);

describe('modelOf', () => {
  test('tells what a model can do, what it takes, when it ends, and where all of that is from', async () => {
    expect(await modelOf('gpt-5-mini', { at })).toMatchObject({
      provider: 'openai',
      id: 'gpt-5-mini',
      capabilities: {
        vision: true,
        tools: true,
        'json-schema': true,
        reasoning: true,
        'prompt-caching': true,
        files: true,
        audio: false,
      },
      contextTokens: 400_000,
      maxOutputTokens: 128_000,
      inputUsdPerMTok: 0.25,
      outputUsdPerMTok: 2,
      snapshots: ['gpt-5-mini-2025-08-07'],
      retirement: { retiresAt: '2026-12-11', daysLeft: 18 },
    });
    const { sources = [] } = (await modelOf('gpt-5-mini', { at })) ?? {};
    expect(new Set(sources.map(({ what }) => what))).toEqual(new Set(['price', 'capabilities', 'snapshots']));
    for (const { source, asOf } of sources) {
      expect(source).not.toBe('');
      expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  });

  test('claims nothing that nobody has told', async () => {
    expect(await modelOf('no-such-model')).toBeUndefined();
    const mythos = await modelOf('claude-mythos-5-1', { at });
    expect(mythos).toMatchObject({
      // It has a price for what was cached.
      capabilities: { 'prompt-caching': true },
      contextTokens: undefined,
      snapshots: [],
      retirement: undefined,
    });
    expect(mythos?.capabilities).not.toHaveProperty('vision');
  });

  test('knows models of your own by what you say of them, and what they are made from', async () => {
    const models = {
      'openai/ft:gpt-4.1-mini:acme::x1': {
        is: 'gpt-4.1-mini',
        price: { inputUsdPerMTok: 0.8, outputUsdPerMTok: 3.2 },
        capabilities: { vision: false },
      },
      'local/llama': { price: 0 as const, contextTokens: 32_768, capabilities: { tools: true } },
    };
    expect(await modelOf('openai/ft:gpt-4.1-mini:acme::x1', { models, at })).toMatchObject({
      id: 'gpt-4.1-mini',
      capabilities: { vision: false, tools: true },
      inputUsdPerMTok: 0.8,
      retirement: { retiresAt: '2027-01-14' },
    });
    expect(await modelOf('local/llama', { models, at })).toMatchObject({
      provider: undefined,
      id: 'llama',
      capabilities: { tools: true },
      contextTokens: 32_768,
      inputUsdPerMTok: 0,
    });
  });

  test('tells no end of a target whose provider is yours, but for what you say, and that of what was made from another', async () => {
    const endOf = async (name: string, models?: ModelsOption) =>
      (await modelOf(name, { ...(models && { models }), at }))?.retirement?.retiresAt;
    expect(await endOf('azure-eu/chat', { 'azure-eu/chat': 'gpt-5' })).toBeUndefined();
    expect(await endOf('azure-eu/chat', { 'azure-eu/chat': { is: 'gpt-5', retiresAt: '2027-03-01' } })).toBe(
      '2027-03-01',
    );
    expect(await endOf('azure/gpt-5')).toBeUndefined();
    expect(await endOf('gpt-5')).toBe('2026-12-11');
    expect(await endOf('openai/gpt-5')).toBe('2026-12-11');
    const tuned = await modelOf('openai/ft:gpt-4.1-mini-2025-04-14:acme::x1', { at });
    expect(tuned).toMatchObject({
      provider: 'openai',
      id: 'ft:gpt-4.1-mini-2025-04-14:acme::x1',
      target: undefined,
      capabilities: {},
      inputUsdPerMTok: undefined,
      retirement: { retiresAt: '2027-01-14' },
    });
    expect(await modelOf('openai/ft:no-such-model:acme::x1', { at })).toBeUndefined();
  });

  test.each([['', /takes the id/]])('refuses %o', async (name, message) => {
    await expect(modelOf(name)).rejects.toThrow(message);
    await expect(modelOf('gpt-5', { when: 5 } as never)).rejects.toThrow(/modelOf/);
  });
});

describe('findModels', () => {
  test('tells those that fit, the cheapest first', async () => {
    const found = await findModels({ requires: ['vision', 'reasoning'], minContextTokens: 1_000_000, at });
    expect(found.length).toBeGreaterThan(5);
    for (const { capabilities, contextTokens = 0 } of found) {
      expect(capabilities).toMatchObject({ vision: true, reasoning: true });
      expect(contextTokens).toBeGreaterThanOrEqual(1_000_000);
    }
    const prices = found.map(
      ({ inputUsdPerMTok = Infinity, outputUsdPerMTok = Infinity }) => inputUsdPerMTok + outputUsdPerMTok,
    );
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  });

  test('leaves out what has ended, and other providers where one is named', async () => {
    const ids = (await findModels({ provider: 'anthropic', at })).map(({ id }) => id);
    expect(ids).toContain('claude-haiku-4-5');
    expect(ids).not.toContain('claude-opus-4-1');
    expect(ids.every((id) => id.startsWith('claude-'))).toBe(true);
    const before = await findModels({ provider: 'anthropic', at: Date.UTC(2026, 5, 1) });
    expect(before.map(({ id }) => id)).toContain('claude-opus-4-1');
  });

  test('knows models of your own', async () => {
    const models = { 'local/llama': { price: 0 as const, capabilities: { tools: true } } };
    const [cheapest] = await findModels({ requires: ['tools'], models, at });
    expect(cheapest).toMatchObject({ id: 'llama', target: 'local/llama' });
  });

  test('says by which target of yours it found a model, and that of the catalogue by none', async () => {
    const models = { 'azure-eu/chat': 'gpt-5.6-sol', 'azure-us/chat': { is: 'gpt-5.6-sol', region: 'us' } };
    const found = (await findModels({ models, at })).filter(({ id }) => id === 'gpt-5.6-sol');
    expect(found.map(({ target }) => target)).toEqual([undefined, 'azure-eu/chat', 'azure-us/chat']);
  });

  test('refuses capabilities that there are not', async () => {
    await expect(findModels({ requires: ['sight' as 'vision'] })).rejects.toThrow(/findModels.requires.0/);
  });

  test.each([
    [{ provider: 'antropic' }, /`findModels.provider` is "antropic".*did you mean `anthropic`\?/],
    [{ provider: 'somebody-else' }, /`findModels.provider` is "somebody-else".*it has anthropic, /],
    [{ at: new Date('x') }, /`findModels.at` must be a date/],
    [{ at: Number.NaN }, /`findModels.at` must be a date/],
    [{ minContextTokens: -5 }, /`findModels.minContextTokens`/],
    [{ minOutputTokens: 0.5 }, /`findModels.minOutputTokens`/],
    [{ maxInputUsdPerMTok: -1 }, /`findModels.maxInputUsdPerMTok`/],
  ])('refuses %o', async (search, message) => {
    await expect(findModels(search)).rejects.toThrow(message);
  });
});
