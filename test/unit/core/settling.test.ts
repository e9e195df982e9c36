import { describe, expect, test } from 'vitest';

import { Settling, type Settlement } from '../../../src/core/settlement.ts';

const settlement = (outcome: Settlement['outcome']): Settlement => ({
  outcome,
  origin: 'provider',
  error: undefined,
  target: undefined,
  status: 200,
  usage: undefined,
  costNanoUsd: undefined,
  receivedBytes: 0,
  billed: [],
  losses: [],
  attempts: [],
  stopReason: undefined,
  servedModel: undefined,
  startedAt: 0,
  firstEventAt: undefined,
  settledAt: 0,
  facts: {},
});

const unreported = (thrown: unknown): never => expect.fail(`reported: ${String(thrown)}`);

describe('settling', () => {
  test('happens once: the first settlement stands, and listeners are told it once', () => {
    const settling = new Settling(unreported);
    const told: string[] = [];
    settling.onSettled(({ outcome }) => told.push(outcome));
    expect(settling.settle(settlement('finished'))).toBe(true);
    expect(settling.settle(settlement('failed'))).toBe(false);
    expect(settling.settlement?.outcome).toBe('finished');
    expect(told).toEqual(['finished']);
  });

  test('tells listeners at once, in the order in which they came, and late ones immediately', () => {
    const settling = new Settling(unreported);
    const told: number[] = [];
    settling.onSettled(() => told.push(1));
    settling.onSettled(() => told.push(2));
    settling.settle(settlement('aborted'));
    expect(told).toEqual([1, 2]);
    settling.onSettled(() => told.push(3));
    expect(told).toEqual([1, 2, 3]);
  });

  test('a listener that settles again, or adds another, confuses nobody', () => {
    const settling = new Settling(unreported);
    const told: string[] = [];
    settling.onSettled(() => {
      settling.settle(settlement('failed'));
      settling.onSettled(({ outcome }) => told.push(`inner ${outcome}`));
    });
    settling.onSettled(({ outcome }) => told.push(`outer ${outcome}`));
    settling.settle(settlement('finished'));
    expect(told).toEqual(['inner finished', 'outer finished']);
  });
});
