import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageBound } from '../../../src/core/pricing.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { overlay } from '../../../src/pricing/overlay.ts';
import { catalogue, modelAt, pricedIds } from './catalogue-of-tests.ts';

const lengths = fc.oneof(
  fc.integer({ min: 0, max: 2_000 }),
  fc.integer({ min: 99_000, max: 101_000 }),
  fc.integer({ min: 199_000, max: 201_000 }),
  fc.integer({ min: 271_000, max: 273_000 }),
  fc.integer({ min: 0, max: 2_000_000 }),
);

/** Everything that a share of a count can be, of several that are exclusive. */
const shares = fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true }));

const within = fc.record({
  inputTokens: lengths,
  outputTokens: lengths,
  input: shares,
  output: shares,
  medium: fc.constantFrom('text', 'audio', 'image'),
  ttl: fc.constantFrom(
    undefined,
    'ephemeral_5m_input_tokens',
    'ephemeral_1h_input_tokens',
    'ttl_30m_tokens',
    'ttl_12h_tokens',
  ),
  searches: fc.nat(20),
  tier: fc.constantFrom(undefined, 'default', 'standard', 'priority', 'fast', 'flex', 'batch'),
  inferenceGeo: fc.constantFrom(undefined, 'global', 'us'),
  isLess: fc.float({ min: 0, max: 1, noNaN: true }),
});

type Within = typeof within extends fc.Arbitrary<infer T> ? T : never;

/** Usage that the bound covers: at most as much of everything, at a tier that such a request can be served at. */
function usageWithin(of: Within, bound: UsageBound): Usage {
  const inputTokens = Math.floor(bound.inputTokens * of.isLess);
  const outputTokens = Math.floor(bound.outputTokens * of.isLess);
  const cachedInputTokens = of.medium === 'text' ? Math.floor(inputTokens * of.input[0]) : 0;
  const written = of.medium === 'text' ? Math.floor((inputTokens - cachedInputTokens) * of.input[1]) : 0;
  const ofMedium = Math.floor(inputTokens * of.input[0]);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    cacheWriteTokens: written,
    ...(of.ttl === undefined ? {} : { cacheWriteTokensByTtl: { [of.ttl]: written } }),
    ...(of.medium === 'audio' ? { audioInputTokens: ofMedium } : {}),
    ...(of.medium === 'audio' ? { audioOutputTokens: Math.floor(outputTokens * of.output[0]) } : {}),
    ...(of.medium === 'image' ? { imageInputTokens: ofMedium } : {}),
    reasoningTokens: of.medium === 'audio' ? 0 : Math.floor(outputTokens * of.output[1]),
    serverToolRequests: { web_search_requests: Math.floor(of.searches * of.isLess) },
    ...(of.tier === undefined ? {} : { serviceTier: of.tier }),
    ...(of.inferenceGeo === undefined ? {} : { inferenceGeo: of.inferenceGeo }),
    provenance: 'reported',
  };
}

function boundOf({ inputTokens, outputTokens, searches, tier }: Within): UsageBound {
  return {
    inputTokens,
    outputTokens,
    serverToolRequests: { web_search_requests: searches },
    serviceTier: tier,
  };
}

describe('the bound of an attempt', () => {
  test('is at least what any usage within it costs: every model of the catalogue', () => {
    let compared = 0;
    for (const [provider, id] of pricedIds) {
      const model = modelAt(provider, id);
      fc.assert(
        fc.property(within, (of) => {
          const bound = boundOf(of);
          const most = model.bound(bound);
          const cost = model.cost(usageWithin(of, bound));
          if (most === undefined || cost === undefined) return;
          compared += 1;
          expect(cost).toBeLessThanOrEqual(most);
        }),
        { numRuns: 12, seed: 20_261_123 },
      );
    }
    expect(pricedIds.length).toBeGreaterThan(1_500);
    expect(compared).toBeGreaterThan(3_000);
  }, 60_000);

  test('is at least what any usage within it costs: models with tiers, regions and lifetimes, more thoroughly', () => {
    const ids = [
      ...new Set(overlay.tiers.flatMap(({ provider, ids: all }) => all.map((id) => `${provider} ${id}`))),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...ids), within, (name, of) => {
        const [provider = '', id = ''] = name.split(' ');
        const model = modelAt(provider, id);
        const bound = boundOf(of);
        const most = model.bound(bound);
        const cost = model.cost(usageWithin(of, bound));
        if (most !== undefined && cost !== undefined) expect(cost).toBeLessThanOrEqual(most);
      }),
      { numRuns: 5_000, seed: 7 },
    );
  });

  test('grows with every count of tokens', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pricedIds), within, fc.nat(5_000), ([provider, id], of, more) => {
        const model = modelAt(provider, id);
        const { tier: _tier, ...rest } = of;
        const at = (changes: Partial<Within>) =>
          model.bound(boundOf({ ...rest, tier: undefined, ...changes }));
        const least = at({});
        if (least === undefined) return;
        expect(at({ inputTokens: of.inputTokens + more })).toBeGreaterThanOrEqual(least);
        expect(at({ outputTokens: of.outputTokens + more })).toBeGreaterThanOrEqual(least);
      }),
      { numRuns: 2_000, seed: 11 },
    );
  });

  test('takes the dearest tier that a request can be served at which asks for none, and no more where it asks', () => {
    const bound = { inputTokens: 1_000, outputTokens: 0 };
    const of = (serviceTier?: string) => modelAt('openai', 'gpt-4.1').bound({ ...bound, serviceTier });
    expect(of()).toBe(3_500_000);
    expect(of('auto')).toBe(3_500_000);
    expect(of('default')).toBe(2_000_000);
    expect(of('priority')).toBe(3_500_000);
    // Where there is no room at the cheaper tier it may be served at the standard one.
    expect(modelAt('openai', 'o3').bound({ ...bound, serviceTier: 'flex' })).toBe(2_000_000);
    expect(of('scale')).toBeUndefined();
  });

  test('takes only the tiers of the account, where those are told', () => {
    const facts = { serviceTiers: ['default'] };
    expect(modelAt('openai', 'gpt-4.1', { facts }).bound({ inputTokens: 1_000, outputTokens: 0 })).toBe(
      2_000_000,
    );
  });

  test('counts what is not whole as one more, and knows of no endless one', () => {
    const model = modelAt('openai', 'gpt-4.1', { facts: { serviceTiers: ['default'] } });
    expect(model.bound({ inputTokens: 0.2, outputTokens: 0.2 })).toBe(2_000 + 8_000);
    expect(model.bound({ inputTokens: Infinity, outputTokens: 1 })).toBeUndefined();
    expect(model.bound({ inputTokens: 1, outputTokens: Number.NaN })).toBeUndefined();
    expect(model.bound({ inputTokens: -1, outputTokens: 1 })).toBeUndefined();
  });

  test('is not known where a server tool has no price', () => {
    const bound = { inputTokens: 1, outputTokens: 1 };
    const model = modelAt('openai', 'gpt-4.1');
    expect(model.bound({ ...bound, serverToolRequests: { code_interpreter_requests: 1 } })).toBeUndefined();
    expect(model.bound({ ...bound, serverToolRequests: { code_interpreter_requests: 0 } })).toBeTypeOf(
      'number',
    );
  });

  test('is of an unknown price where the model is', () => {
    expect(catalogue.find('openai', 'no-such-model', false)).toBeUndefined();
    expect(modelAt('openai', 'no-such-model').bound({ inputTokens: 1, outputTokens: 1 })).toBeUndefined();
  });
});
