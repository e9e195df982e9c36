import type { Host } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { Take, Taken } from '../../core/state.ts';
import { MemoryLedger } from '../../state/memory/memory-ledger.ts';
import { Admission, type Ask } from './admission.ts';
import { Blocked, type Gatekeeper } from './gatekeeper.ts';
import type { Lane } from './lane.ts';
import type { Meter } from './meter.ts';
import { boundsOf, leftWhenSent, learnFrom } from './learn.ts';
import type { Cost } from './limits.ts';
import { begin, blockedBy, end, MemoryGatekeeper } from './memory-gatekeeper.ts';

/** Another process may give back or end at any time, and nobody tells: whoever is blocked asks again after so long. */
const askAgainMs = { bucket: 1_000, slot: 100 };
/** After a failure the store is left alone for so long. */
const storeRestMs = 1_000;

type Slots = readonly (() => void)[];

/**
 * Lets attempts in by what all processes share: first the buckets, all together, then a slot of each limiter that counts
 * concurrency; without one the buckets get back what was taken. While the store cannot be asked, this process goes by
 * buckets and counts of its own at the same limits, which it keeps up to date meanwhile: no call is lost, and all
 * processes together may exceed the limits as often as there are processes. That is reported once, until the store
 * answers again.
 */
export class SharedGatekeeper implements Gatekeeper {
  readonly asks = true;
  readonly #host: Pick<Host, 'state' | 'clock' | 'report'>;
  readonly #own: MemoryGatekeeper;
  #askFrom = 0;
  #isReported = false;

  constructor(host: Pick<Host, 'state' | 'clock' | 'report'>) {
    this.#host = host;
    this.#own = new MemoryGatekeeper(new MemoryLedger(host.clock), host.clock);
  }

  enter(lane: Lane, ask: Ask): Admission | Blocked | Promise<Admission | Blocked> {
    if (this.#host.clock.now() < this.#askFrom) return this.#own.enter(lane, ask);
    return this.#ask(lane, ask);
  }

  async #ask(lane: Lane, ask: Ask): Promise<Admission | Blocked> {
    const { state, clock } = this.#host;
    const paused = this.#standing(lane);
    if (paused !== undefined) return paused;
    try {
      const takes = lane.takes(ask);
      const meters = lane.metersWithBucket;
      const taken = takes.length === 0 ? noneTaken : await state.ledger.take(takes);
      if (!taken.ok) {
        this.#answered();
        return blockedBy(lane, taken.index, Math.min(taken.waitMs, askAgainMs.bucket));
      }
      let slots: Slots | Blocked;
      try {
        slots = await this.#slots(lane);
      } catch (thrown) {
        this.#giveBack(takes);
        throw thrown;
      }
      this.#answered();
      if (slots instanceof Blocked) {
        this.#giveBack(takes);
        return slots;
      }
      // Its own buckets follow, so that they hold what is left for all of them when the store fails.
      const now = clock.now();
      this.#own.follow(takes);
      for (const [index, { bucket }] of takes.entries())
        this.#own.lower(bucket, taken.levels[index] ?? Infinity);
      begin(lane, ask, now);
      const all = slots;
      const endShared = all.length === 0 ? undefined : () => endAll(all);
      return new Admission(this, lane, ask, now, marksOf(meters, taken.marks), endShared);
    } catch (thrown) {
      this.#failed(thrown);
      return this.#own.enter(lane, ask);
    }
  }

  /** Pauses; and slots, where the state does not count them. */
  #standing(lane: Lane): Blocked | undefined {
    const blocked = this.#own.standing(lane, this.#host.clock.now());
    return blocked?.limit === 'concurrency' && this.#host.state.limiters !== undefined ? undefined : blocked;
  }

  async #slots(lane: Lane): Promise<Slots | Blocked> {
    const { limiters } = this.#host.state;
    const begun: (() => void)[] = [];
    if (limiters === undefined) return begun;
    try {
      for (const limiter of lane.limiters) {
        const { concurrency, key } = limiter;
        if (concurrency === Infinity) continue;
        const endOne = await limiters.limiter(key, { concurrency }).start(0);
        if (endOne === undefined) {
          endAll(begun);
          return new Blocked(limiter, 'concurrency', askAgainMs.slot);
        }
        begun.push(endOne);
      }
      return begun;
    } catch (thrown) {
      endAll(begun);
      throw thrown;
    }
  }

  force(lane: Lane, ask: Ask): Admission {
    const now = this.#host.clock.now();
    this.#adjust(lane.takes(ask));
    this.#own.book(lane, ask, now);
    return new Admission(this, lane, ask, now);
  }

  look(lane: Lane, ask: Ask): number | Blocked {
    return this.#own.look(lane, ask);
  }

  answered(admission: Admission, reply: Reply): void {
    const { clock, state } = this.#host;
    const { own } = admission.lane;
    const pausedUntil = own?.pausedUntil ?? 0;
    const now = clock.now();
    for (const lesson of learnFrom(admission, reply, now)) {
      const { bucket, meter } = lesson;
      const mark = admission.sharedMarks?.get(meter);
      const atMost =
        mark === undefined ? boundsOf(lesson, admission, now)[1] : leftWhenSent(lesson, admission, now);
      this.#send(() => state.ledger.learn(bucket, mark === undefined ? { atMost } : { atMost, mark }));
    }
    if (own === undefined || own.pausedUntil === pausedUntil) return;
    const shared = own.meters.find(({ bucket }) => bucket !== undefined)?.bucket;
    const pauseMs = own.pausedUntil - clock.now();
    if (shared !== undefined) this.#send(() => state.ledger.learn(shared, { pauseMs }));
  }

  ended(admission: Admission, drawn: Cost): void {
    const takes = end(admission, drawn, this.#host.clock.now());
    admission.endShared?.();
    this.#own.follow(takes);
    this.#adjust(takes);
  }

  #giveBack(takes: readonly Take[]): void {
    this.#adjust(takes.map(({ bucket, amount }) => ({ bucket, amount: -amount })));
  }

  #adjust(takes: readonly Take[]): void {
    if (takes.length > 0) this.#send(() => this.#host.state.ledger.adjust(takes));
  }

  /** Tells the store something that nobody waits for. While it rests there is nothing to tell: it begins anew, or full. */
  #send(tell: () => void | Promise<void>): void {
    if (this.#host.clock.now() < this.#askFrom) return;
    try {
      tell()?.catch((thrown: unknown) => this.#failed(thrown));
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #answered(): void {
    this.#isReported = false;
  }

  #failed(thrown: unknown): void {
    this.#askFrom = this.#host.clock.now() + storeRestMs;
    if (this.#isReported) return;
    this.#isReported = true;
    this.#host.report(
      thrown,
      `\`throttle\`, which keeps its limits in this process alone until the ${this.#host.state.name} state answers again`,
    );
  }
}

const noneTaken: Taken = { ok: true, levels: [] };

function marksOf(
  meters: readonly Meter[],
  marks: readonly number[] | undefined,
): ReadonlyMap<Meter, number> | undefined {
  return marks && new Map(meters.map((meter, index) => [meter, marks[index] ?? 0]));
}

function endAll(ends: Slots): void {
  for (const endOne of ends) endOne();
}
