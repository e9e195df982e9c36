import type { Admission, AdmissionKeeper, Ask } from './admission.ts';
import type { Lane } from './lane.ts';
import type { Limiter } from './limiter.ts';
import type { LimitName } from './limits.ts';

/** Why an attempt cannot begin now. */
export class Blocked {
  readonly limiter: Limiter;
  /** `pause`: the provider has asked to be left alone for a while. */
  readonly limit: LimitName | 'pause';
  /** Until it may begin, if nobody else takes from the limit and nothing is given back. `Infinity`: not before another ends. */
  readonly waitMs: number;

  constructor(limiter: Limiter, limit: LimitName | 'pause', waitMs: number) {
    this.limiter = limiter;
    this.limit = limit;
    this.waitMs = waitMs;
  }

  /** Smaller attempts may pass. */
  get bySize(): boolean {
    return this.limit.includes('okens');
  }
}

/** Lets attempts in, as far as all limits of their lanes allow. Never rejects. */
export interface Gatekeeper extends AdmissionKeeper {
  /** Whether it has to ask another process: then only those whose turn it is ask. */
  readonly asks: boolean;
  enter(lane: Lane, ask: Ask): Admission | Blocked | Promise<Admission | Blocked>;
  /** Lets it in whatever the limits say, and counts it. */
  force(lane: Lane, ask: Ask): Admission;
  /** Whether it could begin now, as far as this process knows: the share of the tightest limit that is free, 0 to 1. */
  look(lane: Lane, ask: Ask): number | Blocked;
}
