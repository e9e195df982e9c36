import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { mostSaved, type Breakdown } from './breakdown.ts';
import { answeredOf, askedOf } from './caching.ts';
import { cost, isUnknownCost } from './cost.ts';
import { count, duration, none, percent, shortCount } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import { bar, rowsShown, subjectName } from './subject-table.ts';
import { table } from './table.ts';

/** What of figures a row tells. */
interface Told {
  readonly savedNanoUsd: number;
  /** Calls of which it is not known. */
  readonly savedUnpriced: number;
  readonly answered: number;
  readonly asked: number;
  readonly savedMs: number;
}

function toldOf(figures: ReceiptFigures): Told {
  const { savedNanoUsd, savedUnpriced, savedMs } = figures;
  return { savedNanoUsd, savedUnpriced, savedMs, answered: answeredOf(figures), asked: askedOf(figures) };
}

/** Whom a table is about. */
interface SavedWording {
  readonly one: string;
  readonly nobody: HtmlContent;
  /** `false`: what was not known is not told apart by it. */
  readonly hasRates?: boolean;
}

/** Those for whom caches saved the most, and all others in one row; nothing where they saved for nobody with a name. */
export function savedTable(
  subjects: Breakdown,
  { one, nobody, hasRates = true }: SavedWording,
  figures: ReceiptFigures,
): Html | undefined {
  const all = toldOf(figures);
  const savers = subjects
    .top(Infinity, mostSaved)
    .map((subject) => ({ subject, told: toldOf(subject.figures) }))
    .filter(({ told }) => told.answered > 0 || told.savedNanoUsd > 0);
  if (savers.every(({ subject }) => subject.name === undefined)) return undefined;
  const top = savers.slice(0, rowsShown);
  const left = savers.length - top.length;
  const most = Math.max(0, ...top.map(({ told }) => told.savedNanoUsd));
  const row = (heading: Html, told: Told): readonly HtmlContent[] => {
    const saved = { costNanoUsd: told.savedNanoUsd, unpriced: told.savedUnpriced };
    return [
      heading,
      cost(saved),
      isUnknownCost(saved) ? none : percent(told.savedNanoUsd, all.savedNanoUsd),
      shortCount(told.answered),
      ...(hasRates ? [percent(told.answered, told.asked)] : []),
      duration(told.savedMs),
    ];
  };
  const rows = top.map(({ subject, told }) =>
    row(html`${subjectName(subject, nobody)}${most > 0 && bar(told.savedNanoUsd / most, 3)}`, told),
  );
  if (left > 0 || subjects.isCut) {
    const name = subjects.isCut ? 'all others' : `${count(left)} others`;
    const told = subjects.isCut ? withoutThose(top, all) : together(savers.slice(rowsShown));
    rows.push(row(html`${name}`, told));
  }
  return html`<div class="block">
    <h3>Saved by ${one}</h3>
    ${table({
      label: `Saved by ${one}`,
      caption: rows.length > top.length ? `The top ${top.length} ${one}s` : 'All that it saved anything for',
      heads: [one, 'Saved', 'Share', 'Answered', ...(hasRates ? ['Hit rate'] : []), 'Time saved'],
      rows,
    })}
  </div>`;
}

/** What a saver is told by. */
interface Saver {
  readonly told: Told;
}

function together(savers: readonly Saver[]): Told {
  return withEach((member) => savers.reduce((sum, { told }) => sum + told[member], 0));
}

/** Of all, those that were let go of among them. */
function withoutThose(top: readonly Saver[], all: Told): Told {
  return withEach((member) => top.reduce((left, { told }) => left - told[member], all[member]));
}

function withEach(rest: (member: keyof Told) => number): Told {
  return {
    savedNanoUsd: rest('savedNanoUsd'),
    savedUnpriced: rest('savedUnpriced'),
    answered: rest('answered'),
    asked: rest('asked'),
    savedMs: rest('savedMs'),
  };
}
