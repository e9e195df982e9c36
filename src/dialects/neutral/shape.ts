import type { Loss } from '../../core/translation.ts';
import { asCount, asRecord, type JsonRecord, member } from '../record.ts';

/**
 * Reads a value of which nothing is known as a `T`: the same object where it is one, a copy where members or items that
 * may be absent had to be left out, each told as a loss; `undefined` where it is none.
 */
export type Shape<T> = (value: unknown, path: string, losses: Loss[]) => T | undefined;

/** Shapes of all members; which of them must be there is said apart. Members that are not listed stay as they are. */
type Members<T> = { readonly [Name in keyof T]-?: Shape<Exclude<T[Name], undefined>> };

export const anything: Shape<unknown> = (value) => value;
export const text: Shape<string> = (value) => (typeof value === 'string' ? value : undefined);
export const number: Shape<number> = (value) => (typeof value === 'number' ? value : undefined);
export const count: Shape<number> = asCount;
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
export const record: Shape<Readonly<Record<string, unknown>>> = asRecord;

export function oneOf<T extends string>(...words: readonly T[]): Shape<T> {
  return (value) => words.find((word) => word === value);
}

export function either<A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> {
  return (value, path, losses) => one(value, path, losses) ?? other(value, path, losses);
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value, path, losses) => {
    if (!Array.isArray(value)) return undefined;
    const given: readonly unknown[] = value;
    const kept: T[] = [];
    let changed = false;
    for (const [index, content] of given.entries()) {
      const read = item(content, `${path}.${index}`, losses);
      if (read === undefined) losses.push(leftOut(`${path}.${index}`));
      else kept.push(read);
      changed ||= read !== content;
    }
    return changed ? kept : (given as readonly T[]);
  };
}

/** An object with any names. */
export function dictionary<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path, losses) => {
    const given = asRecord(value);
    if (given === undefined) return undefined;
    const shapes = Object.keys(given).map((name) => [name, item] as const);
    return withMembersRead(given, shapes, new Set(), path, losses) as Readonly<Record<string, T>> | undefined;
  };
}

/** @param required names of members without which it is no such object */
export function object<T extends object>(
  required: readonly (keyof T & string)[],
  members: Members<T>,
): Shape<T> {
  const shapes: readonly (readonly [string, Shape<unknown>])[] = Object.entries(members);
  const needed = new Set<string>(required);
  return (value, path, losses) => {
    const given = asRecord(value);
    if (given === undefined || required.some((name) => member(given, name) === undefined)) return undefined;
    return withMembersRead(given, shapes, needed, path, losses) as T | undefined;
  };
}

/** One of several objects, told apart by the text in one member. */
export function byMember<T>(name: string, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  const known = new Map(Object.entries(shapes));
  return (value, path, losses) => {
    const word = asRecord(value)?.[name];
    return typeof word === 'string' ? known.get(word)?.(value, path, losses) : undefined;
  };
}

function withMembersRead(
  given: JsonRecord,
  shapes: readonly (readonly [string, Shape<unknown>])[],
  needed: ReadonlySet<string>,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  let kept: Record<string, unknown> | undefined;
  for (const [name, shape] of shapes) {
    const content = Object.hasOwn(given, name) ? given[name] : undefined;
    if (content === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const read = shape(content, at, losses);
    if (read === content) continue;
    if (read === undefined && needed.has(name)) return undefined;
    kept ??= { ...given };
    if (read === undefined) {
      delete kept[name];
      losses.push(leftOut(at));
    } else kept[name] = read;
  }
  return kept ?? given;
}

export function leftOut(path: string): Loss {
  return { path, reason: 'It does not have the form it must have; it was left out.' };
}
