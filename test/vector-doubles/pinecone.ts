import type { PineconeIndex, PineconeNamespace } from 'managed-llm/vectors';

interface StoredRecord {
  readonly values: Float32Array;
  readonly metadata: Readonly<Record<string, number>>;
}

/**
 * Does what an index of Pinecone with the metric `cosine` does, by its client 9: what that refuses before it asks, and what
 * the service refuses. What was put is found at once, which the service does not promise.
 */
export class PineconeDouble implements PineconeIndex {
  readonly #dimension: number;
  readonly #namespaces = new Map<string, Map<string, StoredRecord>>();

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  /** Records of all namespaces. */
  get size(): number {
    return [...this.#namespaces.values()].reduce((sum, records) => sum + records.size, 0);
  }

  namespace(name: string): PineconeNamespace {
    const records = (): Map<string, StoredRecord> => this.#namespaces.get(name) ?? new Map();
    return {
      upsert: async (options) => {
        if (options.records.length === 0) throw new Error('Must pass in at least 1 record to upsert.');
        for (const { id, values, metadata } of options.records) {
          if (id === '') throw new Error('Every record must include an `id` property in order to upsert.');
          const vector = this.#vector(values);
          if (vector.every((component) => component === 0))
            throw new Error('Dense vectors must contain at least one non-zero value.');
          const into = records();
          into.set(id, { values: vector, metadata });
          this.#namespaces.set(name, into);
        }
      },
      query: async ({ vector, topK, filter }) => {
        if (!(topK >= 1)) throw new Error('`topK` property must be greater than 0.');
        const asked = this.#vector(vector);
        const matches = [...records()]
          .filter(([, { metadata }]) => passes(metadata, filter))
          .map(([id, { values }]) => ({ id, score: cosine(asked, values) }))
          .toSorted((a, b) => b.score - a.score)
          .slice(0, topK);
        return { matches, namespace: name };
      },
      deleteOne: async ({ id }) => {
        if (id === '')
          throw new Error('You must pass a non-empty string for `id` in order to delete a record.');
        this.#delete(name, [id]);
      },
      deleteMany: async ({ filter }) => {
        const matching = [...records()].filter(([, { metadata }]) => passes(metadata, filter));
        this.#delete(
          name,
          matching.map(([id]) => id),
        );
      },
    };
  }

  #delete(namespace: string, ids: readonly string[]): void {
    const records = this.#namespaces.get(namespace);
    for (const id of ids) records?.delete(id);
    if (records?.size === 0) this.#namespaces.delete(namespace);
  }

  #vector(values: number[]): Float32Array {
    if (!Array.isArray(values)) throw new TypeError('values must be an array');
    if (values.length !== this.#dimension)
      throw new Error(
        `Vector dimension ${values.length} does not match the dimension of the index ${this.#dimension}`,
      );
    return Float32Array.from(values);
  }
}

function passes(metadata: Readonly<Record<string, number>>, filter: object): boolean {
  if (Object.keys(filter).length === 0)
    throw new Error('You must enter a `filter` object with at least one key-value pair.');
  return Object.entries(filter).every(([key, conditions]) =>
    Object.entries(Object(conditions)).every(([operator, value]) => {
      const stored = metadata[key];
      if (typeof stored !== 'number' || typeof value !== 'number') return false;
      if (operator === '$gt') return stored > value;
      if (operator === '$lte') return stored <= value;
      throw new Error(`This double knows no ${operator}.`);
    }),
  );
}

function cosine(a: Float32Array, b: Float32Array): number {
  const product = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, component, index) => sum + component * (y[index] ?? 0), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
