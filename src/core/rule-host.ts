import type { Clock } from './clock.ts';
import type { Pricing } from './pricing.ts';
import type { RouteHost } from './route.ts';

/** What the rules of one `ManagedLLM` get. */
export class RuleHost implements RouteHost {
  readonly clock: Clock;
  readonly pricing: Pricing;
  readonly #random: () => number;
  #quiet = false;

  constructor(clock: Clock, pricing: Pricing, random: () => number) {
    this.clock = clock;
    this.pricing = pricing;
    this.#random = random;
  }

  random(): number {
    return this.#quiet ? 0.5 : this.#random();
  }

  /** Asks rules without drawing a number, so that looking changes nothing for the calls that follow. */
  quietly<T>(look: () => T): T {
    this.#quiet = true;
    try {
      return look();
    } finally {
      this.#quiet = false;
    }
  }
}
