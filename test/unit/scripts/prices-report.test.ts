import { expect, test } from 'vitest';
import { pricesReport } from '../../../scripts/prices-report.ts';
import { endsInComments, endsInTable } from '../../../scripts/sdk-ends.ts';
import { Catalogue } from '../../../src/pricing/catalogue.ts';
import { emptyOverlay, type Overlay } from '../../../src/pricing/overlay/rows.ts';

const from = { source: 'a page', asOf: '2026-11-01' };
const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };

function report(
  overlay: Partial<Overlay>,
  sdkIds: readonly string[] = [],
  ends: ReadonlyMap<string, string> = new Map(),
) {
  const providers = [
    {
      id: 'acme',
      name: 'Acme',
      api_pattern: 'https://api\\.acme\\.com',
      models: ['one', 'two'].map((id) => ({
        id,
        context_window: 1_000,
        match: { equals: `${id}-latest` },
        prices: { input_mtok: 1, output_mtok: 2 },
      })),
    },
  ];
  const whole = { ...emptyOverlay, ...overlay };
  const parts = pricesReport({
    data: new Catalogue(providers, emptyOverlay, from),
    catalogue: new Catalogue(providers, whole, from),
    overlay: whole,
    sdkIds: { acme: sdkIds },
    sdkEnds: { acme: ends },
    today: Date.UTC(2026, 10, 30),
  });
  return parts.map(({ lines }) => lines);
}

test('says of rows that the data has them now, and whether it says the same', () => {
  const models = [
    { provider: 'acme', ids: ['one'], price, ...from },
    { provider: 'acme', ids: ['two'], price: { ...price, outputUsdPerMTok: 3 }, ...from },
    { provider: 'acme', ids: ['three'], price, ...from },
  ];
  const aliases = [{ provider: 'acme', model: 'one', ids: ['two-latest', 'one-1'], ...from }];
  expect(report({ models, aliases })[0]).toEqual([
    'models: acme/one is in the data, at the same price',
    'models: acme/two is in the data, at another price',
    'aliases: acme/two-latest is in the data, as two',
  ]);
});

test('says where limits differ', () => {
  const limits = [{ provider: 'acme', ids: ['one', 'two'], contextTokens: 2_000, ...from }];
  expect(report({ limits })[1]).toEqual([
    'acme/one: 2000 tokens of context, 1000 in the data',
    'acme/two: 2000 tokens of context, 1000 in the data',
  ]);
});

test('says which ids of the SDKs have no price now, and why', () => {
  const models = [
    { provider: 'acme', ids: ['old'], price, ...from },
    { provider: 'acme', ids: ['soon'], price: [{ from: '2026-12-01', ...price }], ...from },
  ];
  const withheld = [{ provider: 'acme', ids: ['two'], why: 'pages are billed', ...from }];
  expect(report({ models, withheld }, ['one', 'two', 'old', 'soon', 'new'])[2]).toEqual([
    'acme/two: pages are billed',
    'acme/soon',
    'acme/new',
  ]);
});

test('says which rows were read more than 90 days ago', () => {
  const row = { provider: 'acme', tool: 'search', usd: 1, source: 'a page' };
  const tools = [
    { ...row, asOf: '2026-09-01' },
    { ...row, asOf: '2026-08-31' },
  ];
  expect(report({ tools })[4]).toEqual(['tools: all (2026-08-31, 91 days; a page)']);
});

test('says which ends of models the SDKs tell, and the table does not or tells otherwise', () => {
  const retirements = [{ provider: 'acme', ids: ['one', 'two'], retiresAt: '2027-01-01', ...from }];
  const ends = new Map([
    ['one', '2027-01-01'],
    ['two', '2027-02-01'],
    ['three', '2027-03-01'],
    ['gone', '2026-11-01'],
  ]);
  expect(report({ retirements }, [], ends)[3]).toEqual([
    'acme/two: 2027-02-01, 2027-01-01 in the table',
    'acme/three: 2027-03-01',
  ]);
});

test('reads ends as both SDKs write them', () => {
  const comment = `/**
 * Deprecated values:
 *
 * - "a-nano", "a-nano-2026-03-17",
 *   "b": Announced shutdown date:
 *   2027-04-01. See https://example.com for details.
 * - "mini": Not a supported model ID. Retained for SDK compatibility.
 * - "c": Announced shutdown date: 2026-12-11. See it.
 * - "d", "e": This model was retired on May 2, 2026. Use "f" instead.
 * - "g": G 1 was shut down on October 23, 2026. Use another.
 */`;
  expect([...endsInComments(comment)]).toEqual([
    ['a-nano', '2027-04-01'],
    ['a-nano-2026-03-17', '2027-04-01'],
    ['b', '2027-04-01'],
    ['c', '2026-12-11'],
    ['d', '2026-05-02'],
    ['e', '2026-05-02'],
    ['g', '2026-10-23'],
  ]);
  const table =
    "const DEPRECATED_MODELS = {\n  'd-1': 'November 30th, 2026',\n  'd-2': 'March 1st, 2027',\n};";
  expect([...endsInTable(table)]).toEqual([
    ['d-1', '2026-11-30'],
    ['d-2', '2027-03-01'],
  ]);
});
