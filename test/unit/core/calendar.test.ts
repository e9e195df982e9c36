import { ManagedLLMError } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar } from '../../../src/core/calendar.ts';

const calendar = (timeZone: string) => new Calendar(timeZone, 'query.timeZone');
const at = (iso: string) => Date.parse(iso);

describe('hours, days and months', () => {
  test('are those of the time zone', () => {
    const newYear = at('2026-12-31T23:30:00Z');
    expect(calendar('UTC').hour(newYear)).toBe('2026-12-31T23:00Z');
    expect(calendar('Europe/Berlin').hour(newYear)).toBe('2027-01-01T00:00+01:00');
    expect(calendar('Europe/Berlin').day(newYear)).toBe('2027-01-01');
    expect(calendar('Europe/Berlin').month(newYear)).toBe('2027-01');
    expect(calendar('America/Los_Angeles').day(newYear)).toBe('2026-12-31');
    expect(calendar('Asia/Kathmandu').hour(newYear)).toBe('2027-01-01T05:00+05:45');
    expect(calendar('America/St_Johns').hour(newYear)).toBe('2026-12-31T20:00-03:30');
  });

  test('tell the hour that comes twice apart', () => {
    const berlin = calendar('Europe/Berlin');
    expect(berlin.hour(at('2026-10-25T00:30:00Z'))).toBe('2026-10-25T02:00+02:00');
    expect(berlin.hour(at('2026-10-25T01:30:00Z'))).toBe('2026-10-25T02:00+01:00');
  });

  test('are named after an instant within them, in any zone', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
        (zone, ms) => {
          const hour = calendar(zone).hour(ms);
          const local = new Intl.DateTimeFormat('sv-SE', {
            timeZone: zone,
            dateStyle: 'short',
            timeStyle: 'short',
          });
          expect(`${hour.slice(0, 10)} ${hour.slice(11, 13)}`).toBe(local.format(ms).slice(0, 13));
          expect(calendar(zone).day(ms)).toBe(hour.slice(0, 10));
          expect(ms - at(hour)).toBeGreaterThanOrEqual(0);
          expect(ms - at(hour)).toBeLessThan(3_600_000);
        },
      ),
    );
  });
});

describe('the beginning of a day', () => {
  test.each([
    ['UTC', '2026-11-01', '2026-11-01T00:00:00Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-26', '2026-10-25T23:00:00Z'],
    // Midnight is left out.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    // Midnight comes twice.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z'],
  ])('%s, %s', (zone, day, begins) => {
    expect(new Date(calendar(zone).startOfDay(day)).toISOString()).toBe(`${begins.slice(0, -1)}.000Z`);
  });

  test('is the first instant of it, in any zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        (zone, ms) => {
          const days = calendar(zone);
          const day = days.day(ms);
          const begins = days.startOfDay(day);
          expect(days.day(begins)).toBe(day);
          expect(days.day(begins - 1)).not.toBe(day);
        },
      ),
    );
  });
});

test('a time zone that there is not is refused, by its path', () => {
  expect(() => calendar('Europe/Bonn')).toThrow(ManagedLLMError);
  expect(() => calendar('Europe/Bonn')).toThrow(
    '`query.timeZone` is "Europe/Bonn", which is no time zone: give one as `Europe/Berlin` or `UTC`.',
  );
});
