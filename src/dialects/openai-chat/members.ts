import { asRecord, type JsonRecord } from '../record.ts';

/**
 * The members of one native object, taken out one by one. What nobody takes, because its name or its type is unknown,
 * is the rest, which becomes extras. `null` tells the same as absence.
 */
export class Members {
  readonly #all: JsonRecord;
  readonly #taken = new Set<string>();

  constructor(value: unknown) {
    this.#all = asRecord(value) ?? {};
  }

  /** The member as what it should be; `undefined`, and left in the rest, when it is something else. */
  take<T>(key: string, as: (value: unknown) => T | undefined): T | undefined {
    const value = Object.hasOwn(this.#all, key) ? as(this.#all[key]) : undefined;
    if (value !== undefined) this.#taken.add(key);
    return value;
  }

  /** Members that say nothing which the rest of the format does not say. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#taken.add(key);
  }

  get rest(): JsonRecord {
    return Object.fromEntries(
      Object.entries(this.#all).filter(([key, value]) => value != null && !this.#taken.has(key)),
    );
  }
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asFlag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** An id: some servers number what others name, and some leave it empty. */
export function asId(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** A copy without the members that are `undefined`. */
export function defined<T extends object>(members: T): Defined<T> {
  const copy: Defined<T> = { ...members };
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
}
