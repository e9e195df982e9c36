import type { CacheStore } from '../../core/cache-store.ts';
import type { Host } from '../../core/interceptor.ts';
import { encodeEntry, type Entry, type EntryHead } from './entry.ts';
import { Failing } from './failing.ts';
import {
  Invalidations,
  misspeltModel,
  type Asking,
  type Grouped,
  type Invalidation,
  type SeenMarks,
} from './invalidation.ts';
import { ReadEntries } from './read-entries.ts';
import { sideBySide } from './side-by-side.ts';

/** What was found under a key, or why nothing was. */
export type Found =
  | { readonly kind: 'fresh' | 'stale'; readonly entry: Entry }
  | { readonly kind: 'none'; readonly reason: string | undefined };

/** How many of many keys are asked for, or kept, at once: a connection has its turns, and a pool of them few. */
const atOnce = 64;

const cannotAsk: Found = { kind: 'none', reason: 'the store cannot be asked' };

type ShelfHost = Pick<Host, 'clock' | 'knows' | 'nearestTo' | 'report'>;

/** Answers in a store that may fail: then nothing is there, which is reported once until it answers again. */
export class Shelf {
  readonly #host: ShelfHost;
  readonly #store: CacheStore;
  readonly #invalidations: Invalidations;
  readonly #read = new ReadEntries();
  readonly #underWay = new Set<Promise<void>>();
  readonly #failing: Failing<'reading' | 'writing'>;
  #epoch = 0;

  constructor(host: ShelfHost, store: CacheStore) {
    this.#host = host;
    this.#store = store;
    this.#failing = new Failing(host, '`cache`, which does without its store meanwhile,');
    this.#invalidations = new Invalidations(store);
  }

  /** What can be given to who asks. Never rejects. */
  find(key: string, asking: Asking): Promise<Found> {
    return this.#find(key, asking, new Map());
  }

  /** The same for many keys, in their order. Where the store cannot be asked for one, it is not asked for the rest. */
  findAll(keys: readonly string[], asking: Asking): Promise<readonly Found[]> {
    const seen: SeenMarks = new Map();
    let canAsk = true;
    return sideBySide(keys, atOnce, async (key) => {
      if (!canAsk) return cannotAsk;
      const found = await this.#find(key, asking, seen);
      canAsk &&= found !== cannotAsk;
      return found;
    });
  }

  async #find(key: string, asking: Asking, seen: SeenMarks): Promise<Found> {
    try {
      const stored = await this.#store.get(key);
      this.#failing.works('reading');
      if (stored === undefined) return { kind: 'none', reason: undefined };
      const entry = this.#read.decode(key, stored);
      if (entry === undefined) return { kind: 'none', reason: 'damaged' };
      const now = this.#host.clock.now();
      if (now >= entry.head.staleUntil) return { kind: 'none', reason: 'expired' };
      if (await this.#invalidations.isOutOfDate(entry.head, asking, seen))
        return { kind: 'none', reason: 'invalidated' };
      return { kind: now < entry.head.freshUntil ? 'fresh' : 'stale', entry };
    } catch (thrown) {
      this.#failing.failed('reading', thrown);
      return cannotAsk;
    }
  }

  /**
   * Puts an answer there in the background.
   *
   * @param make gives it, or `undefined` where it is none to keep
   * @param replaces whether it takes the place of one that is kept
   * @param kept told when it is there, for so many milliseconds
   */
  putLater(
    key: string,
    make: () => Promise<Entry | undefined>,
    replaces: boolean,
    kept?: (ttlMs: number) => Promise<void>,
  ): void {
    this.inBackground(
      (async () => {
        const entry = await make();
        const ttlMs = entry && (await this.#put(key, entry, replaces));
        if (ttlMs !== undefined) await kept?.(ttlMs);
      })(),
    );
  }

  /** Puts many there, each under its key. Rejects where one could not be: the rest is then not tried. */
  async putAll(entries: readonly (readonly [key: string, entry: Entry])[], replaces: boolean): Promise<void> {
    await sideBySide(entries, atOnce, ([key, entry]) => this.#put(key, entry, replaces));
  }

  /** Returns for how long it is there; `undefined` where it was not put. Rejects where the store cannot be asked. */
  async #put(key: string, entry: Entry, replaces: boolean): Promise<number | undefined> {
    const { head } = entry;
    const ttlMs = head.staleUntil - this.#host.clock.now();
    if (ttlMs <= 0 || !(await this.#isWanted(key, head, replaces))) return undefined;
    await this.#store.set(key, encodeEntry(key, entry), ttlMs);
    this.#failing.works('writing');
    // Whoever puts the key out of date marks it, and lets go of what is there: one of us sees the other.
    if (!(await this.#isMarked(key, head))) return ttlMs;
    await this.#store.delete(key);
    return undefined;
  }

  /** Whether an answer is still to be kept, and none that is there is to stay. */
  async #isWanted(key: string, head: EntryHead, replaces: boolean): Promise<boolean> {
    const [isMarked, stays] = await Promise.all([
      this.#isMarked(key, head),
      replaces ? this.#isNewerThere(key, head) : this.#isAnyThere(key, head),
    ]);
    return !isMarked && !stays;
  }

  async #isAnyThere(key: string, { model, tenant, tags }: EntryHead): Promise<boolean> {
    return (await this.find(key, { model, settings: { tenant, tags } })).kind !== 'none';
  }

  /** Whether the call began later that has bought what is there. */
  #isNewerThere(key: string, { at }: EntryHead): Promise<boolean> {
    return this.#reading(async () => {
      const stored = await this.#store.get(key);
      const there = stored === undefined ? undefined : this.#read.decode(key, stored);
      return there !== undefined && there.head.at > at;
    });
  }

  #isMarked(key: string, { at }: EntryHead): Promise<boolean> {
    return this.#reading(() => this.#invalidations.isKeyMarked(key, at));
  }

  /** What may be out of date is not kept: that it cannot be read is no failure to write. */
  async #reading(question: () => Promise<boolean>): Promise<boolean> {
    try {
      return await question();
    } catch (thrown) {
      this.#failing.failed('reading', thrown);
      throw thrown;
    }
  }

  /** Another one whenever something is put out of date here: what began in one is not shared in the next. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * When one of these was put out of date last, by whoever shares the store. `undefined`: none was, or the store cannot be
   * asked. Never rejects.
   */
  async latestMark(of: readonly Grouped[]): Promise<number | undefined> {
    try {
      const mark = await this.#invalidations.latestMark(of);
      this.#failing.works('reading');
      return mark;
    } catch (thrown) {
      this.#failing.failed('reading', thrown);
      return undefined;
    }
  }

  /** Rejects where the store cannot be asked: whoever puts answers out of date has to know. */
  async invalidate(what: Invalidation): Promise<void> {
    const { key, ...groups } = what;
    // Nor is what begins meanwhile for those who come when it is done.
    this.#epoch++;
    try {
      if (key === undefined) await this.#invalidations.mark(groups, this.#host.clock.now());
      else {
        await this.#invalidations.markKey(key, this.#host.clock.now());
        await this.#store.delete(key);
      }
    } finally {
      this.#epoch++;
    }
    const misspelt = misspeltModel(this.#host, what);
    if (misspelt !== undefined) this.#host.report(misspelt, 'putting answers out of date');
  }

  /** Work that nobody waits for but {@link Shelf.idle}. */
  inBackground(work: Promise<void>): void {
    const done = work
      .catch((thrown: unknown) => this.#failing.failed('writing', thrown))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async idle(): Promise<void> {
    // What was asked anew is kept when it has come.
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }
}
