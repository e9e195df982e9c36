import type { Ask } from './admission.ts';
import { Flow } from './flow.ts';
import { amountOf, difference, type BucketLimit, type Cost } from './limits.ts';

/**
 * What this process has taken from one of the provider's buckets over time, and what came back, each at least and at
 * most: an input is estimated, and of an answer without an output limit it is not known when it is counted.
 */
export class Draw {
  readonly takenAtLeast = new Flow();
  readonly takenAtMost = new Flow();
  readonly returnedAtLeast = new Flow();
  readonly returnedAtMost = new Flow();
  /** Of attempts that have had no answer yet. */
  unanswered = 0;
  readonly #limit: BucketLimit;

  constructor(limit: BucketLimit) {
    this.#limit = limit;
  }

  begin(asked: Ask, now: number): void {
    const amount = amountOf(this.#limit, asked);
    this.unanswered += amount;
    this.takenAtMost.add(amount, now);
    this.takenAtLeast.add(asked.limitsOutput ? amount : amountOf(this.#limit, { ...asked, output: 0 }), now);
  }

  /** Nobody will ask about times before this. */
  forget(time: number): void {
    for (const flow of [this.takenAtLeast, this.takenAtMost, this.returnedAtLeast, this.returnedAtMost])
      flow.forget(time);
  }

  answered(asked: Cost): void {
    this.unanswered -= amountOf(this.#limit, asked);
  }

  end(asked: Ask, drawn: Cost, now: number): void {
    const more = difference(drawn, asked);
    this.returnedAtMost.add(Math.max(0, -amountOf(this.#limit, more)), now);
    // Only what an output limit held back surely comes back: the estimate of the input was never taken there.
    const output = asked.limitsOutput ? more.output : drawn.output;
    const ofOutput = amountOf(this.#limit, { ...nothingElse, output });
    const ofInput = amountOf(this.#limit, { ...more, requests: 0, output: 0 });
    this.takenAtMost.add(Math.max(0, ofOutput) + Math.max(0, ofInput), now);
    if (drawn.input > 0) this.returnedAtLeast.add(Math.max(0, -ofOutput), now);
  }
}

const nothingElse = { requests: 0, input: 0, cached: 0 };
