/** Bins of a quarter of an octave: 1 token, about 1.2, … up to about 260,000. */
const binsPerOctave = 4;
const bins = 18 * binsPerOctave;
/** How much of what was known a new answer leaves. */
const memory = 0.98;
/** Before anything was seen, answers are taken to be of these lengths, all together as likely as so many answers. */
const firstLengths = [30, 100, 300, 800];
const firstWeight = 2;

/** How long answers are, and how fast they come. */
export class OutputLearner {
  readonly #weights = new Float32Array(bins);
  #tokens = 0;
  #ms = 0;

  /** @param like what is known of models of the same maker */
  constructor(like?: OutputLearner) {
    if (like === undefined) {
      for (const length of firstLengths) this.#add(length, firstWeight / firstLengths.length);
      return;
    }
    const sum = like.#weights.reduce((total, each) => total + each, 0);
    for (const [bin, each] of like.#weights.entries()) this.#weights[bin] = (each / sum) * firstWeight;
  }

  /** Tokens of an answer, of which the request allows no more than `limit`. */
  expected(limit: number): number {
    let sum = 0;
    let weight = 0;
    for (const [bin, each] of this.#weights.entries()) {
      sum += each * Math.min(2 ** ((bin + 0.5) / binsPerOctave), limit);
      weight += each;
    }
    return Math.min(limit, Math.ceil(sum / weight));
  }

  learn(tokens: number): void {
    for (const [bin, each] of this.#weights.entries()) this.#weights[bin] = each * memory;
    this.#add(tokens, 1);
  }

  learnSpeed(tokens: number, ms: number): void {
    // What came at once says nothing of how fast it was made.
    if (tokens < leastTokens || ms < leastMs) return;
    this.#tokens = this.#tokens * speedMemory + tokens;
    this.#ms = this.#ms * speedMemory + ms;
  }

  /** Tokens a second; `undefined` before it was seen. */
  get tokensPerSecond(): number | undefined {
    return this.#ms === 0 ? undefined : (this.#tokens / this.#ms) * 1000;
  }

  #add(tokens: number, weight: number): void {
    const bin = Math.floor(Math.log2(Math.max(1, tokens)) * binsPerOctave);
    const at = Math.min(bin, bins - 1);
    this.#weights[at] = (this.#weights[at] ?? 0) + weight;
  }
}

const leastTokens = 20;
const leastMs = 100;
const speedMemory = 0.9;
