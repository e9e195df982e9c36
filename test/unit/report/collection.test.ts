import type { Receipt, ReceiptFigures } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar } from '../../../src/core/calendar.ts';
import { queryReceipts } from '../../../src/interceptors/receipts/query.ts';
import { Collection } from '../../../src/report/collection.ts';
import { attempt, receipt, TinyLog, withPromptCache } from '../interceptors/receipts/receipts.ts';

const zone = 'Europe/Berlin';

function collected(all: readonly Receipt[]): Collection {
  const calls = new Collection(new Calendar(zone, 'zone'), 'feature', undefined, undefined);
  for (const one of all) calls.add(one);
  calls.finish();
  return calls;
}

function asked<const D extends 'day' | 'target' | 'user' | 'tag:feature' | 'cacheKind'>(
  all: readonly Receipt[],
  by: readonly D[],
) {
  const log = new TinyLog();
  log.stored.push(...all);
  return queryReceipts(log, { by, timeZone: zone });
}

const targets = ['gpt-5', 'gpt-5-mini', 'claude'].map((model) => ({ provider: 'p', model }));
const anAttempt = fc
  .record({
    target: fc.constantFrom(...targets),
    outcome: fc.constantFrom('finished' as const, 'failed' as const),
    costNanoUsd: fc.option(fc.nat(1_000_000), { nil: undefined }),
    usage: fc.option(
      fc.record({
        inputTokens: fc.nat(9_999),
        outputTokens: fc.nat(999),
        provenance: fc.constant('reported' as const),
      }),
      { nil: undefined },
    ),
  })
  .map(attempt);
const aCacheFact = fc.record(
  {
    status: fc.constantFrom('hit' as const, 'stale' as const, 'miss' as const, 'bypass' as const),
    kind: fc.constantFrom('exact' as const, 'semantic' as const, 'items' as const),
    savedNanoUsd: fc.nat(1_000_000),
  },
  { requiredKeys: ['status', 'kind'] },
);
const aPromptCacheUse = fc.record({
  readTokens: fc.nat(9_999),
  writtenTokens: fc.nat(9_999),
  savedNanoUsd: fc.integer({ min: -1_000_000, max: 1_000_000 }),
});
const first = Date.parse('2026-11-01T00:00:00+01:00');
const aReceipt = fc
  .record({
    startedAt: fc.integer({ min: first, max: first + 90 * 86_400_000 }),
    caller: fc.record(
      {
        user: fc.constantFrom('alice', 'bob', ''),
        tags: fc.constantFrom({ feature: 'search' }, { feature: 'chat' }, {}),
      },
      { requiredKeys: [] },
    ),
    outcome: fc.constantFrom(
      'finished' as const,
      'failed' as const,
      'timed-out' as const,
      'refused' as const,
    ),
    target: fc.option(fc.constantFrom(...targets), { nil: undefined }),
    durationMs: fc.nat(60_000),
    attempts: fc.array(anAttempt, { maxLength: 3 }),
    facts: fc.record({ cache: aCacheFact }, { requiredKeys: [] }),
    uses: fc.array(fc.option(aPromptCacheUse, { nil: undefined }), { maxLength: 3 }),
  })
  .map(({ uses, ...said }) => withPromptCache(receipt(said as Partial<Receipt>), uses));

describe('what a page tells', () => {
  test('is what `log.query` tells: in all, by day, by model, by user, by feature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aReceipt, { minLength: 1, maxLength: 60 }), async (all) => {
        const calls = collected(all);
        expect([calls.total.figures]).toEqual(await asked(all, []));
        const days = await asked(all, ['day']);
        if (calls.timeline.unit === 'day')
          expect(
            calls.timeline.axis.flatMap(({ key, place }) =>
              place === undefined ? [] : [{ day: key, ...calls.overTime[place]?.figures }],
            ),
          ).toEqual(days);
        const models = calls.models.top(99);
        const byTarget = await asked(all, ['target']);
        expect(new Map(models.map(({ name, figures }) => [name, figures]))).toEqual(
          new Map(byTarget.map(({ target, ...figures }) => [target, figures])),
        );
        const cost = (name: string | undefined, { costNanoUsd, calls: count }: ReceiptFigures) =>
          [name, [costNanoUsd, count]] as const;
        const shown = (breakdown: Collection['users']) =>
          new Map(breakdown.top(99).map(({ name, figures }) => cost(name, figures)));
        const users = await asked(all, ['user']);
        expect(shown(calls.users)).toEqual(new Map(users.map((row) => cost(row.user, row))));
        const features = await asked(all, ['tag:feature']);
        expect(shown(calls.features)).toEqual(new Map(features.map((row) => cost(row['tag:feature'], row))));
      }),
      { numRuns: 60 },
    );
  });

  test('is what `log.query` tells of caches: by what they looked for, in all and over time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aReceipt, { minLength: 1, maxLength: 60 }), async (all) => {
        const { cacheKinds, saved, timeline } = collected(all);
        const kinds = new Map(cacheKinds.top(9).map(({ name, figures }) => [name, figures]));
        const rows = (await asked(all, ['cacheKind'])).filter(({ cacheKind }) => cacheKind !== undefined);
        expect([...kinds.keys()].toSorted()).toEqual(rows.map(({ cacheKind }) => cacheKind).toSorted());
        for (const { cacheKind, calls, cacheHits, cacheStale, cacheMisses, savedNanoUsd } of rows) {
          const told = { calls, cacheHits, cacheStale, cacheMisses, savedNanoUsd };
          expect(kinds.get(cacheKind)).toMatchObject(told);
          const sums = saved.all.get(cacheKind ?? '');
          const overTime = timeline.axis.map(({ place }) => sums?.at(place) ?? 0);
          expect(overTime.reduce((sum, value) => sum + value, 0)).toBe(savedNanoUsd);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('adds up over time to the same, by model', () => {
    fc.assert(
      fc.property(fc.array(aReceipt, { minLength: 1, maxLength: 60 }), (all) => {
        const { timeline, models } = collected(all);
        for (const { spend, figures } of models.top(99))
          expect(timeline.axis.reduce((sum, { place }) => sum + spend.at(place), 0)).toBe(
            figures.costNanoUsd,
          );
      }),
    );
  });

  test('names what went wrong, of refusals which', () => {
    const error = (kind: 'overloaded' | 'refused', code?: string) => ({
      kind,
      code,
      message: 'No.',
      retryable: false,
      fallbackable: false,
      countsForBreaker: false,
      retryAfterMs: undefined,
    });
    const { errors, outcomes } = collected([
      receipt({ outcome: 'failed', error: error('overloaded', 'busy') }),
      receipt({ outcome: 'refused', error: error('refused', 'budget-exceeded') }),
      receipt({ outcome: 'timed-out', error: undefined }),
      receipt({ outcome: 'aborted', error: undefined }),
      receipt(),
    ]);
    expect([...errors.all.keys()]).toEqual(['overloaded', 'refused: budget-exceeded', 'timed-out']);
    expect([...outcomes.all.keys()]).toEqual(['failed', 'refused', 'timed-out', 'aborted', 'finished']);
  });

  test('counts calls that finished although an attempt had failed', () => {
    const failed = attempt({ outcome: 'failed' });
    const { rescued } = collected([
      receipt({ attempts: [failed, attempt()] }),
      receipt({ attempts: [attempt({ outcome: 'timed-out' }), attempt()] }),
      receipt({ attempts: [attempt({ outcome: 'discarded' }), attempt()] }),
      receipt({ attempts: [failed], outcome: 'failed' }),
    ]);
    expect(rescued).toBe(2);
  });

  test('knows a tag by whichever name, and none that is only inherited', () => {
    const calls = new Collection(new Calendar(zone, 'zone'), 'toString', undefined, undefined);
    calls.add(receipt({ caller: { tags: { feature: 'search' } } }));
    calls.add(receipt({ caller: { tags: JSON.parse('{"toString":"mine"}') as Record<string, string> } }));
    expect(calls.features.top(9).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['mine', undefined]),
    );
  });
});
