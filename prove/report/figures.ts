import type { Receipt } from 'managed-llm';
import type { Checks } from '../streams/lab.ts';
import { booksOf, quantile, readFigure, type Books, type Sum } from './books.ts';
import { readPage, type ReadPage } from './read-page.ts';

/** Every figure of a page against sums of our own. */
export function checkFigures(checks: Checks, html: string, receipts: readonly Receipt[], zone: string): void {
  const page = readPage(html);
  const books = booksOf(receipts, zone);
  const all = books.sums.get('all');
  if (all === undefined) throw new Error('There are no receipts.');
  checkTotals(checks, page, all);
  checkOverTime(checks, page, books);
  for (const [id, sums] of [
    ['models', books.models],
    ['users', books.users],
    ['features', books.features],
  ] as const)
    checkBreakdown(checks, page, id, sums, books);
}

function same(
  checks: Checks,
  what: string,
  told: string | undefined,
  meant: number | undefined,
  off = 0,
): void {
  const figure = told === undefined ? undefined : readFigure(told);
  const holds =
    meant === undefined
      ? told === '–'
      : figure !== undefined && Math.abs(figure.value - meant) <= figure.within + Math.abs(meant) * off;
  checks.that(holds, what, () => `the page tells ${told}, and it is ${meant}`);
}

/** Quantiles are right to a hundredth. */
const aHundredth = 0.0101;

function checkTotals(checks: Checks, page: ReadPage, all: Sum): void {
  same(checks, 'spend', page.total('Spend'), all.nanoUsd);
  same(checks, 'calls', page.total('Calls'), all.calls);
  same(checks, 'tokens', page.total('Tokens'), all.input + all.output);
  same(checks, 'p95', page.total('95% answered within'), quantile(all.took, 0.95), aHundredth);
  same(checks, 'unknown prices', page.total('Calls of unknown price'), all.unpriced);
  const share = `${((100 * all.failed) / all.calls).toFixed(1)}%`;
  checks.that(page.total('Errors') === share, 'errors', () => `${page.total('Errors')}, and it is ${share}`);
  const estimated = / Spend \$\S+ (\$\S+) of it \(/.exec(page.text)?.[1];
  same(checks, 'what is estimated', estimated, all.estimatedNanoUsd);
}

/** Rows of a chart by day, each with its cells by their heads. */
function* daysOf(page: ReadPage, id: string): Generator<{ day: string; cells: ReadonlyMap<string, string> }> {
  const [heads = [], ...rows] = page.table(id);
  for (const [when = '', ...cells] of rows) {
    // `Tue, 3 Nov 2026`, read as UTC: the name of a day has no zone.
    const day = new Date(Date.parse(`${when.slice(5)} UTC`)).toISOString().slice(0, 10);
    yield { day, cells: new Map(cells.map((cell, index) => [heads[index + 1] ?? '', cell])) };
  }
}

function checkOverTime(checks: Checks, page: ReadPage, { sums, outcomes, errors }: Books): void {
  for (const { day, cells } of daysOf(page, 'tokens')) {
    const { input = 0, cached = 0, output = 0 } = sums.get(day) ?? {};
    same(checks, `${day} tokens`, cells.get('All'), input + output);
    same(checks, `${day} input`, cells.get('Input'), input - cached);
    same(checks, `${day} cached`, cells.get('Input from the provider’s cache'), cached);
    same(checks, `${day} output`, cells.get('Output'), output);
  }
  for (const [id, counts] of [
    ['outcomes', outcomes],
    ['errors', errors],
  ] as const)
    for (const { day, cells } of daysOf(page, id))
      for (const [name, told] of cells)
        if (name !== 'All') same(checks, `${day} ${name}`, told, counts.get(`${day} ${name}`) ?? 0);
  for (const [id, member] of [
    ['times', 'took'],
    ['first', 'began'],
  ] as const)
    for (const { day, cells } of daysOf(page, id))
      for (const [name, told] of cells)
        same(
          checks,
          `${day} ${id} ${name}`,
          told,
          quantile(sums.get(day)?.[member] ?? [], Number(name.slice(1)) / 100),
          aHundredth,
        );
}

function checkBreakdown(
  checks: Checks,
  page: ReadPage,
  id: string,
  nanoUsd: ReadonlyMap<string, number>,
  { sums }: Books,
): void {
  let days = 0;
  for (const { day, cells } of daysOf(page, id)) {
    days += 1;
    same(checks, `${day} ${id}`, cells.get('All'), sums.get(day)?.nanoUsd ?? 0);
    let named = 0;
    for (const [name, told] of cells) {
      if (name === 'All' || name === 'all others' || name === 'no model answered') continue;
      const meant = nanoUsd.get(`${day} ${name}`) ?? 0;
      named += meant;
      same(checks, `${day} ${name}`, told, meant);
    }
    if (cells.has('all others'))
      same(checks, `${day} others of ${id}`, cells.get('all others'), (sums.get(day)?.nanoUsd ?? 0) - named);
  }
  checks.that(days === 30, `${id}: a row for each day`, () => days);
  const dearest = [...nanoUsd]
    .filter(([key]) => key.startsWith('all '))
    .map(([key, cost]) => [key.slice(4), cost] as const)
    .toSorted((a, b) => b[1] - a[1]);
  const rows = page.top(id).slice(1);
  for (const [index, [name, cost]] of dearest.slice(0, 10).entries()) {
    const [told, spend] = rows[index] ?? [];
    checks.that(told === name, `${id}: the place ${index + 1}`, () => `${told} instead of ${name}`);
    same(checks, `${id}: ${name}`, spend, cost);
  }
}
