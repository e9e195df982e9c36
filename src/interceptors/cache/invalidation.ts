import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import type { CacheStore } from '../../core/cache-store.ts';
import { isPromise } from '../../core/is-promise.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { EntryHead } from './entry.ts';
import { longestTtlMs } from './options.ts';

/** What is no longer to be given: whatever one of these names. */
export interface Invalidation {
  /** The answer that a receipt names: `facts.cache.key`. */
  readonly key?: string;
  /** Answers to calls that had this tag with this value. */
  readonly tag?: Readonly<Record<string, string>>;
  /** Answers of this model: as it was asked for (a route, a model), or `provider/model` that gave it. */
  readonly model?: string;
  /** Answers to calls of this tenant; `null`: to those without one. */
  readonly tenant?: string | null;
}

const invalidationSchema = z.strictObject({
  key: z.optional(z.string()),
  tag: z.optional(z.record(z.string(), z.string())),
  model: z.optional(z.string()),
  tenant: z.optional(z.nullable(z.string())),
});

/** Throws `invalid-options`. */
export function parseInvalidation(what: Invalidation): Invalidation {
  const parsed = parseOptions(invalidationSchema, what, 'invalidate');
  if (parsed.key !== undefined && Object.keys(parsed).length > 1)
    throw invalidOption('invalidate.key', 'names one answer: what else is given says nothing beside it');
  return parsed;
}

/** A group of entries that can be told to be out of date: entries are not found by what they hold, so groups are marked. */
type Group = readonly [kind: 'all' | 'tag' | 'model' | 'tenant', ...of: readonly (string | null)[]];

/** What decides of which groups an entry is. */
export type Grouped = Pick<EntryHead, 'model' | 'target' | 'tenant' | 'tags' | 'otherTags'>;

type Stamp = string | undefined | Promise<string | undefined>;

/** What is marked, as far as one lookup has seen it. */
export type SeenMarks = Map<string, { readonly stamp: Stamp }>;

/** How many groups are known by their keys at a time. */
const knownGroups = 1_000;

/** Marks groups of entries as out of date, and looks whether one is. */
export class Invalidations {
  readonly #store: CacheStore;
  /** By what they are of: every hit asks for several, which are mostly the same, and would hash each. */
  readonly #keys = new Map<string, string>();

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** Entries whose call began by `nowMs` are out of date. */
  async mark({ tag, model, tenant }: Omit<Invalidation, 'key'>, nowMs: number): Promise<void> {
    const groups: Group[] = [
      ...Object.entries(tag ?? {}).map(([name, value]): Group => ['tag', name, value]),
      ...(model === undefined ? [] : ([['model', model]] satisfies Group[])),
      ...(tenant === undefined ? [] : ([['tenant', tenant]] satisfies Group[])),
    ];
    const marked = groups.length === 0 ? ([['all']] satisfies Group[]) : groups;
    await Promise.all(
      marked.map((group) => this.#store.set(this.#keyOf(group), String(nowMs), longestTtlMs)),
    );
  }

  /**
   * Whether an entry is of a group that was marked since.
   *
   * @param seen marks that were looked at for other entries of the same lookup; each is looked at once
   */
  isOutOfDate(head: EntryHead, seen: SeenMarks): boolean | Promise<boolean> {
    const found = groupsOf(head).map((group) => this.#stamp(this.#keyOf(group), seen));
    const isSince = (stamp: string | undefined): boolean => stamp !== undefined && Number(stamp) >= head.at;
    if (!found.some(isPromise)) return (found as readonly (string | undefined)[]).some(isSince);
    return Promise.all(found).then((stamps) => stamps.some(isSince));
  }

  /** When the latest mark was made of a group that one of these is of; `undefined`: there is none. What is damaged may be of any moment. */
  async latestMark(of: readonly Grouped[]): Promise<number | undefined> {
    const keys = new Set(of.flatMap(groupsOf).map((group) => this.#keyOf(group)));
    const stamps = await Promise.all([...keys].map((key) => this.#store.get(key)));
    const marks = stamps.flatMap((stamp) => (stamp === undefined ? [] : [Number(stamp)]));
    if (marks.length === 0) return undefined;
    return marks.some(Number.isNaN) ? Infinity : Math.max(...marks);
  }

  #stamp(key: string, seen: SeenMarks): Stamp {
    const known = seen.get(key);
    if (known !== undefined) return known.stamp;
    const stamp = this.#store.get(key);
    seen.set(key, { stamp });
    return stamp;
  }

  #keyOf(group: Group): string {
    const said = JSON.stringify(group);
    const known = this.#keys.get(said);
    if (known !== undefined) return known;
    const key = `stamp:${hash('sha256', said)}`;
    if (this.#keys.size >= knownGroups) this.#keys.clear();
    this.#keys.set(said, key);
    return key;
  }
}

function groupsOf({ model, target, tenant, tags, otherTags = [] }: Grouped): readonly Group[] {
  return [
    ['all'],
    ['tenant', tenant ?? null],
    ['model', model],
    ...(target === undefined || target === model ? [] : ([['model', target]] satisfies Group[])),
    ...Object.entries(tags ?? {}).map(([name, value]): Group => ['tag', name, value]),
    ...otherTags.map(([name, value]): Group => ['tag', name, value]),
  ];
}
