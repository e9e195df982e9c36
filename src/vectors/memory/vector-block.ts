import type { UnitVector } from '../../core/unit-vector.ts';
import type { Found, GroupIndex, Indexed } from '../group-index.ts';
import { NearestFound } from './nearest-found.ts';

/** Vectors of one length, one behind the other, of which each is looked at. */
export class VectorBlock<T extends Indexed> implements GroupIndex<T> {
  readonly #dimensions: number;
  readonly #items: T[] = [];
  #components = new Float32Array(0);

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get size(): number {
    return this.#items.length;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** Of one that is in it. Good until the next change. */
  vectorOf(item: T): UnitVector {
    return this.#at(item.place);
  }

  similarityOf(item: T, vector: UnitVector): number {
    return dot(this.#components, item.place * this.#dimensions, vector);
  }

  add(item: T, vector: UnitVector): void {
    const place = this.size;
    if ((place + 1) * this.#dimensions > this.#components.length)
      // Most groups are small, so that room is made for few at a time.
      this.#resize(place + 1 + (place >> 2));
    this.#components.set(vector, place * this.#dimensions);
    this.#items.push(item);
    item.place = place;
  }

  remove(items: readonly T[]): void {
    for (const item of items) this.#removeOne(item);
    if (2 * this.size * this.#dimensions < this.#components.length) this.#resize(this.size);
  }

  nearest(vector: UnitVector, count: number): readonly Found<T>[] {
    const nearest = new NearestFound<T>(count);
    const components = this.#components;
    let start = 0;
    for (const item of this.#items) {
      nearest.offer(item, dot(components, start, vector));
      start += this.#dimensions;
    }
    return nearest.found;
  }

  /** The last one takes its place. */
  #removeOne({ place }: T): void {
    const last = this.#items.pop();
    if (last === undefined || last.place === place) return;
    this.#components.set(this.#at(last.place), place * this.#dimensions);
    this.#items[place] = last;
    last.place = place;
  }

  #at(place: number): UnitVector {
    return this.#components.subarray(place * this.#dimensions, (place + 1) * this.#dimensions);
  }

  #resize(capacity: number): void {
    const components = new Float32Array(capacity * this.#dimensions);
    components.set(this.#components.subarray(0, this.size * this.#dimensions));
    this.#components = components;
  }
}

/** Of a vector, and what begins at `start` and is as long. Four sums at once, which do not wait for each other. */
function dot(components: Float32Array, start: number, vector: UnitVector): number {
  const { length } = vector;
  const whole = length - (length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index < whole; index += 4) {
    const at = start + index;
    a += (components[at] ?? 0) * (vector[index] ?? 0);
    b += (components[at + 1] ?? 0) * (vector[index + 1] ?? 0);
    c += (components[at + 2] ?? 0) * (vector[index + 2] ?? 0);
    d += (components[at + 3] ?? 0) * (vector[index + 3] ?? 0);
  }
  for (let index = whole; index < length; index += 1)
    a += (components[start + index] ?? 0) * (vector[index] ?? 0);
  return a + b + c + d;
}
