import type { Receipt } from 'managed-llm';
import type { Checks } from '../streams/lab.ts';
import { booksOf, quantile, readFigure, type Books, type SavedBy, type Sum } from './books.ts';
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
  checkCaching(checks, page, books, all);
}

export function same(
  checks: Checks,
  what: string,
  told: string | undefined,
  meant: number | undefined,
  off = 0,
): void {
  const figure = told === undefined ? undefined : readFigure(known(told));
  const holds =
    meant === undefined
      ? told === '–'
      : figure !== undefined && Math.abs(figure.value - meant) <= figure.within + Math.abs(meant) * off;
  checks.that(holds, what, () => `the page tells ${told}, and it is ${meant}`);
}

/** Of a cost what is known of it: of some calls it may not be. */
function known(told: string): string {
  return told.replace(/^unknown \(.*\)$/, '$0').replace(/ \([\d,]+ calls? unknown\)$/, '');
}

/** What of a text a pattern finds, against a sum. */
function sameIn(checks: Checks, what: string, text: string | undefined, found: RegExp, meant: number): void {
  same(checks, what, found.exec(text ?? '')?.[1], meant);
}

/** Shares are told with a digit after the point. */
export function sameShare(
  checks: Checks,
  what: string,
  told: string | undefined,
  part: number,
  whole: number,
): void {
  const meant = (100 * part) / whole;
  const holds = whole === 0 ? told === '–' : Math.abs(Number(told?.replace('%', '')) - meant) <= 0.051;
  checks.that(holds, what, () => `the page tells ${told}, and it is ${meant}%`);
}

/** Quantiles are right to a hundredth. */
export const aHundredth = 0.0101;

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

function checkCaching(checks: Checks, page: ReadPage, books: Books, all: Sum): void {
  const { total, about } = page;
  const saved = 'Saved by caches';
  same(checks, 'what caches saved', total(saved), all.savedNanoUsd);
  sameShare(
    checks,
    'what share that is',
    about(saved)?.split(' ')[0],
    all.savedNanoUsd,
    all.savedNanoUsd + all.nanoUsd,
  );
  sameIn(checks, 'what they saved at unknown prices', about(saved), /more by (\S+) call/, all.savedUnpriced);
  const answered = 'Hit rate';
  sameShare(checks, 'the hit rate', total(answered), all.answered, all.asked);
  sameIn(checks, 'calls answered without a model', about(answered), /^(\S+) of/, all.answered);
  sameIn(checks, 'calls that a cache was asked for', about(answered), /of (\S+) calls/, all.asked);
  sameIn(checks, 'calls that passed caches by', about(answered), /; (\S+) passed/, all.bypassed);
  const given = 'Kept answers';
  same(checks, 'kept answers', total(given), all.answered - all.shared);
  sameIn(checks, 'old answers', about(given), /^(\S+) of/, all.stale);
  sameIn(checks, 'shared answers', about(given), /them (\S+) shared/, all.shared);
  same(checks, 'what time was saved', total('Time saved'), all.savedMs);
  sameShare(checks, 'known inputs', total('Known inputs'), all.known, all.inputs);
  sameIn(checks, 'shared inputs', about('Known inputs'), /; (\S+) were on/, all.sharedInputs);
  const theirs = 'Providers’ own caches';
  sameShare(checks, 'what providers’ caches held', total(theirs), all.cached, all.input);
  sameIn(checks, 'what providers’ caches saved', about(theirs), /^(\$\S+) saved/, all.promptNanoUsd);
  sameIn(checks, 'what was written there', about(theirs), /; (\S+) tokens written/, all.promptWritten);
  sameIn(checks, 'of how many that is not known', about(theirs), /; (\S+) calls of unk/, all.promptUnpriced);
  checkCachingOverTime(checks, page, books);
  for (const by of ['kind', 'model', 'user', 'feature', 'team'] as const)
    checkSaved(checks, page, by, books.saved[by], all);
}

function checkCachingOverTime(checks: Checks, page: ReadPage, { sums, statuses, saved }: Books): void {
  let days = 0;
  for (const { day, cells } of daysOf(page, 'cache'))
    for (const [name, told] of cells)
      if (name !== 'All') same(checks, `${day} ${name}`, told, statuses.get(`${day} ${name}`) ?? 0);
  for (const { day, cells } of daysOf(page, 'cache-rate')) {
    days += 1;
    const { answered = 0, asked = 0, cached = 0, input = 0 } = sums.get(day) ?? {};
    sameShare(checks, `${day} hit rate`, cells.get('Hit rate'), answered, asked);
    sameShare(checks, `${day} cached input`, cells.get('Providers’ own caches'), cached, input);
  }
  for (const { day, cells } of daysOf(page, 'saved')) {
    same(checks, `${day} saved`, cells.get('All'), sums.get(day)?.savedNanoUsd ?? 0);
    for (const [name, told] of cells)
      if (name !== 'All') same(checks, `${day} saved, ${name}`, told, saved.kind.get(`${day} ${name}`) ?? 0);
  }
  checks.that(days === 30, 'caches: a row for each day', () => days);
}

/** The ten for whom the most was saved, and all others together. */
function checkSaved(
  checks: Checks,
  page: ReadPage,
  by: SavedBy,
  saved: ReadonlyMap<string, number>,
  all: Sum,
): void {
  const most = [...saved]
    .filter(([key]) => key.startsWith('all '))
    .map(([key, nanoUsd]) => [key.slice(4), nanoUsd] as const)
    .toSorted((a, b) => b[1] - a[1]);
  const rows = page.below(`Saved by ${by}`).slice(1);
  let left = all.savedNanoUsd;
  for (const [index, [name, nanoUsd]] of most.slice(0, 10).entries()) {
    const [told, sum] = rows[index] ?? [];
    checks.that(told === name, `saved by ${by}: the place ${index + 1}`, () => `${told} instead of ${name}`);
    same(checks, `saved by ${by}: ${name}`, sum, nanoUsd);
    left -= nanoUsd;
  }
  if (most.length > 10) same(checks, `saved by ${by}: others`, rows[10]?.[1], left);
}
