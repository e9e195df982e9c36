import type { Judgement } from './judge-request.ts';

/** How many of how many went through, and what was lost on the way. */
export class Tally {
  readonly failures: string[] = [];
  readonly #lost = new Map<string, number>();
  of = 0;
  through = 0;
  whole = 0;
  refused = 0;

  add({ failures, lost }: Judgement): void {
    this.of++;
    if (failures.length === 0) this.through++;
    if (failures.length === 0 && lost.length === 0) this.whole++;
    this.failures.push(...failures);
    for (const kind of new Set(lost)) {
      const name = kind.replace(/ of .*/, '').replace('member ', '');
      this.#lost.set(name, (this.#lost.get(name) ?? 0) + 1);
    }
  }

  /** A request that no other provider can answer, and that was not sent. */
  refuse(): void {
    this.of++;
    this.through++;
    this.refused++;
  }

  /** By how many rows they concern. */
  commonest(most: number): string {
    return [...this.#lost]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, rows]) => `${name} ${rows}`)
      .join(', ');
  }
}
