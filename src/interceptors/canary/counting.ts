import type { CanaryArm } from '../../canaries/definition.ts';
import { bucketOf } from '../../canaries/latency-buckets.ts';
import type { Books } from '../../experiments/books.ts';
import { Matching } from '../../experiments/matched-sets.ts';
import type { Counter } from '../../experiments/measuring.ts';
import type { ExperimentMetric } from '../../experiments/metrics.ts';
import { kindOfSet } from '../../experiments/odds-evidence.ts';

/** An arm at a step, as places of calls have it: the step that the call was made at counts, whenever it ends. */
export function armAt(step: number, arm: CanaryArm): string {
  return `${step}/${arm}`;
}

/** Counts the first call of each subject at each step, and matches calls of the canary with such of stable. */
export class Counting implements Counter {
  readonly #books: Books;
  readonly #limitMs: number | undefined;
  /** By the step. */
  readonly #matchings: ReadonlyMap<string, Matching>;

  /**
   * @param steps in percent
   * @param limitMs of latency, where there is one
   */
  constructor(books: Books, steps: readonly number[], limitMs: number | undefined) {
    this.#books = books;
    this.#limitMs = limitMs;
    this.#matchings = new Map(
      steps.map((percent, step) => [String(step), new Matching((100 - percent) / percent)]),
    );
  }

  call(arm: string): void {
    this.#books.add(`${arm}/calls`, 1);
  }

  /** Labels are compared by nobody. */
  label(): void {}

  is(arm: string, metric: ExperimentMetric, is: boolean, isFirst: boolean): void {
    if (metric !== 'error' || !isFirst) return;
    this.#books.add(`${arm}/error/n`, 1);
    if (is) this.#books.add(`${arm}/error/sum`, 1);
    const [step = '', side] = arm.split('/');
    const set = this.#matchings.get(step)?.add(side === 'stable', is);
    if (set !== undefined) this.#books.add(`${step}/sets/${kindOfSet(set)}`, 1);
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
  }
}
