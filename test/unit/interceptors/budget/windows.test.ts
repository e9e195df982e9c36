import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { offsetsOf } from '../../../../src/core/time-zone.ts';
import {
  CalendarWindows,
  windowsOf,
  type CalendarUnit,
} from '../../../../src/interceptors/budget/windows.ts';

const at = (text: string): number => Date.parse(text);

function windowOf(unit: CalendarUnit, timeZone: string, now: string): readonly [string, string] {
  const { startMs, endMs } = new CalendarWindows(unit, offsetsOf(timeZone, 'timeZone')).at(at(now));
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
}

describe('windows of the calendar', () => {
  test('in UTC are minutes, hours, days, weeks from Monday, and months', () => {
    const now = '2026-11-24T07:53:21.123Z';
    expect(windowOf('minute', 'UTC', now)).toEqual(['2026-11-24T07:53:00.000Z', '2026-11-24T07:54:00.000Z']);
    expect(windowOf('hour', 'UTC', now)).toEqual(['2026-11-24T07:00:00.000Z', '2026-11-24T08:00:00.000Z']);
    expect(windowOf('day', 'UTC', now)).toEqual(['2026-11-24T00:00:00.000Z', '2026-11-25T00:00:00.000Z']);
    expect(windowOf('week', 'UTC', now)).toEqual(['2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z']);
    expect(windowOf('month', 'UTC', now)).toEqual(['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']);
  });

  test('a Sunday belongs to the week that began on Monday, and December is followed by January', () => {
    expect(windowOf('week', 'UTC', '2026-11-29T23:59:59.999Z')[0]).toBe('2026-11-23T00:00:00.000Z');
    expect(windowOf('month', 'UTC', '2026-12-31T23:59:59.999Z')[1]).toBe('2027-01-01T00:00:00.000Z');
  });

  test('a day in Berlin has 23 hours when clocks go forward, and 25 when they go back', () => {
    expect(windowOf('day', 'Europe/Berlin', '2026-03-29T12:00:00Z')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(windowOf('day', 'Europe/Berlin', '2026-10-25T12:00:00Z')).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
  });

  test('an hour that comes twice is two windows', () => {
    expect(windowOf('hour', 'Europe/Berlin', '2026-10-25T00:30:00Z')[1]).toBe('2026-10-25T01:00:00.000Z');
    expect(windowOf('hour', 'Europe/Berlin', '2026-10-25T01:30:00Z')[0]).toBe('2026-10-25T01:00:00.000Z');
  });

  test('hours keep to the clocks of a zone that is ahead by part of an hour', () => {
    expect(windowOf('hour', 'Asia/Kathmandu', '2026-11-24T07:20:00Z')).toEqual([
      '2026-11-24T07:15:00.000Z',
      '2026-11-24T08:15:00.000Z',
    ]);
  });

  test('where clocks are set by half an hour, the hour ends there', () => {
    // Lord Howe Island: from +11:00 to +10:30 at 15:00 UTC.
    expect(windowOf('hour', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z')).toEqual([
      '2026-04-04T14:00:00.000Z',
      '2026-04-04T15:00:00.000Z',
    ]);
    expect(windowOf('hour', 'Australia/Lord_Howe', '2026-04-04T15:10:00Z')).toEqual([
      '2026-04-04T15:00:00.000Z',
      '2026-04-04T15:30:00.000Z',
    ]);
  });

  test('a day whose midnight is left out begins with the first instant after it', () => {
    // Beirut: clocks go from 00:00 to 01:00.
    expect(windowOf('day', 'Asia/Beirut', '2026-03-29T12:00:00Z')).toEqual([
      '2026-03-28T22:00:00.000Z',
      '2026-03-29T21:00:00.000Z',
    ]);
  });

  test('a day that was begun does not end because clocks are set back over midnight', () => {
    // St. John’s until 2011: from 00:01 back to 23:01 of the day before.
    const begun = windowOf('day', 'America/St_Johns', '2010-11-07T02:30:30Z');
    expect(windowOf('day', 'America/St_Johns', '2010-11-07T03:00:00Z')).toEqual(begun);
    expect(begun).toEqual(['2010-11-07T02:30:00.000Z', '2010-11-08T03:30:00.000Z']);
  });

  test('a date that a zone leaves out is no window', () => {
    // Apia went from 29 to 31 December 2011.
    const last = windowOf('day', 'Pacific/Apia', '2011-12-30T09:00:00Z');
    const next = windowOf('day', 'Pacific/Apia', '2011-12-30T11:00:00Z');
    expect(last).toEqual(['2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z']);
    expect(next).toEqual(['2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z']);
  });

  test('follow each other without a gap in every zone, and are the same whenever they are asked for', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/St_Johns',
      'America/Havana',
      'America/Santiago',
      'Asia/Beirut',
      'Asia/Kathmandu',
      'Asia/Kolkata',
      'Asia/Tehran',
      'Africa/Casablanca',
      'Africa/Cairo',
      'Atlantic/Azores',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Pacific/Chatham',
      'Pacific/Kiritimati',
    ] as const;
    const zone = fc.constantFrom(...zones);
    const unit = fc.constantFrom('minute', 'hour', 'day', 'week', 'month');
    const instant = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
    const longest = {
      minute: 60_000,
      hour: 3_600_000,
      day: 90_000_001,
      week: 608_400_001,
      month: 2_682_000_001,
    };
    fc.assert(
      fc.property(
        zone,
        unit,
        instant,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timeZone, of, now, share) => {
          const find = (ms: number) => new CalendarWindows(of, offsetsOf(timeZone, 'timeZone')).at(ms);
          const { startMs, endMs } = find(now);
          expect(startMs).toBeLessThanOrEqual(now);
          expect(endMs).toBeGreaterThan(now);
          expect(endMs - startMs).toBeLessThanOrEqual(longest[of]);
          const inside = startMs + Math.floor((endMs - startMs - 1) * share);
          for (const ms of [startMs, inside, endMs - 1])
            expect(find(ms)).toEqual({ kind: 'fixed', startMs, endMs });
          expect(find(endMs).startMs).toBe(endMs);
          expect(find(startMs - 1).endMs).toBe(startMs);
        },
      ),
      { numRuns: 600 },
    );
  });

  test('begin where clocks read the first moment of their unit, or have jumped over it', () => {
    const zones = ['Europe/London', 'America/Sao_Paulo', 'Asia/Tokyo', 'Australia/Lord_Howe', 'Asia/Beirut'];
    const instant = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (timeZone, now) => {
        const read = (ms: number) =>
          new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);
        const { startMs } = new CalendarWindows('day', offsetsOf(timeZone, 'timeZone')).at(now);
        const [date, time] = read(startMs).split(' ');
        const [dateBefore] = read(startMs - 1000).split(' ');
        expect(dateBefore).not.toBe(date);
        if (time !== '00:00:00') expect(read(startMs - 1000)).toMatch(/23:59:59$/);
      }),
      { numRuns: 300 },
    );
  });
});

test('windows that do not turn by themselves never end', () => {
  for (const window of ['total', 'manual'] as const)
    expect(windowsOf(window, () => 0).at(at('2026-11-24T00:00:00Z'))).toEqual({ kind: 'fixed', startMs: 0 });
});

test('a rolling window has its length alone', () => {
  expect(windowsOf({ rollingMs: 5_000 }, () => 0).at(1)).toEqual({ kind: 'rolling', lengthMs: 5_000 });
});

test('a name that is no zone is told by a RangeError', () => {
  expect(() => offsetsOf('Europe/Atlantis', 'timeZone')).toThrow(
    '`timeZone` is "Europe/Atlantis", which is no time zone',
  );
});
