import type { Provider } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import { Catalogue } from '../../../src/pricing/catalogue.ts';
import { emptyOverlay, type Overlay } from '../../../src/pricing/overlay/rows.ts';
import { catalogue, modelAt } from './catalogue-of-tests.ts';

const version = { source: 'a test', asOf: '2026-11-23' };

function provider(id: string, models: Provider['models'], more: Partial<Provider> = {}): Provider {
  return { id, name: id, api_pattern: `https://api\\.${id}\\.com`, models, ...more };
}

const price = { input_mtok: 1, output_mtok: 2 };

function made(providers: readonly Provider[], overlay: Partial<Overlay> = {}): Catalogue {
  return new Catalogue(providers, { ...emptyOverlay, ...overlay }, version);
}

describe('finding a model', () => {
  const own = made([
    provider('acme', [
      { id: 'one', match: { or: [{ equals: 'one-latest' }, { starts_with: 'one-' }] }, prices: price },
      {
        id: 'two',
        match: { or: [{ regex: '^two-\\d{4}-\\d{2}-\\d{2}$' }, { regex: '^two' }] },
        prices: price,
      },
      { id: 'one-latest', match: { equals: 'one' }, prices: { ...price, output_mtok: 9 } },
      { id: 'v1.5', match: { regex: '^v1\\.5-\\d{8}$' }, prices: price },
    ]),
    provider('resale', [], { fallback_model_providers: ['acme'] }),
  ]);

  test('is by its own id, or by one that a rule names in full, in any case; its own goes first', () => {
    expect(own.find('acme', 'one', false)).toMatchObject({ id: 'one', exact: true });
    expect(own.find('acme', 'ONE-Latest', false)).toMatchObject({ id: 'one-latest', exact: true });
  });

  test('is by an id with a date where a rule says so', () => {
    expect(own.find('acme', 'two-2026-09-03', false)).toMatchObject({ id: 'two', exact: true });
    expect(own.find('acme', 'v1.5-20260903', false)).toMatchObject({ id: 'v1.5', exact: true });
    for (const id of ['two-2026', 'two-2026-09-03-x', 'v1x5-20260903', 'two'.concat('-mini')])
      expect(own.find('acme', id, false), id).toBeUndefined();
  });

  test('is never by the beginning of an id, unless that is allowed, and then it says so', () => {
    expect(own.find('acme', 'one-mini', false)).toBeUndefined();
    expect(own.find('acme', 'one-mini', true)).toMatchObject({ id: 'one', exact: false });
    expect(own.find('acme', 'three', true)).toBeUndefined();
  });

  test('is among the providers whose models are sold on', () => {
    expect(own.find('resale', 'one', false)).toMatchObject({ provider: 'acme', id: 'one' });
    expect(own.find('nobody', 'one', false)).toBeUndefined();
  });

  test('without a provider is the only one there is, or its maker’s', () => {
    expect(own.findAnywhere('two', false)).toMatchObject({ provider: 'acme' });
    const two = made([
      provider('maker', [{ id: 'm', match: { equals: 'm' }, prices: price }], {
        model_match: { starts_with: 'm' },
      }),
      provider('shop', [{ id: 'm', match: { equals: 'm' }, prices: { ...price, input_mtok: 7 } }]),
    ]);
    expect(two.findAnywhere('m', false)).toMatchObject({ provider: 'maker' });
    const unclear = made([
      provider('shop', [{ id: 'm', match: { equals: 'm' }, prices: price }]),
      provider('shed', [{ id: 'm', match: { equals: 'm' }, prices: price }]),
    ]);
    expect(unclear.findAnywhere('m', false)).toBeUndefined();
  });

  test('knows what the overlay adds, and the catalogue where it has it after all', () => {
    const row = { provider: 'acme', price: { inputUsdPerMTok: 5, outputUsdPerMTok: 6 }, ...version };
    const added = made([provider('acme', [{ id: 'one', match: { equals: 'one' }, prices: price }])], {
      models: [
        { ...row, ids: ['one'] },
        { ...row, ids: ['new', 'new-1'] },
        { ...row, provider: 'other', ids: ['x'] },
      ],
      aliases: [{ provider: 'acme', model: 'one', ids: ['one-1'], ...version }],
    });
    expect(added.find('acme', 'one', false)?.source).toBe(version);
    expect(added.find('acme', 'new-1', false)).toMatchObject({ id: 'new', exact: true });
    expect(added.find('acme', 'one-1', false)).toMatchObject({ id: 'one', exact: true });
    expect(added.find('other', 'x', false)).toMatchObject({ provider: 'other' });
    expect(added.has('other')).toBe(true);
  });
});

describe('a price of the catalogue', () => {
  const of = (prices: Provider['models'][number]['prices'], id = 'm') =>
    made([provider('acme', [{ id, match: { equals: id }, prices }])]).find('acme', id, false);

  test('is withheld where it is for what usage does not tell', () => {
    for (const prices of [
      { ...price, audio_hours: 1 },
      { ...price, input_document_kpages: 1 },
      { ...price, input_video_mtok: 1 },
      {},
      { output_mtok: 1 },
    ]) {
      expect(of(prices)?.prices, JSON.stringify(prices)).toBeUndefined();
      expect(of(prices)?.withheld).toBe('it is billed by what usage does not tell');
    }
  });

  test('is nothing where the name says it is free', () => {
    expect(of({}, 'm:free')?.prices?.[0]?.list.base).toMatchObject({ input: 0n, output: 0n });
  });

  test('is none for output where the model has none', () => {
    expect(of({ input_mtok: 0.02 })?.prices?.[0]?.list.base.output).toBeUndefined();
  });

  test('by the time of day is the last that holds', () => {
    const model = of([
      { prices: { input_mtok: 4, output_mtok: 4 } },
      {
        constraint: { type: 'time_of_date', start_time: '16:30:00Z', end_time: '00:30:00Z' },
        prices: { input_mtok: 1, output_mtok: 1 },
      },
    ]);
    expect(model?.prices?.[1]?.daily).toEqual({ start: 59_400_000, end: 1_800_000 });
  });
});

describe('the provider at a base URL', () => {
  test.each([
    ['https://api.openai.com/v1', 'openai'],
    ['https://api.openai.com', 'openai'],
    ['https://api.anthropic.com', 'anthropic'],
    ['https://acme.openai.azure.com/openai', 'azure'],
    ['https://bedrock-runtime.us-east-1.amazonaws.com', 'aws'],
    ['https://openrouter.ai/api/v1', 'openrouter'],
    ['https://router.huggingface.co/groq/openai/v1', 'huggingface_groq'],
    ['https://aiplatform.googleapis.com/v1', 'google'],
  ])('%s is %s', (url, expected) => {
    expect(catalogue.providerAt(url)).toBe(expected);
    expect(catalogue.providerAt(url)).toBe(expected);
  });

  test.each([
    'https://api.openai.com.example/v1',
    'https://gateway.example/api.openai.com/v1',
    'https://eu.api.openai.com/v1',
    'http://api.openai.com/v1',
    'https://api.openai.com:8443/v1',
    'https://us-east5-aiplatform.googleapis.com/v1',
    'http://127.0.0.1:11434/v1',
    'no url',
  ])('%s is none', (url) => {
    expect(catalogue.providerAt(url)).toBeUndefined();
  });
});

describe('the catalogue as it is installed', () => {
  test('prices what the SDKs name', () => {
    for (const [seller, id] of [
      ['openai', 'gpt-5-nano-2025-08-07'],
      ['openai', 'gpt-6-astra-2026-09-04'],
      ['anthropic', 'claude-haiku-4-5-20251001'],
      ['anthropic', 'claude-sonnet-4-5-20250929'],
      ['aws', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'],
      ['azure', 'gpt-5.6-luna'],
    ] as const)
      expect(modelAt(seller, id).priced, id).toBe(true);
  });

  test('knows how much models take and give', () => {
    expect(modelAt('openai', 'gpt-4.1')).toMatchObject({
      contextTokens: 1_047_576,
      maxOutputTokens: 32_768,
    });
    expect(modelAt('anthropic', 'claude-haiku-5-5')).toMatchObject({
      contextTokens: 1_000_000,
      maxOutputTokens: 128_000,
      topTokensPerSecond: 500,
    });
  });

  test('prices no fine-tuned model by its name alone', () => {
    expect(modelAt('openai', 'ft:gpt-4o-mini-2024-07-18:acme::x1').priced).toBe(false);
  });
});
