import * as z from 'zod/mini';
import { parseOptions } from '../../core/parse-options.ts';
import type { VectorStore } from '../../core/vector-store.ts';
import {
  memoryVectorsOptionsShape,
  keptVectors,
  type MemoryVectorsOptions,
} from '../memory-vectors-options.ts';
import { MemoryIndex } from './memory-index.ts';
import { loadUsearch } from './usearch-graph.ts';

/** Schema of {@link MemoryVectorsOptions}. */
const memoryVectorsOptionsSchema = z.strictObject(memoryVectorsOptionsShape);

/**
 * Vectors in this process, gone with it. Every answer is there at once, and exact: all of a group are looked at, which takes
 * about 1 µs for each 1,000 numbers.
 *
 * Where a group has more than 2,000,000 numbers (5,208 vectors of 384, 1,302 of 1,536) and `usearch` is installed, an index
 * grows beside it, a little with each vector and each question, and answers once it is complete: in a fraction of the time,
 * and with the nearest in all but rare cases. It takes about as much room again as the vectors, which `bytes` does not count.
 *
 * @example
 * ```ts
 * import { memoryVectors } from 'managed-llm';
 *
 * const vectors = memoryVectors({ entries: 20_000 });
 * ```
 * @throws `invalid-options`
 */
export function memoryVectors(options: MemoryVectorsOptions = {}): VectorStore {
  const keeping = parseOptions(memoryVectorsOptionsSchema, options, 'memoryVectors');
  return keptVectors((dimensions) => new MemoryIndex(dimensions, loadUsearch), keeping);
}
