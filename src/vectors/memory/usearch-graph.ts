import type * as usearch from 'usearch';
import type { UnitVector } from '../../core/unit-vector.ts';

/** The part of the package `usearch`, 2 or later, that is used of it. */
type Usearch = typeof usearch;

/** Makes graphs, where `usearch` is installed. */
export type GraphMaker = <T extends object>(dimensions: number) => UsearchGraph<T>;

let loading: Promise<GraphMaker | undefined> | undefined;

/** Once in a process. `undefined` where `usearch` is not installed, or does not run here. */
export function loadUsearch(): Promise<GraphMaker | undefined> {
  return (loading ??= import('usearch').then(
    (loaded): GraphMaker =>
      (dimensions) =>
        new UsearchGraph(loaded, dimensions),
    () => undefined,
  ));
}

/** How far it looks round, when it adds and when it searches. More finds more, and takes longer. */
const expansion = 128;

/** Vectors that lead to those near them (HNSW, by `usearch`): a few are looked at instead of all. */
export class UsearchGraph<T extends object> {
  readonly #index: InstanceType<Usearch['Index']>;
  readonly #items = new Map<bigint, T>();
  readonly #labels = new Map<T, bigint>();
  #nextLabel = 0n;

  constructor({ Index, MetricKind, ScalarKind }: Usearch, dimensions: number) {
    this.#index = new Index({
      dimensions,
      metric: MetricKind.Cos,
      // What it finds is measured again.
      quantization: ScalarKind.F16,
      connectivity: 16,
      expansion_add: expansion,
      expansion_search: expansion,
      multi: false,
    });
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: T, vector: UnitVector): void {
    const label = (this.#nextLabel += 1n);
    // One thread: others would take longer to wake than this takes.
    this.#index.add(label, vector, 1);
    this.#items.set(label, item);
    this.#labels.set(item, label);
  }

  /** Does nothing where it is not in it. */
  remove(item: T): void {
    const label = this.#labels.get(item);
    if (label === undefined) return;
    this.#index.remove(label);
    this.#items.delete(label);
    this.#labels.delete(item);
  }

  /** Those that are probably the nearest, in any order. */
  near(vector: UnitVector, count: number): readonly T[] {
    const { keys } = this.#index.search(vector, count, 1);
    return [...keys].flatMap((label) => this.#items.get(label) ?? []);
  }
}
