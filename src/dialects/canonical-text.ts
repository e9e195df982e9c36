import { asRecord, depthLimit, type JsonRecord } from './record.ts';

/** Up to so many keys are put in order one by one: that takes a fraction of what `sort` takes. */
const fewKeys = 16;

/**
 * Text of what a body says, the same in whatever order its members were written, and another for whatever JSON would tell
 * apart. No JSON itself: a string is preceded by its length instead of being escaped, because prompts are long and need not be
 * read for this. Leaves out some top-level members. `undefined` for what JSON cannot hold. Keys of answers and hashes of prompts
 * are made of it: where it changes, they do.
 */
export function canonicalText(body: unknown, omit: ReadonlySet<string>): string | undefined {
  const record = asRecord(body);
  if (record === undefined) return undefined;
  try {
    return members(
      record,
      Object.keys(record).filter((key) => !omit.has(key)),
      0,
    );
  } catch {
    return undefined;
  }
}

/** Every value shows by its first character what it is, and says itself where it ends. */
function write(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return string(value);
  if (typeof value !== 'object' || value === null) return literal(value);
  if (depth > depthLimit) throw new RangeError('nested too deep');
  if (Array.isArray(value)) {
    let text = '[';
    for (const item of value as readonly unknown[]) text += write(item, depth + 1) ?? literal(null);
    return `${text}]`;
  }
  const record = value as JsonRecord;
  if (typeof record['toJSON'] === 'function') return write(parsedAgain(record), depth + 1);
  return members(record, Object.keys(record), depth);
}

function members(record: JsonRecord, keys: string[], depth: number): string {
  let text = '{';
  for (const key of inOrder(keys)) {
    const content = write(record[key], depth + 1);
    if (content !== undefined) text += string(key) + content;
  }
  return `${text}}`;
}

/** Escaped only where UTF-8 could not hold it: half a surrogate pair would be hashed like any other half. */
function string(text: string): string {
  return text.isWellFormed() ? `${text.length}:${text}` : `?${JSON.stringify(text)}`;
}

function literal(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : `=${text},`;
}

function inOrder(keys: string[]): readonly string[] {
  if (keys.length > fewKeys) return keys.sort();
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as string;
    let at = index;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

function parsedAgain(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
