import * as z from 'zod/mini';
import type { Calendar } from '../../core/calendar.ts';
import { aMoment, momentOf, type Moment } from '../../core/moment.ts';
import { invalidOption } from '../../core/parse-options.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter } from '../../core/receipt-log.ts';

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

/** What the schema of every selection begins with. */
export const selectionShape = {
  from: z.optional(aMoment),
  to: z.optional(aMoment),
  user: z.optional(z.nullable(z.string())),
  tenant: z.optional(z.nullable(z.string())),
  timeZone: z.optional(z.string()),
};

/** The same for a store. Throws `invalid-options` for what is no moment, and for a time that ends before it begins. */
export function filterOf(
  { from, to, user, tenant }: ReceiptSelection,
  calendar: Calendar,
  path: string,
): ReceiptFilter {
  const start = from === undefined ? undefined : momentOf(from, calendar, `${path}.from`);
  const end = to === undefined ? undefined : momentOf(to, calendar, `${path}.to`);
  if (start !== undefined && end !== undefined && start > end)
    throw invalidOption(
      `${path}.to`,
      'is before `from`: it is the first moment that is not meant, so `{ from: "2026-11", to: "2026-12" }` is November',
    );
  return {
    ...(start === undefined ? {} : { from: start }),
    ...(end === undefined ? {} : { to: end }),
    ...(user === undefined ? {} : { user }),
    ...(tenant === undefined ? {} : { tenant }),
  };
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
