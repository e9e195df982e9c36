import type { Found } from '../group-index.ts';

/** The nearest of what is offered, at most so many, the nearest first. */
export class NearestFound<T> {
  readonly found: Found<T>[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  offer(item: T, similarity: number): void {
    const { found } = this;
    if (found.length === this.#count) {
      const farthest = found.at(-1);
      if (farthest === undefined || farthest.similarity >= similarity) return;
      found.pop();
    }
    let place = found.length;
    while (place > 0 && (found[place - 1]?.similarity ?? Infinity) < similarity) place -= 1;
    found.splice(place, 0, { item, similarity });
  }
}
