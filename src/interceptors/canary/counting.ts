import type { CanaryArm } from '../../canaries/definition.ts';
import { bucketOf } from '../../canaries/latency-buckets.ts';
import type { Books } from '../../experiments/books.ts';
import type { Counter } from '../../experiments/measuring.ts';
import type { ExperimentMetric } from '../../experiments/metrics.ts';

/** An arm at a step, as places of calls have it: the step that the call was made at counts, whenever it ends. */
export function armAt(step: number, arm: CanaryArm): string {
  return `${step}/${arm}`;
}

/** Counts calls that begin and end, the first call of each subject at each step, and subjects that fail. */
export class Counting implements Counter {
  readonly #books: Books;
  readonly #limitMs: number | undefined;

  /** @param limitMs of latency, where there is one */
  constructor(books: Books, limitMs: number | undefined) {
    this.#books = books;
    this.#limitMs = limitMs;
  }

  began(arm: string): void {
    this.#books.add(`${arm}/began`, 1);
  }

  call(arm: string): void {
    this.#books.add(`${arm}/calls`, 1);
  }

  failing(arm: string): void {
    this.#books.add(`${arm}/failing`, 1);
  }

  /** Labels are compared by nobody. */
  label(): void {}

  is(arm: string, metric: ExperimentMetric, is: boolean, isFirst: boolean): void {
    if (metric !== 'error' || !isFirst) return;
    this.#books.add(`${arm}/error/n`, 1);
    if (is) this.#books.add(`${arm}/error/sum`, 1);
  }

  value(arm: string, metric: ExperimentMetric, value: number, isFirst: boolean): void {
    if (!isFirst) return;
    if (metric === 'latencyMs') {
      this.#books.add(`${arm}/latency/${bucketOf(value)}`, 1);
      if (value > (this.#limitMs ?? Infinity)) this.#books.add(`${arm}/latency/over`, 1);
      return;
    }
    this.#books.add(`${arm}/${metric}/n`, 1);
    this.#books.add(`${arm}/${metric}/sum`, value);
    this.#books.add(`${arm}/${metric}/squares`, value ** 2);
    this.#books.add(`${arm}/${metric}/cubes`, value ** 3);
    if (metric === 'score' && (value === 0 || value === 1)) this.#books.add(`${arm}/score/either`, 1);
  }
}
