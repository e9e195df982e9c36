import type { UnitVector } from '../../core/unit-vector.ts';
import type { Found, GroupIndex, Indexed } from '../group-index.ts';
import { NearestFound } from './nearest-found.ts';
import type { GraphMaker, UsearchGraph } from './usearch-graph.ts';
import { VectorBlock } from './vector-block.ts';

/**
 * From so many numbers on a graph takes a fraction of the time that looking at all of them takes, which then is about 2 ms:
 * 5,208 vectors of 384, or 1,302 of 1,536.
 */
const graphFrom = 2_000_000;
/** Of those that wait for it, so many come into the graph with each vector and each question: 0.3 to 1 ms each. */
const addedAtOnce = 2;
/** More than is asked for, as a graph is not exact. */
const lookedAtMore = 8;

/**
 * Vectors of one group in this process. All are looked at; where there are many, and `usearch` is there, a graph grows a
 * little with each thing done, and is used once it is complete. What it finds is measured exactly.
 */
export class MemoryIndex<T extends Indexed> implements GroupIndex<T> {
  readonly #block: VectorBlock<T>;
  readonly #dimensions: number;
  readonly #load: () => Promise<GraphMaker | undefined>;
  readonly #graphFrom: number;
  #graph: UsearchGraph<T> | undefined;
  /** Not in the graph yet. */
  #waiting: Set<T> | undefined;
  #loading = false;

  /** @param graphFromNumbers there, all vectors together */
  constructor(
    dimensions: number,
    load: () => Promise<GraphMaker | undefined>,
    graphFromNumbers: number = graphFrom,
  ) {
    this.#block = new VectorBlock(dimensions);
    this.#dimensions = dimensions;
    this.#load = load;
    this.#graphFrom = graphFromNumbers;
  }

  add(item: T, vector: UnitVector): void {
    this.#block.add(item, vector);
    if (this.#waiting !== undefined) {
      this.#waiting.add(item);
      this.#catchUp();
    } else if (!this.#loading && this.#block.size * this.#dimensions >= this.#graphFrom) {
      this.#loading = true;
      // Where usearch is there and does not work, all goes on without it.
      this.#begin().catch(() => {});
    }
  }

  remove(items: readonly T[]): void {
    this.#block.remove(items);
    for (const item of items) if (this.#waiting?.delete(item) !== true) this.#graph?.remove(item);
  }

  nearest(vector: UnitVector, count: number): readonly Found<T>[] {
    this.#catchUp();
    if (this.#graph === undefined || this.#waiting?.size !== 0) return this.#block.nearest(vector, count);
    const nearest = new NearestFound<T>(count);
    for (const item of this.#graph.near(vector, count + lookedAtMore))
      nearest.offer(item, this.#block.similarityOf(item, vector));
    return nearest.found;
  }

  /** Where `usearch` is not there it is not looked for again: it would have to be installed first. */
  async #begin(): Promise<void> {
    const make = await this.#load();
    if (make === undefined) return;
    this.#graph = make(this.#dimensions);
    this.#waiting = new Set(this.#block.items);
  }

  #catchUp(): void {
    for (const item of this.#waiting?.values().take(addedAtOnce) ?? []) {
      this.#graph?.add(item, this.#block.vectorOf(item));
      this.#waiting?.delete(item);
    }
  }
}
