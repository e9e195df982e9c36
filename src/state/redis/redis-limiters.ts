import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Limiters, SharedLimiter, SharedLimits } from '../../core/state.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

/** How long a slot is kept for a process that says nothing more: so long after a crash it is free again. */
const leaseMs = 10_000;
/** Every process says so often which slots it holds. */
const renewEveryMs = 2_500;
/** How often a start that waits asks again, unless a slot of its own process is freed first. */
const askEveryMs = 50;

/**
 * Slots are a sorted set of leases by when they end. Arguments: limit, lease, name of the slot. After the store was
 * emptied nothing starts until every process has had the time to say what it holds.
 */
const startScript = script(
  'limiter.start',
  `redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', exact(now))
-- None ends so late, unless the server's clock was set back.
redis.call('ZREMRANGEBYSCORE', KEYS[2], '(' .. exact(now + ARGV[3]), '+inf')
if emptiedAt > 0 and now < emptiedAt + ${renewEveryMs} then return { epoch, '0' } end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then return { epoch, '0' } end
redis.call('ZADD', KEYS[2], exact(now + ARGV[3]), ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return { epoch, '1' }`,
);

/** Also brings back what the store has lost. Arguments: lease, names of slots. */
const renewScript = script(
  'limiter.renew',
  `for i = 3, #ARGV do redis.call('ZADD', KEYS[2], exact(now + ARGV[2]), ARGV[i]) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return { epoch }`,
);

/** Arguments: names of slots. */
const endScript = script(
  'limiter.end',
  `for i = 2, #ARGV do redis.call('ZREM', KEYS[2], ARGV[i]) end
return { epoch }`,
);

/** What this process has of one key. Kept for as long as it holds a slot or waits for one. */
interface Share {
  readonly held: Set<string>;
  /** Those who wait, in the order they came. */
  readonly waiting: Set<() => void>;
}

/** Concurrency over all processes. A slot is leased, and the lease renewed until it is given back. */
export class RedisLimiters implements Limiters {
  readonly #scripts: RedisScripts;
  readonly #clock: Clock;
  readonly #shares = new Map<string, Share>();
  readonly #process = randomUUID();
  #count = 0;
  #renewal: Timer | undefined;

  constructor(scripts: RedisScripts, clock: Clock) {
    this.#scripts = scripts;
    this.#clock = clock;
  }

  limiter(key: string, { concurrency }: SharedLimits): SharedLimiter {
    return { start: (maxWaitMs) => this.#start(key, concurrency, maxWaitMs) };
  }

  /** Gives back all it holds; what cannot be told to the store ends with its lease. */
  async dispose(): Promise<void> {
    if (this.#renewal !== undefined) this.#clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
    const held = [...this.#shares].filter(([, share]) => share.held.size > 0);
    this.#shares.clear();
    await Promise.allSettled(
      held.map(([key, share]) => this.#scripts.run(endScript, [slotsOf(key)], [...share.held])),
    );
  }

  async #start(key: string, concurrency: number, maxWaitMs: number): Promise<(() => void) | undefined> {
    const until = this.#clock.now() + maxWaitMs;
    const slot = `${this.#process}:${++this.#count}`;
    for (;;) {
      const [granted] = await this.#scripts.run(startScript, [slotsOf(key)], [concurrency, leaseMs, slot]);
      if (granted === '1') return this.#hold(key, slot);
      const leftMs = until - this.#clock.now();
      if (leftMs <= 0) return undefined;
      await this.#freedWithin(key, Math.min(leftMs, askEveryMs));
    }
  }

  #hold(key: string, slot: string): () => void {
    this.#share(key).held.add(slot);
    this.#renewal ??= this.#renewLater();
    return () => {
      const share = this.#shares.get(key);
      if (share?.held.delete(slot) !== true) return;
      // Left to itself, the slot ends with its lease.
      this.#scripts.run(endScript, [slotsOf(key)], [slot]).catch(() => {});
      const [next] = share.waiting;
      next?.();
      this.#forget(key, share);
    };
  }

  /** Ends early when a slot of this process is given back: what is asked after that goes after it, on one connection. */
  #freedWithin(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const share = this.#share(key);
      const done = (): void => {
        this.#clock.clearTimeout(timer);
        share.waiting.delete(done);
        this.#forget(key, share);
        resolve();
      };
      const timer = this.#clock.setTimeout(done, ms, true);
      share.waiting.add(done);
    });
  }

  #renewLater(): Timer {
    return this.#clock.setTimeout(() => {
      this.#renewal = undefined;
      for (const [key, { held }] of this.#shares) {
        if (held.size === 0) continue;
        this.#renewal ??= this.#renewLater();
        // What fails now is tried again the next time.
        this.#scripts.run(renewScript, [slotsOf(key)], [leaseMs, ...held]).catch(() => {});
      }
    }, renewEveryMs);
  }

  #share(key: string): Share {
    let share = this.#shares.get(key);
    if (share === undefined) {
      share = { held: new Set(), waiting: new Set() };
      this.#shares.set(key, share);
    }
    return share;
  }

  #forget(key: string, { held, waiting }: Share): void {
    if (held.size === 0 && waiting.size === 0) this.#shares.delete(key);
  }
}

function slotsOf(key: string): string {
  return `slots:${key}`;
}
