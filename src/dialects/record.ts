/** A JSON object of which nothing is known. */
export type JsonRecord = Readonly<Record<string, unknown>>;

const nothing: readonly unknown[] = [];
/** Deeper than any schema or tool input in use, and far from the end of the stack. */
export const depthLimit = 400;

export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : undefined;
}

/** The member of an object; `undefined` for whatever has no members. */
export function member(value: unknown, key: string): unknown {
  const record = asRecord(value);
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The members of an object that an assignment makes members of another: `__proto__` would become what that inherits from. */
export function assignable(record: JsonRecord): readonly (readonly [string, unknown])[] {
  return Object.entries(record).filter(([key]) => key !== '__proto__');
}

/** The items of an array; none for anything else. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : nothing;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A count as a provider reports it; `undefined` for null, text, fractions of nothing and negatives. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A copy with one member set; the same object when it has that value already, and anything but an object as it is. */
export function withMember(value: unknown, key: string, content: unknown): unknown {
  const record = asRecord(value);
  if (record === undefined || (record[key] === content && Object.hasOwn(record, key))) return value;
  return { ...record, [key]: content };
}

/** A copy without some members; the same object when it has none of them. */
export function withoutMembers(value: unknown, ...keys: readonly string[]): unknown {
  const record = asRecord(value);
  if (record === undefined || !keys.some((key) => Object.hasOwn(record, key))) return value;
  const copy: Record<string, unknown> = { ...record };
  for (const key of keys) delete copy[key];
  return copy;
}

/** Changes one member where it exists; the same object when the change gives the same value. */
export function changeMember(value: unknown, key: string, change: (content: unknown) => unknown): unknown {
  const record = asRecord(value);
  if (record === undefined || !Object.hasOwn(record, key)) return value;
  const before = record[key];
  const after = change(before);
  return after === before ? value : { ...record, [key]: after };
}

/** Changes the items of an array; the same array when none changed, and anything but an array as it is. */
export function changeItems(value: unknown, change: (item: unknown, index: number) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  const before = value as readonly unknown[];
  let after: unknown[] | undefined;
  for (const [index, item] of before.entries()) {
    const changed = change(item, index);
    if (changed === item) continue;
    after ??= [...before];
    after[index] = changed;
  }
  return after ?? value;
}

/** Puts a value at a path, copying along it; the same object when the path does not exist. */
export function replaceAt(value: unknown, path: readonly (string | number)[], content: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return content;
  return typeof step === 'number'
    ? changeItems(value, (item, index) => (index === step ? replaceAt(item, rest, content) : item))
    : changeMember(value, step, (inner) => replaceAt(inner, rest, content));
}

/** JSON or `undefined`: never throws. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
