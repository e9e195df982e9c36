export type { FaissIndex } from './vectors/faiss/faiss-index.ts';
export { faissVectors, type FaissVectorsOptions } from './vectors/faiss/faiss-vectors.ts';
export type { MemoryVectorsOptions } from './vectors/memory-vectors-options.ts';
export {
  pineconeVectors,
  type PineconeIndex,
  type PineconeNamespace,
  type PineconeVectorsOptions,
} from './vectors/pinecone/pinecone-vectors.ts';
