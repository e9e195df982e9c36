import * as z from 'zod/mini';
import type { Calendar } from './calendar.ts';
import { invalidOption } from './parse-options.ts';

/**
 * A moment: epoch milliseconds, a `Date`, a day (`2026-11-01`) or a month (`2026-11`), which mean their beginning in the
 * time zone that is asked for, or an ISO time with its offset (`2026-11-01T12:00:00Z`).
 */
export type Moment = number | Date | string;

/** Schema of {@link Moment}. */
export const aMoment = z.union([z.number(), z.string(), z.date()]);

/** Epoch milliseconds. */
export function momentOf(moment: Moment, calendar: Calendar, path: string): number {
  const ms = typeof moment === 'string' ? msOfText(moment, calendar) : Number(moment);
  if (Number.isFinite(ms)) return ms;
  throw invalidOption(
    path,
    `is ${typeof moment === 'string' ? JSON.stringify(moment) : 'no time'}: give a day (\`2026-11-01\`), a month ` +
      '(`2026-11`), a time with its offset (`2026-11-01T12:00:00Z`), a `Date` or epoch milliseconds',
  );
}

const dayOrMonth = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/;
const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function msOfText(text: string, calendar: Calendar): number {
  const [, year, month, day = '01'] = dayOrMonth.exec(text) ?? [];
  if (year === undefined) return withOffset.test(text) ? Date.parse(text) : NaN;
  const date = `${year}-${month}-${day}`;
  // The 31st of November parses as the 1st of December.
  const asUtc = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(date)
    ? NaN
    : calendar.startOfDay(date);
}
