import type { Usage } from '../core/usage.ts';
import { asCount, asRecord } from './record.ts';

type Reported = { readonly [Field in Exclude<keyof Usage, 'provenance'>]: Usage[Field] | undefined };

/** Usage as a provider reported it, without the fields it left out; `undefined` when it told no count at all. */
export function reportedUsage(fields: Partial<Reported>): Usage | undefined {
  if (fields.inputTokens === undefined && fields.outputTokens === undefined) return undefined;
  const usage: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) usage[field] = value;
  return { ...usage, provenance: 'reported' };
}

/** The members that are counts, such as requests by tool or tokens by lifetime; `undefined` when there are none. */
export function countsIn(value: unknown): Readonly<Record<string, number>> | undefined {
  const counts: Record<string, number> = {};
  for (const [name, content] of Object.entries(asRecord(value) ?? {})) {
    const count = asCount(content);
    if (count !== undefined) counts[name] = count;
  }
  return Object.keys(counts).length === 0 ? undefined : counts;
}

/** The first count that is told, of places where vendors put the same figure. */
export function firstCount(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const count = asCount(value);
    if (count !== undefined) return count;
  }
  return undefined;
}
