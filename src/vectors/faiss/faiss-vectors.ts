import * as z from 'zod/mini';
import { parseOptions } from '../../core/parse-options.ts';
import type { VectorStore } from '../../core/vector-store.ts';
import {
  memoryVectorsOptionsShape,
  keptVectors,
  type MemoryVectorsOptions,
} from '../memory-vectors-options.ts';
import { FaissGroup, type FaissIndex } from './faiss-index.ts';

/** Options of {@link faissVectors}. */
export interface FaissVectorsOptions extends MemoryVectorsOptions {
  /** Makes an empty index for vectors of that length: one for each group. */
  readonly create: (dimensions: number) => FaissIndex;
}

/** Schema of {@link FaissVectorsOptions}. */
const faissVectorsOptionsSchema = z.strictObject({
  ...memoryVectorsOptionsShape,
  create: z.custom<FaissVectorsOptions['create']>(
    (value) => typeof value === 'function',
    'must be a function that makes an index: `(dimensions) => new IndexFlatIP(dimensions)`',
  ),
});

/**
 * Vectors in this process, gone with it, in indexes of FAISS that you make: `IndexFlatIP` of `faiss-node` 0.5, or what has
 * the same methods. Ids, times and what makes room are kept beside them.
 *
 * Tested on a double in every run, since the package may have to build FAISS; and by hand on FAISS 1.7.3, as Debian's library
 * has it, with the binding of faiss-node 0.5.1 adapted to that.
 *
 * @example
 * ```ts
 * import { faissVectors } from 'managed-llm/vectors';
 * import faiss from 'faiss-node';
 *
 * const vectors = faissVectors({ create: (dimensions) => new faiss.IndexFlatIP(dimensions) });
 * ```
 * @throws `invalid-options`; so does the first `put` where indexes do not measure inner products
 */
export function faissVectors(options: FaissVectorsOptions): VectorStore {
  const { create, ...keeping } = parseOptions(faissVectorsOptionsSchema, options, 'faissVectors');
  return keptVectors((dimensions) => new FaissGroup(create(dimensions)), keeping);
}
