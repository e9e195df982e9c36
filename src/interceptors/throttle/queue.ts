import type { Clock, Timer } from '../../core/clock.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Admission, Ask } from './admission.ts';
import { Blocked, type Gatekeeper } from './gatekeeper.ts';
import type { Lane } from './lane.ts';
import type { Limiter } from './limiter.ts';

/** Why a call got no turn. */
export interface Turned {
  readonly because: 'queue-full' | 'waited' | 'would-wait';
  readonly blocked: Blocked | undefined;
}

/** One call that waits. */
export interface Waiter {
  readonly lane: Lane;
  readonly ask: Ask;
  /** Its place: the lower goes first. */
  readonly rank: number;
  /** Its class: 0 goes first, 2 last. */
  readonly priority: number;
  readonly expiresAt: number;
  /** Goes at once or not at all: it waits for the gatekeeper's answer, never for a limit. */
  readonly atOnce: boolean;
  readonly done: (result: Admission | Turned) => void;
  /** What others took that passed it. */
  passed: number;
  /** What it was last found to wait for. */
  blocked: Blocked | undefined;
  /** Until then it is not worth asking again, unless that limit has changed. */
  askAt: number;
  /** The limit's changes when it was asked last. */
  seen: number;
}

/** A class that waits has its turn after so many others at the latest. */
const othersAtMost = 9;

/** So many behind one that is too big for now are looked at for smaller ones. */
const lookPast = 8;

/**
 * Where the calls of one provider wait for their turn, whichever of its limits they wait for.
 *
 * - Order: by the time of their coming, with a head start for each class of priority: an interactive call goes before a
 *   normal one that came up to `headStartMs` earlier, and before a batch one that came up to twice as long earlier.
 * - Where more urgent calls alone would take all there is, a class that waits still has every tenth turn: nobody starves.
 * - A call that waits holds back only those behind it that need the same limit.
 * - Where tokens are what it waits for, smaller calls that fit may pass, until together they have taken as many as it asks
 *   for itself; then the bucket is saved up for it. So that costs it no more than the time in which these refill.
 * - One timer for all who wait.
 */
export class Queue {
  readonly #gate: Gatekeeper;
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  readonly #headStartMs: number;
  /** Lanes in which somebody waits. */
  readonly #lanes = new Set<Lane>();
  #size = 0;
  /** Those among them that go at once or not at all. */
  #atOnce = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #isScanning = false;
  #scanAgain = false;

  constructor(gate: Gatekeeper, clock: Clock, maxWaitMs: number) {
    this.#gate = gate;
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#headStartMs = maxWaitMs / 3;
  }

  /** Those who wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Waits for a turn, at most `maxWaitMs`. Rejects with the signal's reason when that aborts, and is out of the queue at
   * once then.
   *
   * @param priority 0 goes first, 2 last
   * @param atOnce it waits until the gatekeeper has answered, however long that takes, and not for a limit
   */
  wait(
    lane: Lane,
    ask: Ask,
    priority: number,
    signal: AbortSignal,
    atOnce = false,
  ): Promise<Admission | Turned> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const now = this.#clock.now();
      const set = lane.waiting[priority];
      if (set === undefined) throw new TypeError(`There is no class ${priority}.`);
      const abort = (): void => {
        if (!this.#remove(waiter)) return;
        reject(signal.reason);
        this.wake();
      };
      const waiter: Waiter = {
        lane,
        ask,
        rank: now + priority * this.#headStartMs,
        priority,
        expiresAt: this.#maxWaitMs === 0 ? Infinity : now + this.#maxWaitMs,
        atOnce,
        passed: 0,
        blocked: undefined,
        askAt: 0,
        seen: 0,
        done: (result) => {
          signal.removeEventListener('abort', abort);
          resolve(result);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      set.add(waiter);
      this.#lanes.add(lane);
      this.#size++;
      if (atOnce) this.#atOnce++;
      this.#wakeAt(waiter.expiresAt);
      this.wake();
    });
  }

  /**
   * What somebody waits for who goes before a newcomer to this lane. Those for whom the gatekeeper is still being asked
   * are not known to wait for anything.
   */
  ahead(lane: Lane): Blocked | undefined {
    for (const { blocked } of this.#heads())
      if (blocked !== undefined && lane.limiters.includes(blocked.limiter)) return blocked;
    return undefined;
  }

  /** Something was given back or learnt: whoever can go now goes. */
  wake(): void {
    if (this.#size === 0) return;
    if (this.#isScanning) {
      this.#scanAgain = true;
      return;
    }
    this.#isScanning = true;
    this.#go(this.#scan(), undefined);
  }

  /** Ends those who have waited too long. */
  #expire(): void {
    const now = this.#clock.now();
    for (const lane of this.#lanes) {
      const ahead = this.ahead(lane);
      for (const set of lane.waiting)
        for (const waiter of set) {
          if (waiter.expiresAt > now) break;
          this.#remove(waiter);
          waiter.done({ because: 'waited', blocked: waiter.blocked ?? ahead });
        }
    }
  }

  /** Turns those away who go at once or not at all, and could not. Whether there were any. */
  #turnAway(): boolean {
    let turned = false;
    for (const lane of this.#lanes) {
      const ahead = this.ahead(lane);
      for (const set of lane.waiting)
        for (const waiter of set) {
          const blocked = waiter.blocked ?? ahead;
          // Who came while the store was asked for others is asked for yet.
          if (!waiter.atOnce || blocked === undefined) continue;
          this.#remove(waiter);
          waiter.done({ because: 'would-wait', blocked });
          turned = true;
        }
    }
    return turned;
  }

  /** Runs a scan; where the gatekeeper promises, it goes on when that has answered. */
  #go(scan: Scan, answer: Admission | Blocked | undefined): void {
    let goesOn = false;
    try {
      let step = answer === undefined ? scan.next() : scan.next(answer);
      while (step.done !== true) {
        const asked = step.value;
        if (isPromise(asked)) {
          goesOn = true;
          void asked.then((value) => this.#go(scan, value));
          return;
        }
        step = scan.next(asked);
      }
    } finally {
      this.#isScanning = goesOn;
    }
  }

  *#scan(): Scan {
    do {
      this.#scanAgain = false;
      const soonest = yield* this.#pass();
      // They stood in the way of those behind them.
      if (this.#atOnce > 0 && this.#turnAway()) this.#scanAgain = true;
      if (this.#size > 0) this.#wakeAt(soonest);
    } while (this.#scanAgain && this.#size > 0);
  }

  /** Lets in whoever can go; returns when the next may. */
  *#pass(): Generator<Asked, number, Admission | Blocked> {
    for (;;) {
      /** For whom a limit is kept. */
      const kept = new Map<Limiter, Waiter>();
      let soonest = Infinity;
      let moved = false;
      for (const waiter of this.#candidates()) {
        const { lane, ask } = waiter;
        if (!lane.waiting.some((set) => set.has(waiter)) || !mayPass(waiter, kept)) continue;
        const entered = this.#stillBlocked(waiter) ?? (yield this.#gate.enter(lane, ask));
        if (entered instanceof Blocked) {
          this.#note(waiter, entered);
          soonest = Math.min(soonest, waiter.askAt);
          if (!kept.has(entered.limiter)) kept.set(entered.limiter, waiter);
          continue;
        }
        if (!this.#remove(waiter)) {
          // It has given up while the store was asked.
          entered.cancel();
          moved = true;
          break;
        }
        for (const limiter of lane.limiters) {
          const passed = kept.get(limiter);
          if (passed !== undefined) passed.passed += sizeOf(ask);
        }
        this.#overtake(waiter);
        waiter.done(entered);
        moved = true;
        break;
      }
      if (!moved) return soonest;
    }
  }

  /** What it waits for, where asking would bring the same answer. */
  #stillBlocked({ blocked, askAt, seen }: Waiter): Blocked | undefined {
    return blocked?.limiter.changes === seen && this.#clock.now() < askAt ? blocked : undefined;
  }

  #note(waiter: Waiter, blocked: Blocked): void {
    if (waiter.blocked === blocked) return;
    waiter.blocked = blocked;
    waiter.askAt = this.#clock.now() + blocked.waitMs;
    waiter.seen = blocked.limiter.changes;
  }

  /** The first of each class and lane in their order, each that waits for tokens followed by some from behind it. */
  *#candidates(): Generator<Waiter, void> {
    for (const head of this.#heads()) {
      yield head;
      if (head.blocked?.bySize !== true || this.#gate.asks) continue;
      const set = head.lane.waiting.find((one) => one.has(head));
      let left = lookPast;
      for (const waiter of set ?? []) {
        if (waiter === head) continue;
        if (left-- === 0) break;
        yield waiter;
      }
    }
  }

  #heads(): readonly Waiter[] {
    const heads: Waiter[] = [];
    for (const lane of this.#lanes)
      for (const set of lane.waiting)
        for (const first of set) {
          heads.push(first);
          break;
        }
    return heads.length < 2 ? heads : heads.toSorted((a, b) => turnOf(a) - turnOf(b) || a.rank - b.rank);
  }

  /** Counts a turn against all who wait for a limit that it was taken from. */
  #overtake({ lane, priority }: Waiter): void {
    for (const other of this.#lanes) {
      if (other !== lane && !other.limiters.some((limiter) => lane.limiters.includes(limiter))) continue;
      for (const [index, { size }] of other.waiting.entries())
        if (size > 0) other.overtaken[index] = (other.overtaken[index] ?? 0) + 1;
    }
    lane.overtaken[priority] = 0;
  }

  /** Whether it was still there. */
  #remove(waiter: Waiter): boolean {
    const { lane } = waiter;
    if (!lane.waiting.some((set) => set.delete(waiter))) return false;
    this.#size--;
    if (waiter.atOnce) this.#atOnce--;
    if (lane.waiting.every((set) => set.size === 0)) this.#lanes.delete(lane);
    if (this.#size === 0 && this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#timerAt = Infinity;
    }
    return true;
  }

  /** One timer: one that is set for earlier finds out by itself what is due then. */
  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = this.#clock.setTimeout(() => this.#due(), Math.max(0, at - this.#clock.now()), true);
  }

  #due(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    // Whose turn comes at the last moment still goes.
    this.wake();
    this.#expire();
    for (const { expiresAt } of this.#heads()) this.#wakeAt(expiresAt);
  }
}

type Asked = Admission | Blocked | Promise<Admission | Blocked>;
type Scan = Generator<Asked, void, Admission | Blocked>;

/** Those whose class has waited for too many others go before all else. */
function turnOf({ lane, priority }: Waiter): number {
  return (lane.overtaken[priority] ?? 0) >= othersAtMost ? 0 : 1;
}

/** Whether those for whom its limits are kept let it pass. */
function mayPass(waiter: Waiter, kept: ReadonlyMap<Limiter, Waiter>): boolean {
  for (const limiter of waiter.lane.limiters) {
    const ahead = kept.get(limiter);
    if (ahead === undefined) continue;
    if (ahead.blocked?.bySize !== true) return false;
    if (ahead.passed + sizeOf(waiter.ask) > sizeOf(ahead.ask)) return false;
  }
  return true;
}

function sizeOf({ input, output }: Ask): number {
  return input + output;
}
