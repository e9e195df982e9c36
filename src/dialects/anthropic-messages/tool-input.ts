import type { Loss } from '../neutral/loss.ts';
import { asRecord, type JsonRecord } from '../record.ts';

/** The input of a tool call, which must be an object here: anything else is put into one. */
export function toolInput(args: unknown, path: string, losses: Loss[]): JsonRecord {
  const record = asRecord(args);
  if (record !== undefined) return record;
  if (args === undefined || args === null || args === '') return {};
  losses.push({
    path: `${path}.arguments`,
    reason: 'A tool’s input must be an object; what was given stands in it as `arguments`.',
  });
  return { arguments: args };
}
