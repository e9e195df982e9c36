import * as z from 'zod/mini';
import { invalidOption } from '../../core/parse-options.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter } from '../../core/receipt-log.ts';
import type { Calendar } from './calendar.ts';

/**
 * A moment: epoch milliseconds, a `Date`, a day (`2026-11-01`) or a month (`2026-11`), which mean their beginning in the
 * selection's time zone, or an ISO time with its offset (`2026-11-01T12:00:00Z`).
 */
export type Moment = number | Date | string;

/** Which receipts are meant. What is left out does not restrict. */
export interface ReceiptSelection {
  /** Of calls that began at this time or later. */
  readonly from?: Moment;
  /** Of calls that began before this time: `to: '2026-12'` ends with November. */
  readonly to?: Moment;
  /** Of this user, compared by exact code points; `null`: of calls without one. */
  readonly user?: string | null;
  /** Of this tenant, likewise. */
  readonly tenant?: string | null;
  /** In which days and months begin. An IANA name. Default `UTC`. */
  readonly timeZone?: string;
}

const aMoment = z.union([z.number(), z.string(), z.date()]);

/** What the schema of every selection begins with. */
export const selectionShape = {
  from: z.optional(aMoment),
  to: z.optional(aMoment),
  user: z.optional(z.nullable(z.string())),
  tenant: z.optional(z.nullable(z.string())),
  timeZone: z.optional(z.string()),
};

/** The same for a store. Throws `invalid-options` for what is no moment. */
export function filterOf(
  { from, to, user, tenant }: ReceiptSelection,
  calendar: Calendar,
  path: string,
): ReceiptFilter {
  return {
    ...(from === undefined ? {} : { from: momentOf(from, calendar, `${path}.from`) }),
    ...(to === undefined ? {} : { to: momentOf(to, calendar, `${path}.to`) }),
    ...(user === undefined ? {} : { user }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

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

/** Whether a store's filter means this receipt. */
export function fits({ from, to, user, tenant }: ReceiptFilter, { startedAt, caller }: Receipt): boolean {
  return (
    (from === undefined || startedAt >= from) &&
    (to === undefined || startedAt < to) &&
    (user === undefined || (caller.user ?? null) === user) &&
    (tenant === undefined || (caller.tenant ?? null) === tenant)
  );
}
