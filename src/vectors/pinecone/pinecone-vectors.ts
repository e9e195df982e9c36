import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { parseOptions } from '../../core/parse-options.ts';
import { asCosine, unitOf } from '../../core/unit-vector.ts';
import type { Neighbour, Vector, VectorStore } from '../../core/vector-store.ts';
import { clockOption } from '../../state/clock-option.ts';
import { GroupSweeps } from '../group-sweeps.ts';

/** What is used of an index of `@pinecone-database/pinecone`, 7 to 9. */
export interface PineconeIndex {
  namespace(name: string): PineconeNamespace;
}

/** What is used of a namespace of such an index. */
export interface PineconeNamespace {
  upsert(options: {
    records: { id: string; values: number[]; metadata: Record<string, number> }[];
  }): Promise<void>;
  query(options: {
    vector: number[];
    topK: number;
    filter: object;
  }): Promise<{ matches: readonly { readonly id: string; readonly score?: number }[] }>;
  deleteOne(options: { id: string }): Promise<void>;
  deleteMany(options: { filter: object }): Promise<void>;
}

/** Options of {@link pineconeVectors}. */
export interface PineconeVectorsOptions {
  /**
   * An index of the lengths of your vectors whose metric is `cosine` or `dotproduct`. Each group is a namespace of it, so
   * give it to nothing else.
   */
  readonly index: PineconeIndex;
  /** What times go by: those of processes that share an index should agree. Default: the machine's. */
  readonly clock?: Clock;
}

/** Schema of {@link PineconeVectorsOptions}. */
const pineconeVectorsOptionsSchema = z.strictObject({
  index: z.custom<PineconeIndex>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      'namespace' in value &&
      typeof value.namespace === 'function',
    'must be an index of `@pinecone-database/pinecone`: `new Pinecone().index({ name })`',
  ),
  clock: clockOption,
});

/**
 * Vectors in Pinecone, which other processes share: a namespace for each group, which Pinecone allows so many of as your plan
 * says. What is put is found a moment later. What is over is left out by a filter, and deleted from a namespace by those who
 * put into it, each process once a minute: of a namespace that nobody puts into any more, what was in it stays until you
 * delete the namespace.
 *
 * Everything rejects with what Pinecone's client rejects with, such as vectors that the index is not made for.
 *
 * Tested on a double, and by types against `@pinecone-database/pinecone` 9.
 *
 * @example
 * ```ts
 * import { Pinecone } from '@pinecone-database/pinecone';
 * import { pineconeVectors } from 'managed-llm/vectors';
 *
 * const vectors = pineconeVectors({ index: new Pinecone().index({ name: 'questions' }) });
 * ```
 * @throws `invalid-options`
 */
export function pineconeVectors(options: PineconeVectorsOptions): VectorStore {
  const { index, clock = realClock } = parseOptions(pineconeVectorsOptionsSchema, options, 'pineconeVectors');
  return new PineconeVectors(index, clock);
}

class PineconeVectors implements VectorStore {
  readonly #index: PineconeIndex;
  readonly #clock: Clock;
  readonly #sweeps: GroupSweeps;

  constructor(index: PineconeIndex, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
    this.#sweeps = new GroupSweeps(clock);
  }

  async nearest(group: string, vector: Vector, count: number): Promise<readonly Neighbour[]> {
    const unit = unitOf(vector);
    if (unit === undefined || count < 1) return [];
    const { matches } = await this.#index.namespace(group).query({
      vector: [...unit],
      topK: count,
      filter: { untilMs: { $gt: this.#clock.now() } },
    });
    return matches.map(({ id, score = 0 }) => ({ id, similarity: asCosine(score) }));
  }

  async put(group: string, id: string, vector: Vector, ttlMs: number): Promise<void> {
    const unit = unitOf(vector);
    // One that points nowhere is refused by Pinecone, and must not leave in its place what was there.
    if (unit === undefined) return this.delete(group, id);
    const namespace = this.#index.namespace(group);
    const untilMs = Math.ceil(this.#clock.now() + ttlMs);
    await namespace.upsert({ records: [{ id, values: [...unit], metadata: { untilMs } }] });
    this.#sweeps.sweepWhenDue(group, async () => {
      await namespace.deleteMany({ filter: { untilMs: { $lte: this.#clock.now() } } });
      return false;
    });
  }

  async delete(group: string, id: string): Promise<void> {
    await this.#index.namespace(group).deleteOne({ id });
  }
}
