import type { CacheStore } from '../../core/cache-store.ts';
import type { Host } from '../../core/interceptor.ts';
import { decodeEntry, encodeEntry, type Entry } from './entry.ts';
import { Failing } from './failing.ts';
import { Invalidations, type Invalidation } from './invalidation.ts';

/** What was found under a key, or why nothing was. */
export type Found =
  | { readonly kind: 'fresh' | 'stale'; readonly entry: Entry }
  | { readonly kind: 'none'; readonly reason: string | undefined };

/** Answers in a store that may fail: then nothing is there, which is reported once until it answers again. */
export class Shelf {
  readonly #host: Pick<Host, 'clock' | 'report'>;
  readonly #store: CacheStore;
  readonly #invalidations: Invalidations;
  readonly #underWay = new Set<Promise<void>>();
  readonly #failing: Failing<'reading' | 'writing'>;

  constructor(host: Pick<Host, 'clock' | 'report'>, store: CacheStore) {
    this.#host = host;
    this.#store = store;
    this.#failing = new Failing(host, '`cache`, which does without its store meanwhile');
    this.#invalidations = new Invalidations(store);
  }

  /** Never rejects. */
  async find(key: string): Promise<Found> {
    try {
      const stored = await this.#store.get(key);
      this.#failing.works('reading');
      if (stored === undefined) return { kind: 'none', reason: undefined };
      const entry = decodeEntry(stored);
      if (entry === undefined) return { kind: 'none', reason: 'damaged' };
      const now = this.#host.clock.now();
      if (now >= entry.head.staleUntil) return { kind: 'none', reason: 'expired' };
      if (await this.#invalidations.isOutOfDate(entry.head)) return { kind: 'none', reason: 'invalidated' };
      return { kind: now < entry.head.freshUntil ? 'fresh' : 'stale', entry };
    } catch (thrown) {
      this.#failing.failed('reading', thrown);
      return { kind: 'none', reason: 'the store cannot be asked' };
    }
  }

  /**
   * Keeps an answer in the background.
   *
   * @param make gives it, or `undefined` where it is none to keep
   * @param replaces whether it takes the place of one that is kept
   * @param kept told when it is there, for so many milliseconds
   */
  keep(
    key: string,
    make: () => Promise<Entry | undefined>,
    replaces: boolean,
    kept?: (ttlMs: number) => Promise<void>,
  ): void {
    this.inBackground(
      (async () => {
        const entry = await make();
        if (entry === undefined) return;
        if (!replaces && (await this.find(key)).kind !== 'none') return;
        const ttlMs = entry.head.staleUntil - this.#host.clock.now();
        if (ttlMs <= 0) return;
        await this.#store.set(key, encodeEntry(entry), ttlMs);
        this.#failing.works('writing');
        await kept?.(ttlMs);
      })(),
    );
  }

  /** Rejects where the store cannot be asked: whoever puts answers out of date has to know. */
  async invalidate({ key, ...groups }: Invalidation): Promise<void> {
    if (key === undefined) await this.#invalidations.mark(groups, this.#host.clock.now());
    else await this.#store.delete(key);
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
