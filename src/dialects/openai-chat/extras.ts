import type { DialectId } from '../../core/dialect.ts';
import type { Extras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { ForeignPart } from '../neutral/message.ts';
import { asRecord, assignable, asText, type JsonRecord, member } from '../record.ts';

export const own: DialectId = 'openai-chat';

/**
 * Extras of this dialect, where there are any. Their names are those of the wire format, with dots where they stand
 * deeper than the thing they belong to (`image_url.detail`, `tools.1`, `choices.0.logprobs`): so what is told as lost is
 * exactly what was lost.
 */
export function extrasOf(...groups: readonly JsonRecord[]): { readonly extras?: Extras } {
  const members: JsonRecord = Object.assign({}, ...groups);
  return Object.keys(members).length === 0 ? {} : { extras: { [own]: members } };
}

export function below(prefix: string, members: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${prefix}.${name}`, value]));
}

export function ownExtras(extras: Extras | undefined): JsonRecord {
  return extras?.[own] ?? {};
}

/** Puts members back where they stood: objects are merged, lists joined, anything else replaces what is there. */
export function withMembers(target: JsonRecord, members: JsonRecord): JsonRecord {
  let whole: unknown = target;
  for (const [name, value] of Object.entries(members)) whole = placed(whole, name.split('.'), value);
  return asRecord(whole) ?? target;
}

export function withOwnExtras(target: JsonRecord, extras: Extras | undefined): JsonRecord {
  return withMembers(target, ownExtras(extras));
}

function placed(target: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return merged(target, value);
  const list: readonly unknown[] | undefined = Array.isArray(target)
    ? target
    : target === undefined && /^\d+$/.test(step)
      ? []
      : undefined;
  if (list === undefined) {
    const record = asRecord(target) ?? {};
    return { ...record, [step]: placed(member(record, step), rest, value) };
  }
  const index = Number(step);
  return rest.length === 0
    ? [...list.slice(0, index), value, ...list.slice(index)]
    : list.map((item, at) => (at === index ? placed(item, rest, value) : item));
}

export function merged(before: unknown, added: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(added)) {
    const joined: readonly unknown[] = [...before, ...added];
    return joined;
  }
  const record = asRecord(before);
  const more = asRecord(added);
  if (record === undefined || more === undefined) return added;
  const whole: Record<string, unknown> = { ...record };
  for (const [key, value] of assignable(more)) whole[key] = merged(member(record, key), value);
  return whole;
}

/** A part of another format, with the name it has there. */
export function foreignLoss(part: ForeignPart, path: string): Loss {
  const type = asText(member(part.value, 'type'));
  return {
    path: type === undefined ? path : `${path}.${type}`,
    reason: `Only ${part.dialect} has it; it was left out.`,
  };
}
