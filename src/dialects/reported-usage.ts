import type { Usage } from '../core/usage.ts';
import { asCount, asRecord } from './record.ts';

type Reported = { readonly [Field in Exclude<keyof Usage, 'provenance'>]: Usage[Field] | undefined };

/** Usage as a provider reported it, without the fields it left out; `undefined` when it told no count at all. */
export function reportedUsage(fields: Partial<Reported>): Usage | undefined {
  if (fields.inputTokens === undefined && fields.outputTokens === undefined) return undefined;
  const told: Record<string, unknown> = {};
  for (const field in fields) {
    const value = fields[field as keyof Reported];
    if (value !== undefined) told[field] = value;
  }
  return { ...told, provenance: 'reported' };
}

/** The members that are counts, such as requests by tool or tokens by lifetime; `undefined` when there are none. */
export function countsIn(value: unknown): Readonly<Record<string, number>> | undefined {
  const record = asRecord(value);
  if (record === undefined) return undefined;
  let counts: Record<string, number> | undefined;
  for (const name of Object.keys(record)) {
    const count = asCount(record[name]);
    if (count !== undefined) (counts ??= {})[name] = count;
  }
  return counts;
}

/** The first count that is told, of places where vendors put the same figure. */
export function firstCount(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const count = asCount(value);
    if (count !== undefined) return count;
  }
  return undefined;
}
