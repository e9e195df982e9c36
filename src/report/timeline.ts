import type { Calendar } from '../core/calendar.ts';

/** How finely time is told apart. */
export type TimeUnit = 'hour' | 'day' | 'month' | 'year';

const coarser: Readonly<Record<TimeUnit, TimeUnit>> = {
  hour: 'day',
  day: 'month',
  month: 'year',
  year: 'year',
};

/** More of a unit would neither fit on a page nor tell anything: three days of hours, a quarter of days, ten years of months. */
const atMost: Readonly<Record<TimeUnit, number>> = { hour: 75, day: 100, month: 120, year: Infinity };

const quarterMs = 900_000;
const dayMs = 86_400_000;

/** Where each place is after units have become coarser. */
export type NewPlaces = readonly number[];

/** The hours, days, months or years of moments that come one after another: coarser units, as they become many. */
export class Timeline {
  #unit: TimeUnit = 'hour';
  readonly #calendar: Calendar;
  #places = new Map<string, number>();
  #from: number;
  #to: number;

  /**
   * @param from what it shows at least, where that was asked for
   * @param to exclusive
   */
  constructor(calendar: Calendar, from: number | undefined, to: number | undefined) {
    this.#calendar = calendar;
    this.#from = from ?? Infinity;
    this.#to = to === undefined ? -Infinity : to - 1;
  }

  get unit(): TimeUnit {
    return this.#unit;
  }

  /** Its place: the same for all moments of one unit. */
  place(ms: number): number {
    this.#from = Math.min(this.#from, ms);
    this.#to = Math.max(this.#to, ms);
    const key = this.#key(ms);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(key, place);
    return place;
  }

  /** Whether there are more units by now than may be. */
  get isTooFine(): boolean {
    return this.#places.size > atMost[this.#unit];
  }

  coarsen(): NewPlaces {
    this.#unit = coarser[this.#unit];
    const places = new Map<string, number>();
    const moved: number[] = [];
    for (const [key, place] of this.#places) {
      const wider = widened(key, this.#unit);
      const next = places.get(wider) ?? places.size;
      places.set(wider, next);
      moved[place] = next;
    }
    this.#places = places;
    return moved;
  }

  /** All units from the first to the last, also those in which nothing was, each with its place, if it has one. */
  get axis(): readonly TimeStep[] {
    return this.#keys().map((key) => ({ key, place: this.#places.get(key) }));
  }

  /** Whether units fit, with what was asked for and has nothing in it. */
  get fits(): boolean {
    return this.#unit === 'year' || this.#keys().length <= atMost[this.#unit];
  }

  #key(ms: number): string {
    switch (this.#unit) {
      case 'hour':
        return this.#calendar.hour(ms);
      case 'day':
        return this.#calendar.day(ms);
      case 'month':
        return this.#calendar.month(ms);
      case 'year':
        return this.#calendar.month(ms).slice(0, 4);
      default:
        return this.#unit satisfies never;
    }
  }

  #keys(): readonly string[] {
    const [from, to] = [this.#from, this.#to];
    if (from > to) return [];
    const keys = new Set<string>();
    // No zone sets its clocks but at quarters of an hour; a day is never so short that another one would be left out.
    const step = this.#unit === 'hour' ? quarterMs : dayMs / 2;
    for (let ms = from; ms < to && keys.size <= atMost[this.#unit]; ms += step) keys.add(this.#key(ms));
    keys.add(this.#key(to));
    return [...keys];
  }
}

/** One unit of an axis. */
export interface TimeStep {
  /** `2026-11-01T05:00+01:00`, `2026-11-01`, `2026-11`, `2026`. */
  readonly key: string;
  readonly place: number | undefined;
}

function widened(key: string, unit: TimeUnit): string {
  return key.slice(0, { hour: Infinity, day: 10, month: 7, year: 4 }[unit]);
}

const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const wholeMonth = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** Of a time step, under an axis: `3 Nov`, `14:00`. */
export function shortTime({ key }: TimeStep): string {
  const [, day, hour] = partsOf(key);
  if (hour !== undefined) return hour === '00:00' ? shortDay.format(dateOf(key)) : hour;
  if (day !== undefined) return shortDay.format(dateOf(key));
  return key.length === 4 ? key : wholeMonth.format(dateOf(key));
}

/** By itself: `Tue, 3 Nov 2026`, `Tue, 3 Nov 2026, 14:00`. */
export function longTime({ key }: TimeStep): string {
  const [, day, hour] = partsOf(key);
  if (hour !== undefined) return `${longDay.format(dateOf(key))}, ${hour}`;
  if (day !== undefined) return longDay.format(dateOf(key));
  return key.length === 4 ? key : wholeMonth.format(dateOf(key));
}

function partsOf(key: string): readonly (string | undefined)[] {
  return /^\d{4}(?:-\d\d(?:-(\d\d)(?:T(\d\d:\d\d))?)?)?/.exec(key) ?? [];
}

function dateOf(key: string): Date {
  return new Date(`${key.slice(0, 10).padEnd(10, '-01')}T00:00:00Z`);
}
