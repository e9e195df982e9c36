import type { Extras } from '../neutral/extras.ts';
import { asRecord, type JsonRecord } from '../record.ts';

export const dialect = 'anthropic-messages';

/** Members that the neutral format has no place for, ready to be spread. None for null, which this API takes as absent. */
export function extrasOf(value: unknown, ...known: readonly string[]): { readonly extras?: Extras } {
  return extrasWith(membersExcept(value, ...known));
}

/** The members as extras, ready to be spread; nothing when there are none. */
export function extrasWith(members: JsonRecord): { readonly extras?: Extras } {
  return Object.keys(members).length === 0 ? {} : { extras: { [dialect]: members } };
}

export function membersExcept(value: unknown, ...known: readonly string[]): JsonRecord {
  return Object.fromEntries(
    Object.entries(asRecord(value) ?? {}).filter(
      ([key, content]) => content !== null && content !== undefined && !known.includes(key),
    ),
  );
}

/** What goes back into this format as it was. */
export function ownMembers(extras: Extras | undefined): JsonRecord {
  return extras?.[dialect] ?? {};
}
