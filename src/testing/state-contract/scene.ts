import assert from 'node:assert/strict';

import type { Accounts } from '../../core/accounts.ts';
import type { CacheStore } from '../../core/cache-store.ts';
import type { Documents } from '../../core/documents.ts';
import type { ReceiptLog } from '../../core/receipt-log.ts';
import type { Ledger, SharedLimiter, State } from '../../core/state.ts';
import type { Tallies } from '../../core/tallies.ts';
import { seededRandom } from '../seeded-random.ts';
import type { StateStore, StateSubject } from './index.ts';

/** A title, and what has to be so. */
export type Check = readonly [title: string, run: (scene: Scene) => Promise<void>];

/** The stores of one test, and a clock for what passes in them. */
export class Scene {
  readonly random: () => number;
  readonly #subject: StateSubject;
  readonly #stores: StateStore[] = [];
  readonly #startedAt = performance.now();
  #passed = 0;

  constructor(subject: StateSubject) {
    this.#subject = subject;
    this.random = seededRandom(subject.seed ?? 1);
  }

  async store(): Promise<StateStore> {
    const store = await this.#subject.open();
    this.#stores.push(store);
    return store;
  }

  async ledger(): Promise<{ readonly ledger: Ledger; readonly store: StateStore }> {
    const store = await this.store();
    return { store, ledger: (await store.connect()).ledger };
  }

  async limiters(count: number, concurrency: number): Promise<readonly SharedLimiter[]> {
    const { states } = await this.#connect(count);
    return states.map(({ limiters }) => {
      assert.ok(limiters, 'the state has no limiters');
      return limiters.limiter('slots', { concurrency });
    });
  }

  /** Those of the first of so many connections to one store, and of all. */
  async accounts(count = 1): Promise<{
    readonly store: StateStore;
    readonly accounts: Accounts;
    readonly all: readonly [Accounts, ...Accounts[]];
  }> {
    const { store, all } = await this.#parts(count, ({ accounts }) => accounts, 'the state has no accounts');
    return { store, accounts: all[0], all };
  }

  /** Likewise. */
  async receipts(count = 1): Promise<readonly [ReceiptLog, ...ReceiptLog[]]> {
    return (await this.#parts(count, ({ receipts }) => receipts, 'the state has no receipts')).all;
  }

  /** Likewise. */
  async caches(count = 1): Promise<{
    readonly store: StateStore;
    readonly cache: CacheStore;
    readonly all: readonly [CacheStore, ...CacheStore[]];
  }> {
    const { store, all } = await this.#parts(count, ({ cache }) => cache, 'the state keeps no answers');
    return { store, cache: all[0], all };
  }

  /** Likewise. */
  async documents(count = 1): Promise<{
    readonly store: StateStore;
    readonly documents: Documents;
    readonly all: readonly [Documents, ...Documents[]];
  }> {
    const of = ({ documents }: State) => documents;
    const { store, all } = await this.#parts(count, of, 'the state keeps no documents');
    return { store, documents: all[0], all };
  }

  /** Likewise. */
  async tallies(count = 1): Promise<{
    readonly store: StateStore;
    readonly tallies: Tallies;
    readonly all: readonly [Tallies, ...Tallies[]];
  }> {
    const { store, all } = await this.#parts(count, ({ tallies }) => tallies, 'the state keeps no tallies');
    return { store, tallies: all[0], all };
  }

  async #parts<T>(
    count: number,
    of: (state: State) => T | undefined,
    missing: string,
  ): Promise<{ readonly store: StateStore; readonly all: readonly [T, ...T[]] }> {
    const { store, states } = await this.#connect(count);
    const [first, ...others] = states.map((state) => {
      const part = of(state);
      assert.ok(part, missing);
      return part;
    });
    assert.ok(first);
    return { store, all: [first, ...others] };
  }

  async #connect(count: number): Promise<{ readonly store: StateStore; readonly states: readonly State[] }> {
    const store = await this.store();
    return { store, states: await Promise.all(Array.from({ length: count }, () => store.connect())) };
  }

  async pass(store: StateStore, ms: number): Promise<void> {
    await store.pass(ms);
    this.#passed += ms;
  }

  /** Never behind the store's time, whether that is driven or runs by itself. */
  get latestMs(): number {
    return this.#passed + performance.now() - this.#startedAt;
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close?.();
  }
}
