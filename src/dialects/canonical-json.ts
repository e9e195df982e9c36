import { asRecord, depthLimit } from './record.ts';

/**
 * JSON with sorted keys and no spaces, so that equal requests give equal text whatever order they were written in.
 * Leaves out some top-level members. `undefined` for what JSON cannot hold.
 */
export function canonicalJson(body: unknown, omit: ReadonlySet<string>): string | undefined {
  const record = asRecord(body);
  if (record === undefined) return undefined;
  try {
    const kept = Object.fromEntries(Object.entries(record).filter(([key]) => !omit.has(key)));
    return write(kept, 0);
  } catch {
    return undefined;
  }
}

function write(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth > depthLimit) throw new RangeError('nested too deep');
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => write(item, depth + 1) ?? 'null').join(',')}]`;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(parsedAgain(value), depth + 1);
  const record = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(record).sort()) {
    const content = write(record[key], depth + 1);
    if (content !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${content}`;
  }
  return `{${text}}`;
}

function parsedAgain(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
