import * as z from 'zod/mini';
import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';
import { parseOptions } from '../../core/parse-options.ts';
import { Calendar } from '../../core/calendar.ts';
import { csvHead, csvLine } from './csv.ts';
import { filterOf, selectionShape, type ReceiptSelection } from './selection.ts';

/** What `log.export` is asked. */
export interface ReceiptExport extends ReceiptSelection {
  /**
   * `csv`: a line for each receipt below a line of names, by RFC 4180, safe to open in a spreadsheet. `jsonl`: a receipt as
   * JSON on each line.
   */
  readonly format: 'csv' | 'jsonl';
}

const receiptExportSchema = z.strictObject({ ...selectionShape, format: z.enum(['csv', 'jsonl']) });

/**
 * Lines with their ends, by when the calls began.
 *
 * @param before what is waited for when the first of them is asked for
 */
export function exportReceipts(
  log: ReceiptLog,
  wanted: ReceiptExport,
  before: () => Promise<void>,
): AsyncIterable<string> {
  const { format, timeZone = 'UTC', ...selection } = parseOptions(receiptExportSchema, wanted, 'export');
  const filter = filterOf(selection, new Calendar(timeZone, 'export.timeZone'), 'export');
  return linesOf(log, filter, format, before);
}

async function* linesOf(
  log: ReceiptLog,
  filter: ReceiptFilter,
  format: ReceiptExport['format'],
  before: () => Promise<void>,
): AsyncGenerator<string> {
  await before();
  if (format === 'csv') yield csvHead();
  for await (const receipt of log.read(filter))
    yield format === 'csv' ? csvLine(receipt) : `${JSON.stringify(receipt)}\n`;
}
