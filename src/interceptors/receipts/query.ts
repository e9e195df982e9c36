import * as z from 'zod/mini';
import type { ReceiptLog } from '../../core/receipt-log.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import { Calendar } from '../../core/calendar.ts';
import { dimensionSchema, type ReceiptDimension } from './dimensions.ts';
import { Grouping, type ReceiptRow } from './grouping.ts';
import { filterOf, selectionShape, type ReceiptSelection } from './selection.ts';

/** What `log.query` is asked. */
export interface ReceiptQuery<D extends ReceiptDimension = ReceiptDimension> extends ReceiptSelection {
  /** A row for each combination of these that occurs. Default none: one row for all. */
  readonly by?: readonly D[];
}

const receiptQuerySchema = z.strictObject({
  ...selectionShape,
  by: z.optional(z.readonly(z.array(dimensionSchema))),
});

const mostGroups = 10_000;

/** Reads what fits, one receipt after another, and adds it up. */
export async function queryReceipts<D extends ReceiptDimension>(
  log: ReceiptLog,
  query: ReceiptQuery<D>,
): Promise<readonly ReceiptRow<D>[]> {
  const { by = [], timeZone = 'UTC', ...selection } = parseOptions(receiptQuerySchema, query, 'query');
  const calendar = new Calendar(timeZone, 'query.timeZone');
  const grouping = new Grouping(by, calendar);
  for await (const receipt of log.read(filterOf(selection, calendar, 'query'))) {
    grouping.add(receipt);
    if (grouping.size > mostGroups) throw tooManyGroups(by);
  }
  return grouping.rows();
}

function tooManyGroups(by: readonly ReceiptDimension[]): Error {
  return invalidOption(
    'query.by',
    `${JSON.stringify(by)} gives more than ${mostGroups} rows: take a dimension out, or less time with \`from\` and \`to\``,
  );
}
