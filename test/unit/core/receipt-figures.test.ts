import type { Receipt } from 'managed-llm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Figures } from '../../../src/core/receipt-figures.ts';
import { attempt, receipt } from '../interceptors/receipts/receipts.ts';

const of = (all: readonly Receipt[], keepsTimes = true): Figures => {
  const figures = new Figures(keepsTimes);
  for (const one of all) {
    figures.addCall(one);
    for (const each of one.attempts) figures.addAttempt(one, each);
  }
  return figures;
};

const anAttempt = fc
  .record({
    costNanoUsd: fc.option(fc.nat(), { nil: undefined }),
    usage: fc.option(
      fc.record({
        inputTokens: fc.nat(),
        outputTokens: fc.nat(),
        cachedInputTokens: fc.nat(),
        provenance: fc.constantFrom('reported' as const, 'estimated' as const),
      }),
      { nil: undefined },
    ),
  })
  .map(attempt);
const aReceipt = fc
  .record({
    outcome: fc.constantFrom(
      'finished' as const,
      'failed' as const,
      'timed-out' as const,
      'refused' as const,
    ),
    durationMs: fc.nat(60_000),
    stream: fc.boolean(),
    firstEventMs: fc.option(fc.nat(5_000), { nil: undefined }),
    attempts: fc.array(anAttempt, { maxLength: 3 }),
  })
  .map(receipt);

test('figures that were added up apart come to the same together', () => {
  const some = fc.array(aReceipt, { maxLength: 20 });
  fc.assert(
    fc.property(some, some, (one, other) => {
      const together = of(one);
      together.addAll(of(other));
      expect(together.figures).toEqual(of([...one, ...other]).figures);
    }),
  );
});

test('what goes by an estimated usage is told of the cost, and only of what has one', () => {
  const usage = (provenance: 'reported' | 'estimated') => ({ outputTokens: 5, provenance });
  const attempts = [
    attempt({ costNanoUsd: 10, usage: usage('reported') }),
    attempt({ costNanoUsd: 20, usage: usage('estimated') }),
    attempt({ costNanoUsd: undefined, usage: usage('estimated') }),
  ];
  expect(of([receipt({ attempts })]).figures).toMatchObject({
    costNanoUsd: 30,
    estimatedNanoUsd: 20,
    estimatedUsd: 0.000_000_02,
    unpriced: 1,
  });
});

test('without times, all but how long calls took is told', () => {
  const { p50Ms, p95Ms, p99Ms, ...others } = of([receipt()]).figures;
  expect([p50Ms, p95Ms, p99Ms]).toEqual([100, 100, 100]);
  expect(of([receipt()], false).figures).toEqual({
    ...others,
    p50Ms: undefined,
    p95Ms: undefined,
    p99Ms: undefined,
  });
});
