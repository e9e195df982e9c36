import type { Extras } from '../neutral/extras.ts';
import { asRecord, items, type JsonRecord } from '../record.ts';

const own = 'openai-responses';

/**
 * A native object that is being decoded: known members are taken out, and what is left goes into `extras`. Null and
 * empty lists say nothing in this format and are not kept.
 */
export class Members {
  readonly #left = new Map<string, unknown>();

  constructor(value: unknown) {
    for (const [key, content] of Object.entries(asRecord(value) ?? {})) {
      if (content === undefined || content === null) continue;
      if (!Array.isArray(content) || content.length > 0) this.#left.set(key, content);
    }
  }

  /** The member as `read` understands it. One that it does not understand stays among the rest. */
  take<T>(key: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = read(this.#left.get(key));
    if (value !== undefined) this.#left.delete(key);
    return value;
  }

  /** Leaves a member out, or only where it has its default. */
  drop(key: string, ...defaults: readonly unknown[]): this {
    if (defaults.length === 0 || defaults.includes(this.#left.get(key))) this.#left.delete(key);
    return this;
  }

  /** Puts back what could not be understood in full. */
  put(key: string, value: unknown): void {
    this.#left.set(key, value);
  }

  get rest(): JsonRecord {
    return Object.fromEntries(this.#left);
  }

  /** For spreading: `extras` where anything is left. */
  get extras(): { readonly extras?: Extras } {
    return this.#left.size === 0 ? {} : inExtras(this.rest);
  }
}

/** For spreading. An entry of ours without members is a mark too: this came from Responses and says nothing more. */
export function inExtras(members: JsonRecord): { readonly extras: Extras } {
  return { extras: { [own]: members } };
}

/** What only Responses know of it; `undefined` for what came from elsewhere. */
export function ownExtras(extras: Extras | undefined): JsonRecord | undefined {
  return asRecord(extras?.[own]);
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? items(value) : undefined;
}

/** An object for spreading that leaves absent members out. */
export function present<T extends JsonRecord>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> };
export function present(members: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
