import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar } from '../../../src/core/calendar.ts';
import { Sums } from '../../../src/report/sums.ts';
import { longTime, shortTime, Timeline } from '../../../src/report/timeline.ts';

const at = (iso: string): number => Date.parse(iso);
const hourMs = 3_600_000;

function placed(moments: readonly number[], zone = 'UTC', from?: number, to?: number) {
  const timeline = new Timeline(new Calendar(zone, 'zone'), from, to);
  const sums = new Sums();
  for (const ms of moments) {
    let place = timeline.place(ms);
    while (timeline.isTooFine) {
      const places = timeline.coarsen();
      sums.move(places);
      place = places[place] ?? -1;
    }
    sums.add(place, 1);
  }
  while (!timeline.fits) sums.move(timeline.coarsen());
  return { timeline, counts: timeline.axis.map(({ place }) => sums.at(place)) };
}

describe('an axis', () => {
  test('is in hours for a day or three, in days for a quarter, in months for years, then in years', () => {
    const span = (lengthMs: number) => {
      const start = at('2026-01-01T00:00:00Z');
      const { timeline } = placed([start, start + lengthMs]);
      return [timeline.unit, timeline.axis.length];
    };
    expect(span(2 * hourMs)).toEqual(['hour', 3]);
    expect(span(71 * hourMs)).toEqual(['hour', 72]);
    expect(span(30 * 24 * hourMs)).toEqual(['day', 31]);
    expect(span(92 * 24 * hourMs)).toEqual(['day', 93]);
    expect(span(364 * 24 * hourMs)).toEqual(['month', 12]);
    expect(span(20 * 365.25 * 24 * hourMs)).toEqual(['year', 21]);
  });

  test('has what lies between, and what was asked for, with nothing in it', () => {
    const { timeline, counts } = placed(
      [at('2026-11-03T12:00:00Z'), at('2026-11-05T12:00:00Z')],
      'UTC',
      at('2026-11-01T00:00:00Z'),
      at('2026-11-08T00:00:00Z'),
    );
    expect(timeline.unit).toBe('day');
    expect(timeline.axis.map(({ key }) => key)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((day) => `2026-11-0${day}`),
    );
    expect(counts).toEqual([0, 0, 1, 0, 1, 0, 0]);
  });

  test('tells the hour apart that comes twice, and leaves out the one that does not come', () => {
    const hours = (from: string, to: string) =>
      placed([at(from), at(to)], 'Europe/Berlin').timeline.axis.map(shortTime);
    expect(hours('2026-10-25T00:00:00+02:00', '2026-10-25T04:00:00+01:00')).toEqual([
      '25 Oct',
      '01:00',
      '02:00',
      '02:00',
      '03:00',
      '04:00',
    ]);
    expect(hours('2026-03-29T01:00:00+01:00', '2026-03-29T04:00:00+02:00')).toEqual([
      '01:00',
      '03:00',
      '04:00',
    ]);
  });

  test('without anything is empty', () => {
    expect(placed([]).timeline.axis).toEqual([]);
  });

  test('loses nothing and puts nothing elsewhere, in any zone, however units become coarser', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    const spans = fc.constantFrom(
      hourMs,
      24 * hourMs,
      90 * 24 * hourMs,
      2_000 * 24 * hourMs,
      9_000 * 24 * hourMs,
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        spans.chain((span) => fc.array(fc.integer({ min: 0, max: span }), { minLength: 1, maxLength: 100 })),
        (zone, offsets) => {
          const moments = offsets.map((offset) => at('2024-02-28T12:00:00Z') + offset);
          const { timeline, counts } = placed(moments, zone);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(moments.length);
          const { axis } = timeline;
          expect(axis.length).toBeLessThanOrEqual(120);
          expect(axis.map(({ key }) => key.slice(0, 10))).toEqual(
            axis.map(({ key }) => key.slice(0, 10)).toSorted(),
          );
          const days = new Calendar(zone, 'zone');
          const length = { hour: 13, day: 10, month: 7, year: 4 }[timeline.unit];
          const first = axis[0]?.key.slice(0, length);
          const inFirst = moments.filter((ms) => days.hour(ms).slice(0, length) === first);
          // Of an hour that comes twice, the first is the first.
          if (timeline.unit === 'hour') expect(counts[0]).toBeLessThanOrEqual(inFirst.length);
          else expect(counts[0]).toBe(inFirst.length);
        },
      ),
    );
  });
});

test.each([
  ['2026-11-03T14:00+01:00', '14:00', 'Tue, 3 Nov 2026, 14:00'],
  ['2026-11-03T00:00Z', '3 Nov', 'Tue, 3 Nov 2026, 00:00'],
  ['2026-11-03', '3 Nov', 'Tue, 3 Nov 2026'],
  ['2026-11', 'Nov 2026', 'Nov 2026'],
  ['2026', '2026', '2026'],
])('%s is %s under an axis and %s by itself', (key, short, long) => {
  const step = { key, place: undefined };
  expect([shortTime(step), longTime(step)]).toEqual([short, long]);
});
