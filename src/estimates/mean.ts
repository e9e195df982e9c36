/** How much of what was known a new value leaves, at most. */
const memory = 0.95;
/** No value counts as more than so many times what was expected. */
const outlier = 5;

/** A mean that forgets. It starts from a guess that counts like some values. */
export class Mean {
  #value: number;
  #count: number;

  constructor(guess: number, countsAs: number) {
    this.#value = guess;
    this.#count = countsAs;
  }

  get value(): number {
    return this.#value;
  }

  add(value: number): void {
    this.#count++;
    const weight = Math.max(1 / this.#count, 1 - memory);
    const most = Math.max(1, this.#value) * outlier;
    this.#value += weight * (Math.min(value, most) - this.#value);
  }
}
