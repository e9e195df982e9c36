import assert from 'node:assert/strict';

import type { Neighbour, Vector, VectorStore } from '../../core/vector-store.ts';
import { seededRandom } from '../seeded-random.ts';
import type { OpenVectorStore, VectorStoreSubject } from './index.ts';

/** A title, and what has to be so. */
export type VectorCheck = readonly [title: string, run: (scene: VectorScene) => Promise<void>];

/** Longer than any test takes. */
export const longMs = 600_000;

/** How far what a store says may be from the cosine. */
const tolerance = 1e-3;

/** The store of one test, and vectors to put into it. */
export class VectorScene {
  readonly store: VectorStore;
  readonly dimensions: number;
  readonly #opened: OpenVectorStore;
  readonly #random: () => number;

  private constructor(opened: OpenVectorStore, { dimensions = 32, seed = 1 }: VectorStoreSubject) {
    this.#opened = opened;
    this.store = opened.store;
    this.dimensions = dimensions;
    this.#random = seededRandom(seed);
  }

  static async open(subject: VectorStoreSubject): Promise<VectorScene> {
    return new VectorScene(await subject.open(), subject);
  }

  /** Its numbers are from -1 to 1. */
  randomVector(dimensions = this.dimensions): number[] {
    return Array.from({ length: dimensions }, () => 2 * this.#random() - 1);
  }

  /** What begins with these numbers, and goes on with zeros. */
  vector(...first: readonly number[]): number[] {
    return Array.from({ length: this.dimensions }, (_, index) => first[index] ?? 0);
  }

  async put(group: string, id: string, vector: Vector): Promise<void> {
    await this.store.put(group, id, vector, longMs);
  }

  async ids(group: string, vector: Vector, count: number): Promise<readonly string[]> {
    return (await this.store.nearest(group, vector, count)).map(({ id }) => id);
  }

  async pass(ms: number): Promise<void> {
    assert.ok(this.#opened.pass, 'a store that is `timed` needs `pass`');
    await this.#opened.pass(ms);
  }

  async close(): Promise<void> {
    await this.#opened.close?.();
  }
}

/** Of the angle between two vectors that do not point nowhere. */
export function cosine(a: Vector, b: Vector): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

export function isNear(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `expected a similarity of ${expected}, got ${actual}`,
  );
  assert.ok(Math.abs(actual) <= 1, `a similarity is from -1 to 1, not ${actual}`);
}

/** Compares ids in their order, and how near each is. */
export function sameNeighbours(actual: readonly Neighbour[], expected: readonly Neighbour[]): void {
  assert.deepEqual(
    actual.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  for (const [index, { similarity }] of expected.entries()) isNear(actual[index]?.similarity, similarity);
}
