import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from './fleet/limits.ts';
import { Member } from './fleet/member.ts';
import { Providers, type Counts } from './fleet/providers.ts';
import { RedisServer } from './fleet/redis-server.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

const processes = 4;
/** A lease, and once more what may pass before the others ask for it. */
const slotsBackWithinMs = 12_500;
const perSecond = {
  requests: limits.requests.requestsPerMinute / 60,
  tokens: limits.tokens.tokensPerMinute / 60,
};

/**
 * Processes that share their limits through a Redis of the proof's own, which is killed in the middle, as one of them is.
 * `REDIS_URL` is for tests: here `redis-server` has to be installed, else the proof fails.
 */
export const proof: Proof = {
  name: 'fleet',
  claim:
    'Four processes that share a Redis keep to what a provider allows them together, use it to the full, and lose no call ' +
    'when Redis or one of them is killed.',
  async run(context) {
    await using redis = await RedisServer.start();
    await using providers = await Providers.listen();
    const fleet = new Fleet(redis, providers, context);
    try {
      return await fleet.run();
    } finally {
      await fleet.crash();
    }
  },
};

class Fleet {
  readonly #redis: RedisServer;
  readonly #providers: Providers;
  readonly #context: ProofContext;
  readonly #members: Member[] = [];
  readonly #rows: ProofRow[] = [];
  readonly #failures: string[] = [];
  #passed = 0;
  #started = 0;
  #outages = 0;
  #refusedInOutages = 0;

  constructor(redis: RedisServer, providers: Providers, context: ProofContext) {
    this.#redis = redis;
    this.#providers = providers;
    this.#context = context;
  }

  async run(): Promise<ProofResult> {
    const { small } = this.#context;
    for (let index = 0; index < processes; index += 1) this.#start();
    await this.#drained();
    for (let round = 0; round < (small ? 1 : 3); round += 1) {
      await this.#crashOne();
      if (!small) await this.#steady('all is well', 15_000);
      await this.#outage(small ? 2_000 : 10_000);
      await this.#steady('after the outage', small ? 3_000 : 15_000);
    }
    const calls = await this.#stop();
    const { requests, tokens, refused } = this.#providers.count();
    this.#check(
      refused === this.#refusedInOutages,
      `429 outside of outages: ${refused - this.#refusedInOutages}`,
    );
    return {
      sample:
        `${processes} processes, ${calls.toLocaleString('en-US')} calls, ` +
        `${requests.toLocaleString('en-US')} requests where these are limited and ${tokens.toLocaleString('en-US')} tokens ` +
        `where those are; ${this.#outages} outages, ${this.#started - processes} crashes`,
      rows: this.#rows,
      passed: this.#passed,
      failures: this.#failures,
      notes: [
        'used: what was let through in the time, of what comes back in it; the minute’s worth of full buckets is gone by then',
        'while Redis is away every process keeps to the limits by itself, so all together may ask four times as often, and be ' +
          'under way four times as often; the provider says so with a 429, which is asked again as the SDK would, at most twice',
      ],
    };
  }

  async crash(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.crash()));
  }

  #start(): void {
    const { urls } = this.#providers;
    this.#started += 1;
    const seed = this.#context.seed + this.#started;
    this.#members.push(new Member({ redisUrl: this.#redis.url, urls, seed }));
  }

  /** Until what full buckets hold is used up, so that no more can be had in a second than comes back in it. */
  async #drained(): Promise<void> {
    this.#context.log('using up what full buckets hold');
    const first = this.#providers.count();
    let before = first;
    for (;;) {
      await sleep(1_000);
      const now = this.#providers.count();
      const seconds = (now.atMs - before.atMs) / 1_000;
      const requests = (now.requests - before.requests) / (perSecond.requests * seconds);
      const tokens = (now.tokens - before.tokens) / (perSecond.tokens * seconds);
      const hasBegun =
        now.requests > limits.requests.requestsPerMinute / 2 &&
        now.tokens > limits.tokens.tokensPerMinute / 2;
      if (hasBegun && requests < 1.5 && tokens < 1.5) break;
      if (now.atMs - first.atMs > 60_000) throw new Error(`Used after a minute: ${JSON.stringify(now)}.`);
      before = now;
    }
    this.#row('full buckets used up', first, 'a minute’s worth, and what came back meanwhile');
  }

  /** One process is killed and another one started in its place. */
  async #crashOne(): Promise<void> {
    this.#context.log('one process crashes');
    const before = this.#providers.count();
    this.#providers.mostOpen = 0;
    const [member] = this.#members.splice(0, 1);
    await member?.crash();
    const crashedAt = performance.now();
    // Its requests end with it, as soon as the provider notices; what is missing then is what it had.
    await sleep(50);
    const held = limits.slots.concurrency - this.#providers.open;
    this.#start();
    let backAfterMs = 0;
    while (backAfterMs === 0 && performance.now() - crashedAt < slotsBackWithinMs) {
      await sleep(20);
      if (this.#providers.open === limits.slots.concurrency)
        backAfterMs = Math.round(performance.now() - crashedAt);
    }
    // Long enough to see what is used, if it had none.
    await sleep(Math.max(500, 5_000 - backAfterMs));
    this.#check(backAfterMs > 0, `its ${held} slots were not back in use after ${slotsBackWithinMs} ms`);
    this.#judge('one of them crashes', before, `${held} slots back in use after ${backAfterMs} ms`);
  }

  async #steady(name: string, ms: number): Promise<void> {
    this.#context.log(name);
    const before = this.#providers.count();
    this.#providers.mostOpen = 0;
    await sleep(ms);
    this.#judge(name, before, '');
  }

  async #outage(ms: number): Promise<void> {
    this.#context.log('Redis is killed');
    this.#outages += 1;
    const before = this.#providers.count();
    await this.#redis.kill();
    await sleep(ms);
    const during = this.#providers.count();
    this.#check(during.requests > before.requests, 'no call went on while Redis was away');
    await this.#redis.restart();
    // Until every process has noticed, and what it sent by its own limits is answered.
    await sleep(3_000);
    this.#refusedInOutages += this.#providers.count().refused - before.refused;
    this.#row('Redis is away, then empty', before);
  }

  /** Under demand for more: nothing is refused, and nearly everything is used. */
  #judge(name: string, before: Counts, more: string): void {
    const { requests, tokens } = this.#row(name, before, more);
    const { refused } = this.#providers.count();
    this.#check(refused === before.refused, `${name}: ${refused - before.refused} × 429`);
    this.#check(requests >= 0.9, `${name}: only ${percent(requests)} of the requests used`);
    this.#check(tokens >= 0.9, `${name}: only ${percent(tokens)} of the tokens used`);
    const { mostOpen } = this.#providers;
    this.#check(mostOpen <= limits.slots.concurrency, `${name}: ${mostOpen} at once where 8 are allowed`);
  }

  #row(part: string, before: Counts, more = ''): { readonly requests: number; readonly tokens: number } {
    const now = this.#providers.count();
    const seconds = (now.atMs - before.atMs) / 1_000;
    const requests = (now.requests - before.requests) / (perSecond.requests * seconds);
    const tokens = (now.tokens - before.tokens) / (perSecond.tokens * seconds);
    this.#rows.push({
      part,
      seconds: seconds.toFixed(1),
      'requests used': percent(requests),
      'tokens used': percent(tokens),
      'status 429': now.refused - before.refused,
      'at once, of 8': this.#providers.mostOpen,
      found: more,
    });
    return { requests, tokens };
  }

  /** Everyone finishes what was begun. Returns how many calls that were. */
  async #stop(): Promise<number> {
    this.#context.log('everyone finishes');
    const ended = await Promise.all(this.#members.map((member) => member.stop()));
    let calls = 0;
    for (const { tally, exitCode } of ended) {
      const { started, answered, refused, lost, reports } = tally;
      const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
      calls += started;
      this.#check(exitCode === 0, `a process ended with ${exitCode}`);
      this.#check(Object.keys(lost).length === 0, `calls that failed otherwise: ${JSON.stringify(lost)}`);
      this.#check(
        started === answered + refusals,
        `${started - answered - refusals} calls were neither answered nor refused`,
      );
      this.#check(
        reports.length >= 1 &&
          reports.length <= this.#outages &&
          reports.every((code) => code === 'state-unreachable'),
        `${this.#outages} outages were reported as ${reports.join(', ')}`,
      );
      this.#rows.push({
        part: 'a process, at its end',
        found:
          `${started} calls: ${answered} answered, ${refusals} refused ${JSON.stringify(refused)}, ` +
          `${Object.keys(lost).length} lost; ${reports.length} reports`,
      });
    }
    return calls;
  }

  #check(holds: boolean, otherwise: string): void {
    if (holds) this.#passed += 1;
    else this.#failures.push(otherwise);
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
