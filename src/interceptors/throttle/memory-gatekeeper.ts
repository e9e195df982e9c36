import type { Clock } from '../../core/clock.ts';
import type { Reply } from '../../core/reply.ts';
import type { MemoryLedger } from '../../state/memory/memory-ledger.ts';
import type { Bucket, Take } from '../../core/state.ts';
import { Admission, type Ask } from './admission.ts';
import { Blocked, type Gatekeeper } from './gatekeeper.ts';
import type { Lane } from './lane.ts';
import { boundsOf, learnFrom, type Bounds, type Lesson } from './learn.ts';
import { difference, type Cost } from './limits.ts';
import { inTransitMs } from './meter.ts';

/** Levels are fractions. */
const margin = 1e-9;

/** Lets attempts in by the buckets and counts of this process. Answers at once. */
export class MemoryGatekeeper implements Gatekeeper {
  readonly asks = false;
  readonly #ledger: MemoryLedger;
  readonly #clock: Clock;

  constructor(ledger: MemoryLedger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  enter(lane: Lane, ask: Ask): Admission | Blocked {
    const now = this.#clock.now();
    const blocked = this.standing(lane, now);
    if (blocked !== undefined) return blocked;
    const takes = lane.takes(ask);
    const taken = this.#ledger.take(takes);
    if (!taken.ok) return blockedBy(lane, taken.index, taken.waitMs);
    begin(lane, ask, now);
    return new Admission(this, lane, ask, now);
  }

  force(lane: Lane, ask: Ask): Admission {
    const now = this.#clock.now();
    this.book(lane, ask, now);
    return new Admission(this, lane, ask, now);
  }

  /** Counts an attempt that was let in elsewhere or anyhow. */
  book(lane: Lane, ask: Ask, now: number): void {
    const takes = lane.takes(ask);
    this.#ledger.adjust(takes);
    begin(lane, ask, now);
  }

  look(lane: Lane, ask: Ask): number | Blocked {
    const now = this.#clock.now();
    const blocked = this.standing(lane, now);
    if (blocked !== undefined) return blocked;
    let headroom = 1;
    for (const { concurrency, running } of lane.limiters)
      headroom = Math.min(headroom, 1 - running / concurrency);
    for (const meter of lane.meters) {
      const { bucket } = meter;
      if (bucket === undefined) continue;
      const { capacity, refillPerMs } = bucket;
      const level = this.#ledger.level(bucket);
      const missing = Math.min(meter.amount(ask), capacity) - level;
      if (missing > margin) return new Blocked(meter.limiter, meter.limit, Math.ceil(missing / refillPerMs));
      headroom = Math.min(headroom, level / capacity);
    }
    return Math.max(0, headroom);
  }

  /** Pauses, and slots that are all in use. */
  standing(lane: Lane, now: number): Blocked | undefined {
    for (const limiter of lane.limiters) {
      if (limiter.pausedUntil > now) return new Blocked(limiter, 'pause', limiter.pausedUntil - now);
      if (limiter.running >= limiter.concurrency) return new Blocked(limiter, 'concurrency', Infinity);
    }
    return undefined;
  }

  answered(admission: Admission, reply: Reply): void {
    const now = this.#clock.now();
    const lessons = learnFrom(admission, reply, now);
    for (const lesson of lessons) this.#keepWithin(lesson, admission, boundsOf(lesson, admission, now));
  }

  #keepWithin({ meter, bucket, isNews }: Lesson, admission: Admission, [atLeast, atMost]: Bounds): void {
    const level = this.#ledger.level(bucket);
    const goesByLeast = isNews && atLeast > -Infinity;
    const highest = goesByLeast ? atLeast : atMost;
    if (level > highest) this.lower(bucket, highest);
    else if (meter.isProviders && level < atLeast) this.#ledger.adjust([{ bucket, amount: level - atLeast }]);
    else return;
    admission.say(meter);
    meter.saidUntil = admission.sentAt + (level > highest && !goesByLeast ? inTransitMs : -inTransitMs);
  }

  lower(bucket: Bucket, atMost: number): void {
    this.#ledger.learn(bucket, { atMost });
  }

  /** Books what was taken or given back elsewhere. */
  follow(takes: readonly Take[]): void {
    this.#ledger.adjust(takes);
  }

  ended(admission: Admission, drawn: Cost): void {
    this.#ledger.adjust(end(admission, drawn, this.#clock.now()));
  }
}

/** The limit at this place among those that an attempt takes from. */
export function blockedBy(lane: Lane, index: number, waitMs: number): Blocked {
  const meter = lane.metersWithBucket[index];
  if (meter === undefined) throw new TypeError('A ledger named a bucket that was not asked for.');
  return new Blocked(meter.limiter, meter.limit, waitMs);
}

/** Counts an attempt that was let in. */
export function begin(lane: Lane, ask: Ask, now: number): void {
  // Only answers to what is under way tell of the past.
  if (lane.own?.running === 0) for (const { draw } of lane.own.meters) draw?.forget(now - 2 * inTransitMs);
  lane.running++;
  for (const limiter of lane.limiters) {
    limiter.running++;
    if (!ask.limitsOutput) limiter.expectedOutput += ask.output;
  }
  for (const { draw } of lane.meters) draw?.begin(ask, now);
}

/** Counts the end of an attempt; returns what is still to be booked. */
export function end(admission: Admission, drawn: Cost, now: number): readonly Take[] {
  const { lane, ask } = admission;
  lane.running--;
  for (const limiter of lane.limiters) {
    limiter.running--;
    limiter.changes++;
    if (!ask.limitsOutput) limiter.expectedOutput -= ask.output;
  }
  const correction = difference(drawn, ask);
  // Where the level goes by what the provider said, the input counts there as what it is: if it came back, as that, and
  // else there is nothing to put right.
  const input =
    drawn.input > 0 || ask.size === undefined
      ? 0
      : Math.max(correction.input, -lane.tokens.leastInput(ask.size));
  const saidCorrection = { ...correction, input, cached: 0 };
  const takes: Take[] = [];
  for (const meter of lane.meters) {
    meter.draw?.end(ask, drawn, now);
    const amount = meter.amount(admission.isSaid(meter) ? saidCorrection : correction);
    if (amount !== 0 && meter.bucket !== undefined) takes.push({ bucket: meter.bucket, amount });
  }
  return takes;
}
