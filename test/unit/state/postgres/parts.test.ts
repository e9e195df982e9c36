import * as fc from 'fast-check';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/state/postgres/postgres-failure.ts';
import { namesIn, quoteText, schemaVersion } from '../../../../src/state/postgres/postgres-names.ts';
import { migrations } from '../../../../src/state/postgres/postgres-schema.ts';
import { fromStored, keyOf, toStored } from '../../../../src/state/postgres/stored-text.ts';
import { Turns } from '../../../../src/state/postgres/turns.ts';

/** Any code units, halves of pairs and NUL among them. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});
const trickyText = fc.string({
  unit: fc.constantFrom('\\', 'u', '0', 'd', '8', '\0', '\ud800', '\udc00', 'a'),
});
const text = fc.oneof(anyText, trickyText, fc.string({ unit: 'grapheme' }));

describe('text that is stored', () => {
  test('comes back as it was, and is such that the server takes it', () => {
    fc.assert(
      fc.property(text, (given) => {
        const stored = toStored(given);
        expect(fromStored(stored)).toBe(given);
        expect(stored.isWellFormed() && !stored.includes('\0')).toBe(true);
      }),
    );
  });

  test('reads as it was written where nothing needs to be escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (given) => {
        fc.pre(!/[\\\0]/.test(given));
        expect(toStored(given)).toBe(given);
      }),
    );
  });

  test('has another key than every other text, however it is divided', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (one, other) => {
        const isSame = one.length === other.length && one.every((part, index) => part === other[index]);
        expect(keyOf(...one) === keyOf(...other)).toBe(isSame);
      }),
    );
    expect(keyOf('a', null)).not.toBe(keyOf('a', 'null'));
    expect(keyOf('a', 1)).not.toBe(keyOf('a', '1'));
    expect(keyOf('a')).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('names', () => {
  test('are quoted, and functions carry the version of the schema', () => {
    const names = namesIn('it"s', 'schema');
    expect(names.table('buckets')).toBe('"it""s".buckets');
    expect(names.call('take')).toBe(`"it""s".take_v${schemaVersion}`);
    expect(quoteText("it's")).toBe("'it''s'");
    expect(quoteText('a\\b')).toBe("E'a\\\\b'");
  });

  test('are of the version that the migrations lead to', () => {
    expect(migrations).toHaveLength(schemaVersion);
  });
});

describe('a failure', () => {
  const coded = (code: string): Error => Object.assign(new Error('failed'), { code });

  test('is told by the code of the server, else it is one of the connection', () => {
    const expected = {
      '40001': 'conflict',
      '40P01': 'conflict',
      '42P01': 'missing',
      '42883': 'missing',
      '42501': 'forbidden',
      '42703': 'foreign',
      '53300': 'down',
      '28P01': 'down',
      '25006': 'down',
      '25P02': 'broken',
      '57014': 'refused',
      '57P01': 'broken',
      '08006': 'broken',
      '55P03': 'refused',
      '22P02': 'refused',
      P0001: 'refused',
      XX000: 'refused',
      MLM01: 'newer',
      MLM02: 'foreign',
      MLM03: 'isolation',
      MLM04: 'refused',
      EPIPE: 'broken',
      ECONNREFUSED: 'broken',
    };
    for (const [code, failure] of Object.entries(expected))
      expect([code, failureOf(coded(code))]).toEqual([code, failure]);
    expect(failureOf(new Error('Connection terminated unexpectedly'))).toBe('broken');
    expect(failureOf('nonsense')).toBe('broken');
  });
});

describe('turns', () => {
  test('come in the order they were asked for, so many at once', async () => {
    const clock = manualClock();
    const turns = new Turns(clock, 2);
    expect([turns.take(100), turns.take(100)]).toEqual([true, true]);
    const came: string[] = [];
    const third = Promise.resolve(turns.take(100)).then(() => came.push('third'));
    const fourth = Promise.resolve(turns.take(100)).then(() => came.push('fourth'));
    expect(clock.pending).toBe(2);
    turns.end();
    await third;
    expect(came).toEqual(['third']);
    turns.end();
    await fourth;
    expect(came).toEqual(['third', 'fourth']);
    expect(clock.pending).toBe(0);
  });

  test('are not waited for longer than the limit, and none is lost by that', async () => {
    const clock = manualClock();
    const turns = new Turns(clock, 1);
    turns.take(100);
    const late = turns.take(100);
    await clock.advance(100);
    expect(await late).toBe(false);
    turns.end();
    expect(turns.take(100)).toBe(true);
    const next = turns.take(100);
    turns.end();
    expect(await next).toBe(true);
  });
});
