import type { Share } from '../../experiments/assignment.ts';
import { Matching } from '../../experiments/matched-sets.ts';
import { kindOfSet } from '../../experiments/odds-evidence.ts';
import type { Books } from '../../experiments/books.ts';
import type { Counter } from '../../experiments/measuring.ts';
import { rates, type ExperimentMetric } from '../../experiments/metrics.ts';

/** Counts what was seen of calls, by arm and metric, and matches calls of the arms with such of the control. */
export class Counting implements Counter {
  readonly #books: Books;
  readonly #control: string;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #matchings = new Map<string, Matching>();

  constructor(books: Books, control: string, shares: readonly Share[]) {
    this.#books = books;
    this.#control = control;
    this.#weights = new Map(shares.map(({ name, weight }) => [name, weight]));
  }

  call(arm: string): void {
    this.#books.add(`${arm}/calls`, 1);
  }

  label(arm: string, label: string): void {
    this.#books.add(`${arm}/label/${label}`, 1);
  }

  is(arm: string, metric: ExperimentMetric, is: boolean, isFirst: boolean): void {
    this.value(arm, metric, is ? 1 : 0, isFirst);
  }

  /** @param isFirst of its subject: it counts in the comparison */
  value(arm: string, metric: ExperimentMetric, value: number, isFirst: boolean): void {
    this.#sum(`${arm}/${metric}`, value);
    const isEither = rates.has(metric) || (metric === 'score' && (value === 0 || value === 1));
    if (isEither) this.#books.add(`${arm}/${metric}/either`, 1);
    if (!isFirst) return;
    this.#sum(`${arm}/${metric}/first`, value);
    if (isEither) this.#match(arm, metric, value === 1);
  }

  #sum(path: string, value: number): void {
    this.#books.add(`${path}/n`, 1);
    this.#books.add(`${path}/sum`, value);
    this.#books.add(`${path}/squares`, value ** 2);
  }

  /** One of the control is matched with calls of each other arm. */
  #match(arm: string, metric: ExperimentMetric, is: boolean): void {
    const isControl = arm === this.#control;
    const others = isControl ? this.#weights.keys() : [arm];
    for (const other of others) {
      if (other === this.#control) continue;
      const set = this.#matching(other, metric)?.add(isControl, is);
      if (set !== undefined) this.#books.add(`${other}/${metric}/sets/${kindOfSet(set)}`, 1);
    }
  }

  /** `undefined` where one of the two gets no calls. */
  #matching(arm: string, metric: ExperimentMetric): Matching | undefined {
    const ratio = (this.#weights.get(this.#control) ?? 0) / (this.#weights.get(arm) ?? 0);
    if (!(ratio > 0 && ratio < Infinity)) return undefined;
    const key = `${arm}/${metric}`;
    const known = this.#matchings.get(key);
    if (known !== undefined) return known;
    const made = new Matching(ratio);
    this.#matchings.set(key, made);
    return made;
  }
}
