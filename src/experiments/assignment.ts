import { hashOf, spread } from '../core/hash.ts';

/** Something that subjects are divided among, and how much of them it gets. */
export interface Share {
  readonly name: string;
  /** At least 0; what counts is how the weights compare. */
  readonly weight: number;
}

/**
 * Divides subjects among arms without keeping anything: every process that is given the same shares and the same seed comes
 * to the same arm.
 *
 * Each arm draws by the subject how long it takes, and a subject goes to the fastest; twice the weight takes half as long
 * (rendezvous hashing with weights). So a change of one weight, an arm that comes and an arm that goes move only the subjects
 * whose share that is, as does any change between two arms. Where several weights change at once, no way to assign that keeps
 * nothing can move the least for all of them (Angel and Spinka, "Pairwise optimal coupling of multiple random variables"):
 * of a share d that has to move, at most 2d / (1 + d) does, which is the best that can be promised.
 */
export class Assignment {
  readonly #arms: readonly { readonly name: string; readonly weight: number; readonly seed: number }[];

  /** @param seed what tells these assignments from others: with another one, subjects are divided anew */
  constructor(shares: readonly Share[], seed: string) {
    this.#arms = shares.map(({ name, weight }) => ({
      name,
      weight,
      seed: hashOf(JSON.stringify([seed, name])),
    }));
  }

  /** The arm of a subject; `undefined` where all weights are 0. */
  armOf(subject: string): string | undefined {
    const key = hashOf(subject);
    let fastest: string | undefined;
    let shortest = Infinity;
    for (const { name, weight, seed } of this.#arms) {
      const time = -Math.log(spread(key, seed)) / weight;
      if (time >= shortest) continue;
      shortest = time;
      fastest = name;
    }
    return fastest;
  }
}
