import { renewEveryMs, type HeldSlots, type SlotStore } from '../leased-limiters.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

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

/** Slots in Redis. What is asked goes over one connection, so that renewals and ends come in the order they were asked. */
export class RedisSlots implements SlotStore {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async start(key: string, slot: string, concurrency: number, leaseMs: number): Promise<boolean> {
    const [granted] = await this.#scripts.run(startScript, [slotsOf(key)], [concurrency, leaseMs, slot]);
    return granted === '1';
  }

  async renew(held: readonly HeldSlots[], leaseMs: number): Promise<void> {
    await Promise.allSettled(
      held.map(({ key, slots }) => this.#scripts.run(renewScript, [slotsOf(key)], [leaseMs, ...slots])),
    );
  }

  async end(held: readonly HeldSlots[]): Promise<void> {
    await Promise.all(held.map(({ key, slots }) => this.#scripts.run(endScript, [slotsOf(key)], slots)));
  }
}

function slotsOf(key: string): string {
  return `slots:${key}`;
}
