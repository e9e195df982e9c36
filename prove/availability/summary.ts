import type { ProofRow } from '../proof.ts';
import { quantile, type Load, type Run } from './books.ts';
import { byProvider, providerNames, sumOver, type ByProvider } from './provider-name.ts';

/** What came of all schedules of a group on one side. */
export class Summary {
  readonly runs: readonly Run[];
  readonly #contentAfterMs: Float64Array;

  constructor(runs: readonly Run[]) {
    this.runs = runs;
    this.#contentAfterMs = Float64Array.from(runs.flatMap(({ contentAfterMs }) => contentAfterMs)).sort();
  }

  get asked(): number {
    return sum(this.runs, ({ asked }) => asked);
  }

  count(how: keyof Run['counts']): number {
    return sum(this.runs, ({ counts }) => counts[how]);
  }

  /** Calls that delivered content, of those that were not refused. */
  get delivered(): number {
    const content = this.count('answered') + this.count('cut');
    return content / (this.asked - this.count('refused'));
  }

  /** The schedule in which the smallest share did. */
  get worst(): { readonly number: number; readonly delivered: number } {
    const shares = this.runs.map((run) => ({ number: run.number, delivered: new Summary([run]).delivered }));
    return shares.reduce((worst, one) => (one.delivered < worst.delivered ? one : worst));
  }

  /** Requests that arrived at each provider for each call asked, in a part of the outages. */
  amplification(part: Load['part']): ByProvider<number> | undefined {
    const loads = this.runs.flatMap(({ outages }) => outages.filter((load) => load.part === part));
    const asked = sum(loads, (load) => load.asked);
    if (asked === 0) return undefined;
    return byProvider((name) => sum(loads, ({ arrivals }) => arrivals[name]) / asked);
  }

  /** Answers 429 after a first answer's headers. */
  get tooManyLate(): number {
    return sum(this.runs, ({ tooManyLate }) => tooManyLate);
  }

  #afterOutage(): string {
    const longest = Math.max(...this.runs.map(({ afterOutageMs }) => afterOutageMs ?? -1));
    return longest < 0 ? '' : seconds(longest);
  }

  row(group: string, side: string): ProofRow {
    const amplification = (part: Load['part']): string =>
      providerNames.map((name) => this.amplification(part)?.[name].toFixed(2) ?? '').join(' ');
    return {
      schedules: group,
      of: this.runs.length,
      side,
      calls: this.asked,
      'content %': percent(this.delivered),
      'worst %': percent(this.worst.delivered),
      'in no.': this.worst.number,
      failed: this.count('failed'),
      'cut later': this.count('cut'),
      refused: this.count('refused'),
      'p50 s': seconds(quantile(this.#contentAfterMs, 0.5)),
      'p99 s': seconds(quantile(this.#contentAfterMs, 0.99)),
      'requests/call': (sum(this.runs, ({ arrivals }) => sumOver(arrivals)) / this.asked).toFixed(3),
      'first 30 s': amplification('first 30 s'),
      'rest of outage': amplification('later'),
      'fails on for s': this.#afterOutage(),
      '429s': sum(this.runs, ({ tooMany }) => tooMany),
      'of them late': this.tooManyLate,
    };
  }

  /** Why calls brought no content, or not all of it: the commonest reasons first. */
  reasons(): string {
    const all = new Map<string, number>();
    for (const { reasons } of this.runs)
      for (const [reason, count] of reasons) all.set(reason, (all.get(reason) ?? 0) + count);
    return [...all]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 8)
      .map(([reason, count]) => `${reason} (${count.toLocaleString('en-US')})`)
      .join(', ');
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Rounded down: what is not reached is not shown as reached. */
function percent(share: number): string {
  return (Math.floor(share * 1e5) / 1e3).toFixed(3);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
