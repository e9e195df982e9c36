import type { FaissIndex } from 'managed-llm/vectors';

/**
 * Does what `IndexFlatIP` of faiss-node 0.5.1 does, errors included: takes arrays alone, keeps single precision, and labels
 * vectors by their place. What ends the whole process there (a search for none) is an error here.
 */
export class FlatIndex implements FaissIndex {
  readonly #dimensions: number;
  #vectors: Float32Array[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  ntotal(): number {
    return this.#vectors.length;
  }

  add(vector: number[]): void {
    this.#vectors.push(...this.#read(vector));
  }

  search(vector: number[], count: number): { distances: number[]; labels: number[] } {
    const [asked = new Float32Array(), ...others] = this.#read(vector);
    if (others.length > 0) throw new Error('This double searches for one vector at a time.');
    if (count > this.ntotal())
      throw new Error(
        `Invalid the number of k (cannot be given a value greater than \`ntotal\`: ${this.ntotal()}).`,
      );
    if (count < 1) throw new Error("Error: 'k > 0' failed");
    const found = this.#vectors
      .map((kept, label) => ({ label, distance: this.distance(asked, kept) }))
      .toSorted((a, b) => b.distance - a.distance)
      .slice(0, count);
    return {
      distances: found.map(({ distance }) => distance),
      labels: found.map(({ label }) => label),
    };
  }

  removeIds(labels: number[]): number {
    if (!Array.isArray(labels)) throw new TypeError('Invalid the first argument type, must be an Array.');
    const before = this.ntotal();
    this.#vectors = this.#vectors.filter((_, label) => !labels.includes(label));
    return before - this.ntotal();
  }

  protected distance(asked: Float32Array, kept: Float32Array): number {
    return asked.reduce((sum, component, index) => sum + component * (kept[index] ?? 0), 0);
  }

  #read(matrix: number[]): Float32Array[] {
    if (!Array.isArray(matrix)) throw new TypeError('Invalid the first argument type, must be an Array.');
    if (matrix.length % this.#dimensions !== 0) throw new Error('Invalid the given array length.');
    const rows = matrix.length / this.#dimensions;
    return Array.from({ length: rows }, (_, row) =>
      Float32Array.from(matrix.slice(row * this.#dimensions, (row + 1) * this.#dimensions)),
    );
  }
}

/** Does what `IndexFlatL2` does: squared distances, which are smallest for the nearest. */
export class FlatL2Index extends FlatIndex {
  protected override distance(asked: Float32Array, kept: Float32Array): number {
    return asked.reduce((sum, component, index) => sum + (component - (kept[index] ?? 0)) ** 2, 0);
  }
}
