import { invalidOption } from '../../core/parse-options.ts';
import type { UnitVector } from '../../core/unit-vector.ts';
import type { Found, GroupIndex, Indexed } from '../group-index.ts';

/** What is used of an index of FAISS that keeps whole vectors and measures inner products: `IndexFlatIP` of `faiss-node`. */
export interface FaissIndex {
  ntotal(): number;
  /** The vector is labelled with how many there were before. */
  add(vector: number[]): void;
  /** The nearest first; `-1` is the label of none. Throws where `count` is more than there are. */
  search(vector: number[], count: number): { readonly distances: number[]; readonly labels: number[] };
  /** Labels behind those that are removed move up. */
  removeIds(labels: number[]): number;
}

/** Vectors of one group in an index of FAISS, which knows them by where they stand in it. */
export class FaissGroup<T extends Indexed> implements GroupIndex<T> {
  readonly #index: FaissIndex;
  /** By their labels. */
  #items: T[] = [];

  constructor(index: FaissIndex) {
    this.#index = index;
  }

  add(item: T, vector: UnitVector): void {
    const components = [...vector];
    this.#index.add(components);
    item.place = this.#items.push(item) - 1;
    if (this.#items.length > 1) return;
    const [product = 0] = this.#index.search(components, 1).distances;
    if (Math.abs(product - 1) > 0.01)
      throw invalidOption(
        'faissVectors.create',
        'made an index that does not measure inner products: make `new IndexFlatIP(dimensions)`',
      );
  }

  remove(items: readonly T[]): void {
    if (items.length === 0) return;
    this.#index.removeIds(items.map(({ place }) => place));
    const removed = new Set(items);
    this.#items = this.#items.filter((item) => !removed.has(item));
    for (const [label, item] of this.#items.entries()) item.place = label;
  }

  nearest(vector: UnitVector, count: number): readonly Found<T>[] {
    const most = Math.min(count, this.#items.length);
    if (most === 0) return [];
    const { labels, distances } = this.#index.search([...vector], most);
    return labels.flatMap((label, place) => {
      const item = this.#items[label];
      return item === undefined ? [] : { item, similarity: distances[place] ?? 0 };
    });
  }
}
