import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { longestTtlMs } from '../../core/cache-settings.ts';
import type { CacheStore } from '../../core/cache-store.ts';
import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { hasTag, type EntryHead } from './entry.ts';

/** What is no longer to be given: whatever one of these names. `{}` is everything. */
export interface Invalidation {
  /** The answer that a receipt names: `facts.cache.key`. */
  readonly key?: string;
  /** Answers to calls that had this tag with this value, and what calls with it would be given of others. */
  readonly tag?: Readonly<Record<string, string>>;
  /** Answers of this model: as it was or is asked for (a route, a model), or `provider/model` that gave it. */
  readonly model?: string;
  /** Answers to calls of this tenant, and what it would be given of others; `null`: of those without one. */
  readonly tenant?: string | null;
}

const invalidationSchema = z.strictObject({
  key: z.optional(z.string()),
  tag: z.optional(
    z
      .record(z.string(), z.string())
      .check(z.refine((tags) => Object.keys(tags).length > 0, 'names nothing: `{}` alone is everything')),
  ),
  model: z.optional(z.string()),
  tenant: z.optional(z.nullable(z.string())),
});

/** Throws `invalid-options`. */
export function parseInvalidation(what: Invalidation): Invalidation {
  const parsed = parseOptions(invalidationSchema, what, 'invalidate');
  // Taken for what was not said, it would put out of date far more than was meant, or less.
  for (const [name, value] of Object.entries(parsed))
    if (value === undefined)
      throw invalidOption(`invalidate.${name}`, 'names nothing: leave it out, or say what is meant');
  if (parsed.key !== undefined && Object.keys(parsed).length > 1)
    throw invalidOption('invalidate.key', 'names one answer: what else is given says nothing beside it');
  return parsed;
}

/**
 * What to report of a model that is nothing here, but nearly something: the mark was made, and what was meant has none.
 * `undefined` for what may be meant as it is said: a client's own model, or one that there was before. Names whose digits
 * differ are mostly of different models.
 */
export function misspeltModel(
  { knows, nearestTo }: Pick<Host, 'knows' | 'nearestTo'>,
  { model }: Invalidation,
): ManagedLLMError | undefined {
  if (model === undefined || knows(model)) return undefined;
  const nearest = nearestTo(model);
  if (nearest === undefined || digitsOf(nearest) !== digitsOf(model)) return undefined;
  return invalidOption(
    'invalidate.model',
    `is ${JSON.stringify(model)}, which is neither a route nor \`provider/model\`: what goes by that name is out of date now, and nothing else. Did you mean ${JSON.stringify(nearest)}?`,
  );
}

function digitsOf(name: string): string {
  return name.replaceAll(/\D/g, '');
}

/** A group of entries that can be told to be out of date: entries are not found by what they hold, so groups are marked. */
type Group = readonly [kind: 'all' | 'tag' | 'model' | 'tenant', ...of: readonly (string | null)[]];

/** What decides of which groups an entry is. */
export type Grouped = Pick<EntryHead, 'model' | 'target' | 'tenant' | 'tags' | 'otherTags'>;

type Stamp = string | undefined | Promise<string | undefined>;

/** Who is to be given an entry: a call. */
export interface Asking {
  readonly model: string;
  readonly settings: {
    readonly tenant?: string | undefined;
    readonly tags?: Readonly<Record<string, string>> | undefined;
  };
}

/** What is marked, as far as one lookup has seen it. */
export type SeenMarks = Map<string, { readonly stamp: Stamp }>;

/**
 * How long it is known that a group is out of date: as long as an answer can be given that was on its way by then, and no
 * call is for longer than a day.
 */
const groupMarkMs = 2 * longestTtlMs + 86_400_000;
/** The answer under a key is let go of itself: the mark is for those on their way. */
const keyMarkMs = 86_400_000;

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
    await Promise.all(marked.map((group) => this.#mark(this.#keyOf(group), nowMs, groupMarkMs)));
  }

  /** The entry under a key is out of date if its call began by `nowMs`. For those on their way: no hit looks at it. */
  async markKey(key: string, nowMs: number): Promise<void> {
    await this.#mark(markOf(key), nowMs, keyMarkMs);
  }

  /** Whether the key of an entry was marked since its call began, `at`. */
  async isKeyMarked(key: string, at: number): Promise<boolean> {
    return isSince(await this.#store.get(markOf(key)), at);
  }

  /**
   * Whether an entry, or the call that is to be given it, is of a group that was marked since.
   *
   * @param seen marks that were looked at for other entries of the same lookup; each is looked at once
   */
  isOutOfDate(head: EntryHead, asking: Asking, seen: SeenMarks): boolean | Promise<boolean> {
    const groups = [...groupsOf(head), ...othersOf(asking, head)];
    const found = groups.map((group) => this.#stamp(this.#keyOf(group), seen));
    const isMarked = (stamp: string | undefined): boolean => isSince(stamp, head.at);
    if (!found.some(isPromise)) return (found as readonly (string | undefined)[]).some(isMarked);
    return Promise.all(found).then((stamps) => stamps.some(isMarked));
  }

  async #mark(key: string, nowMs: number, ttlMs: number): Promise<void> {
    const store = this.#store;
    const stamp = stampAt(nowMs);
    await (store.pin === undefined ? store.set(key, stamp, ttlMs) : store.pin(key, stamp, ttlMs));
  }

  /** When the latest mark was made of a group that one of these is of; `undefined`: there is none. What is damaged may be of any moment. */
  async latestMark(of: readonly Grouped[]): Promise<number | undefined> {
    const keys = new Set(of.flatMap(groupsOf).map((group) => this.#keyOf(group)));
    const stamps = await Promise.all([...keys].map((key) => this.#store.get(key)));
    const marks = stamps.flatMap((stamp) => (stamp === undefined ? [] : [momentOf(stamp)]));
    return marks.length === 0 ? undefined : Math.max(...marks);
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

/** Those of a call that are not the entry's own: it may have been bought by another, under another name. */
function othersOf({ model, settings: { tenant, tags } }: Asking, head: EntryHead): readonly Group[] {
  const others: Group[] = [];
  if (tenant !== head.tenant) others.push(['tenant', tenant ?? null]);
  if (model !== head.model && model !== head.target) others.push(['model', model]);
  for (const [name, value] of Object.entries(tags ?? {}))
    if (!hasTag(head, name, value)) others.push(['tag', name, value]);
  return others;
}

function markOf(key: string): string {
  return `stamp:of ${key}`;
}

/** With an end, so that one that is cut short is not one of another moment. */
function stampAt(ms: number): string {
  return `${ms};`;
}

/** Whether it marks what began `at`. */
function isSince(stamp: string | undefined, at: number): boolean {
  return stamp !== undefined && momentOf(stamp) >= at;
}

/** What is damaged may have been a mark of any moment. */
function momentOf(stamp: string): number {
  return Number(/^(\d+(?:\.\d+)?);$/.exec(stamp)?.[1] ?? Infinity);
}
