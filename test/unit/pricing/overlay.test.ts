import { describe, expect, test } from 'vitest';
import { dayOf } from '../../../src/pricing/models-option.ts';
import { overlay } from '../../../src/pricing/overlay.ts';
import type { Sourced } from '../../../src/pricing/overlay/rows.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { catalogue, modelAt } from './catalogue-of-tests.ts';

const used = (usage: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  provenance: 'reported',
  ...usage,
});

const rows: readonly Sourced[] = Object.values(overlay).flat();

describe('the overlay', () => {
  test('says of every row where it is from and when that was so', () => {
    expect(rows.length).toBeGreaterThan(60);
    for (const row of rows) {
      expect(row.source).not.toBe('');
      expect(dayOf(row.asOf), row.source).toBeTypeOf('number');
    }
  });

  test('speaks of models that there are', () => {
    const { aliases, limits, tiers, regions, lifetimes, withheld } = overlay;
    for (const { provider, model } of aliases) expect(catalogue.idsOf(provider)).toContain(model);
    for (const { provider, ids = [] } of [...limits, ...tiers, ...regions, ...lifetimes])
      for (const id of ids) expect(catalogue.find(provider, id, false)?.id, id).toBe(id);
    for (const { provider, ids } of withheld)
      for (const id of ids) expect(catalogue.find(provider, id, false)?.prices, id).toBeUndefined();
  });

  test('says each thing once', () => {
    const tiers = overlay.tiers.flatMap((row) =>
      row.ids.flatMap((id) => row.tiers.map((tier) => `${row.provider}/${id} ${tier}`)),
    );
    const models = overlay.models.flatMap(({ provider, ids }) => ids.map((id) => `${provider}/${id}`));
    const limits = overlay.limits.flatMap(({ provider, ids }) => ids.map((id) => `${provider}/${id}`));
    for (const all of [tiers, models, limits]) expect([...new Set(all)]).toEqual(all);
  });
});

const million = 1_000_000;

/** USD for a million tokens of each kind, at once. */
function ratesOf(provider: string, model: string, serviceTier: string, inputTokens: number) {
  const of = (usage: Partial<Usage>): number | undefined => {
    const cost = modelAt(provider, model).cost(used({ serviceTier, inputTokens, ...usage }));
    return cost === undefined ? undefined : cost / 1_000_000_000;
  };
  const input = of({}) ?? 0;
  const scale = million / inputTokens;
  return [
    input * scale,
    (of({ cachedInputTokens: inputTokens }) ?? 0) * scale,
    ((of({ outputTokens: inputTokens }) ?? 0) - input) * scale,
  ].map((usd) => Number(usd.toFixed(6)));
}

describe('service tiers', () => {
  // OpenAI, "Pricing", September 2026: the table for Fast mode, which answers call `priority`.
  test.each([
    ['gpt-6-astra', 20, 2, 100],
    ['gpt-5.6-sol', 8, 0.8, 40],
    ['gpt-5.6-luna', 0.4, 0.04, 2.4],
    ['gpt-5.5', 12.5, 1.25, 75],
    ['gpt-5.4', 5, 0.5, 30],
    ['gpt-5.4-mini', 1.5, 0.15, 9],
    ['gpt-5.2', 3.5, 0.35, 28],
    ['gpt-5.1', 2.5, 0.25, 20],
    ['gpt-5', 2.5, 0.25, 20],
    ['gpt-5-mini', 0.45, 0.045, 3.6],
    ['gpt-4.1', 3.5, 0.875, 14],
    ['gpt-4.1-mini', 0.7, 0.175, 2.8],
    ['gpt-4.1-nano', 0.2, 0.05, 0.8],
    ['gpt-4o', 4.25, 2.125, 17],
    ['gpt-4o-mini', 0.25, 0.125, 1],
    ['o3', 3.5, 0.875, 14],
    ['o4-mini', 2, 0.5, 8],
    ['gpt-5.3-codex', 3.5, 0.35, 28],
  ])('%s at `priority` costs what OpenAI lists', (model, input, cached, output) => {
    expect(ratesOf('openai', model, 'priority', 100_000)).toEqual([input, cached, output]);
  });

  test.each([
    ['gpt-5.6-terra', 1, 0.1, 6],
    ['gpt-5.4-nano', 0.1, 0.01, 0.625],
    ['gpt-5-nano', 0.025, 0.0025, 0.2],
    ['o3', 1, 0.25, 4],
  ])('%s at `flex` costs what OpenAI lists', (model, input, cached, output) => {
    expect(ratesOf('openai', model, 'flex', 100_000)).toEqual([input, cached, output]);
  });

  test('that have no price for long prompts bill those at the standard one', () => {
    expect(ratesOf('openai', 'gpt-5.5', 'priority', 271_999)).toEqual([12.5, 1.25, 75]);
    expect(ratesOf('openai', 'gpt-5.5', 'priority', 400_000)).toEqual([10, 1, 45]);
    expect(ratesOf('openai', 'gpt-6-astra', 'priority', 400_000)).toEqual([40, 4, 150]);
  });

  test('of Anthropic: half in batches, twice in fast mode, unknown for what is paid ahead', () => {
    expect(ratesOf('anthropic', 'claude-opus-5-5', 'batch', 100_000)).toEqual([2, 0.1, 10]);
    expect(ratesOf('anthropic', 'claude-opus-5-5', 'fast', 100_000)).toEqual([8, 0.4, 40]);
    const usage = used({ inputTokens: 1, serviceTier: 'priority' });
    expect(modelAt('anthropic', 'claude-opus-4-8').cost(usage)).toBeUndefined();
  });

  test('that are not known have no price: neither the standard one nor another', () => {
    for (const serviceTier of ['scale', 'ultrafast', 'constructor'])
      expect(modelAt('openai', 'gpt-5').cost(used({ inputTokens: 1, serviceTier }))).toBeUndefined();
  });
});

describe('models beyond the catalogue', () => {
  test.each([
    ['openai', 'gpt-6.1-sol', 2, 0.1, 10],
    ['openai', 'gpt-6.1-terra', 1, 0.05, 5],
    ['anthropic', 'claude-fable-5-2', 8, 0.2, 40],
    ['anthropic', 'claude-haiku-5-5', 0.1, 0.01, 0.5],
    ['anthropic', 'claude-sonnet-5-5', 2, 0.1, 10],
    ['anthropic', 'claude-mythos-5-1', 10, 0.25, 50],
  ])('%s/%s has a price', (provider, model, input, cached, output) => {
    expect(ratesOf(provider, model, 'default', 1_000)).toEqual([input, cached, output]);
  });

  test('change their prices on the day their provider says', () => {
    const usage = used({ inputTokens: million, cachedInputTokens: million });
    const read = (at: number) => modelAt('anthropic', 'claude-sonnet-5-5', { at }).cost(usage);
    expect(read(Date.UTC(2026, 9, 7) - 1)).toBe(200_000_000);
    expect(read(Date.UTC(2026, 9, 7))).toBe(100_000_000);
    expect(read(Date.UTC(2026, 8, 27))).toBeUndefined();
  });

  test('have prices for long prompts: Haiku 5.5 above 100,000 tokens', () => {
    expect(ratesOf('anthropic', 'claude-haiku-5-5', 'standard', 100_000)).toEqual([0.1, 0.01, 0.5]);
    expect(ratesOf('anthropic', 'claude-haiku-5-5', 'standard', 100_001)).toEqual([0.5, 0.05, 2.5]);
  });

  test('that nobody has published a price for stay unknown', () => {
    for (const [provider, id] of [
      ['anthropic', 'claude-mythos-5-2'],
      ['openai', 'gpt-6-cyber'],
      ['openai', 'gpt-daybreak-blue-latest'],
    ] as const)
      expect(modelAt(provider, id).priced, id).toBe(false);
  });
});

describe('cache writes', () => {
  const written = (model: string, provider: string, ttl: string) =>
    modelAt(provider, model).cost(
      used({
        inputTokens: 1_000,
        cacheWriteTokens: 1_000,
        cacheWriteTokensByTtl: { [ttl]: 1_000 },
      }),
    );

  test('cost what their lifetime costs', () => {
    expect(written('claude-opus-5-5', 'anthropic', 'ephemeral_5m_input_tokens')).toBe(5_000_000);
    expect(written('claude-opus-5-5', 'anthropic', 'ephemeral_1h_input_tokens')).toBe(8_000_000);
    expect(written('claude-fable-5-2', 'anthropic', 'ephemeral_1h_input_tokens')).toBe(16_000_000);
    expect(written('gpt-6-sol', 'openai', 'ttl_30m_tokens')).toBe(2_500_000);
    expect(written('gpt-6.2-sol', 'openai', 'ttl_12h_tokens')).toBe(5_000_000);
  });

  test('of a lifetime that nobody has told the price of are unknown', () => {
    expect(written('gpt-6-sol', 'openai', 'ttl_12h_tokens')).toBeUndefined();
    expect(written('claude-opus-5-5', 'anthropic', 'ephemeral_24h_input_tokens')).toBeUndefined();
  });
});

describe('regions', () => {
  const at = (model: string, inferenceGeo: string) =>
    modelAt('anthropic', model).cost(used({ inputTokens: 1_000, outputTokens: 100, inferenceGeo }));

  test('cost more where Anthropic says so', () => {
    expect(at('claude-opus-5-5', 'global')).toBe(1_000 * 4_000 + 100 * 20_000);
    expect(at('claude-opus-5-5', 'us')).toBe(((1_000 * 4_000 + 100 * 20_000) * 11) / 10);
    expect(at('claude-haiku-4-5', 'not_available')).toBe(1_000 * 1_000 + 100 * 5_000);
  });

  test('that have no known price make the cost unknown', () => {
    expect(at('claude-opus-5-5', 'eu')).toBeUndefined();
    expect(at('claude-haiku-4-5', 'us')).toBeUndefined();
  });

  test('multiply with service tiers', () => {
    const usage = used({ inputTokens: 1_000, serviceTier: 'batch', inferenceGeo: 'us' });
    expect(modelAt('anthropic', 'claude-opus-5-5').cost(usage)).toBe(2_200_000);
  });
});

describe('server tools', () => {
  test('are billed by the request, at any tier the same, and are unknown where no price is', () => {
    const with_ = (serverToolRequests: Readonly<Record<string, number>>, serviceTier = 'standard') =>
      modelAt('anthropic', 'claude-opus-5-5').cost(used({ serverToolRequests, serviceTier }));
    expect(with_({ web_search_requests: 3, web_fetch_requests: 2 })).toBe(30_000_000);
    expect(with_({ web_search_requests: 3 }, 'batch')).toBe(30_000_000);
    expect(with_({ advisor_requests: 1 })).toBeUndefined();
    expect(with_({ advisor_requests: 0 })).toBe(0);
  });
});
