import type { AccountWindow } from '../../core/accounts.ts';
import { changeBetween, firstInstantAt, type OffsetAt } from '../../core/time-zone.ts';

/** Over what a budget adds up, as its option says it. */
export type BudgetWindow =
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'total'
  | 'manual'
  | { readonly rollingMs: number };

/** Which window of a budget it is at a time of the store's clock. */
export interface Windows {
  at(nowMs: number): AccountWindow;
}

/** Units of the calendar that a window may be. */
export type CalendarUnit = Extract<BudgetWindow, 'minute' | 'hour' | 'day' | 'week' | 'month'>;

/** @param offsetAt of the zone whose calendar counts */
export function windowsOf(window: BudgetWindow, offsetAt: OffsetAt): Windows {
  if (typeof window === 'object') return always({ kind: 'rolling', lengthMs: window.rollingMs });
  if (window === 'total' || window === 'manual') return always({ kind: 'fixed', startMs: 0 });
  return new CalendarWindows(window, offsetAt);
}

function always(window: AccountWindow): Windows {
  const frozen = Object.freeze(window);
  return { at: () => frozen };
}

interface Span {
  readonly kind: 'fixed';
  readonly startMs: number;
  readonly endMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** 1 January 1970 was a Thursday. */
const mondayMs = -3 * dayMs;

/**
 * Windows of a calendar: they follow each other without a gap, whatever a zone does to its clocks. A day that has its
 * clocks set has 23 or 25 hours; one whose midnight is left out begins with the first instant after it.
 */
export class CalendarWindows implements Windows {
  readonly #unit: CalendarUnit;
  readonly #offsetAt: OffsetAt;
  /** The one asked for last: offsets are dear to ask for. */
  #last: Span | undefined;

  constructor(unit: CalendarUnit, offsetAt: OffsetAt) {
    this.#unit = unit;
    this.#offsetAt = offsetAt;
  }

  at(nowMs: number): Span {
    const last = this.#last;
    if (last !== undefined && last.startMs <= nowMs && nowMs < last.endMs) return last;
    return (this.#last = Object.freeze(this.#find(nowMs)));
  }

  #find(nowMs: number): Span {
    const unit = this.#unit;
    if (unit === 'minute') return spanOf(nowMs - modulo(nowMs, minuteMs), minuteMs);
    if (unit === 'hour') return this.#hour(nowMs);
    let first = beginning(unit, nowMs + this.#offsetAt(nowMs));
    let next = following(unit, first);
    let endMs = firstInstantAt(next, this.#offsetAt);
    // Clocks that were set back over midnight read the day before once more.
    while (endMs <= nowMs) {
      first = next;
      next = following(unit, first);
      endMs = firstInstantAt(next, this.#offsetAt);
    }
    return { kind: 'fixed', startMs: firstInstantAt(first, this.#offsetAt), endMs };
  }

  /** From one full hour of the zone's clocks to the next, or to where they are set by part of an hour. */
  #hour(nowMs: number): Span {
    const offsetAt = this.#offsetAt;
    const partAt: OffsetAt = (instantMs) => modulo(offsetAt(instantMs), hourMs);
    const part = partAt(nowMs);
    let startMs = nowMs - modulo(nowMs + part, hourMs);
    let endMs = startMs + hourMs;
    if (partAt(startMs) !== part) startMs = changeBetween(startMs, nowMs, partAt);
    if (partAt(endMs) !== part) endMs = changeBetween(nowMs, endMs, partAt);
    return { kind: 'fixed', startMs, endMs };
  }
}

function spanOf(startMs: number, lengthMs: number): Span {
  return { kind: 'fixed', startMs, endMs: startMs + lengthMs };
}

type Days = Exclude<CalendarUnit, 'minute' | 'hour'>;

/** What clocks read at the beginning of the unit that they read this time in, both as if they were UTC. */
function beginning(unit: Days, wallMs: number): number {
  if (unit === 'day') return wallMs - modulo(wallMs, dayMs);
  if (unit === 'week') return wallMs - modulo(wallMs - mondayMs, 7 * dayMs);
  const date = new Date(wallMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function following(unit: Days, wallMs: number): number {
  if (unit === 'day') return wallMs + dayMs;
  if (unit === 'week') return wallMs + 7 * dayMs;
  const date = new Date(wallMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Never below 0. */
function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
