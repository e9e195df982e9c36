import { createHash } from 'node:crypto';

/** A JSON object of a wire format. */
export type Wire = Readonly<Record<string, unknown>>;

export function record(value: unknown): Wire {
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Type of a block, part, item or event. */
export function typeOf(value: unknown): string {
  return text(record(value)['type']) ?? '';
}

/** Null, and lists and objects of nothing, say nothing in any of the formats. */
export function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

/** The same text for equal JSON: members in the order of their names, numbers as they are. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** JSON text as canonical JSON; what is none as itself. No arguments are no members. */
export function canonicalText(value: unknown): string {
  if (typeof value !== 'string') return canonical(value ?? {});
  if (value.trim() === '') return '{}';
  try {
    return canonical(JSON.parse(value));
  } catch {
    return value;
  }
}

export function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}

/** The data of each event of a recorded stream, with the text `[DONE]` where that stands. */
export function dataOf(sse: string): unknown[] {
  return sse.split(/\r?\n\r?\n/).flatMap((block): unknown[] => {
    const data = block
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart())
      .join('\n');
    try {
      return data === '' ? [] : data === '[DONE]' ? [data] : [JSON.parse(data) as unknown];
    } catch {
      return [];
    }
  });
}
