/** Members of a request for embeddings that do not shape the vectors. */
export const silentToEmbeddings: ReadonlySet<string> = new Set(['user', 'metadata', 'safety_identifier']);
