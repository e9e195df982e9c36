import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { mostSaved, type Breakdown } from './breakdown.ts';
import { answeredOf, askedOf } from './caching.ts';
import { count, duration, money, percent, shortCount } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import { bar, rowsShown, subjectName } from './subject-table.ts';
import { table } from './table.ts';

/** What of figures a row tells. */
interface Told {
  readonly savedNanoUsd: number;
  readonly answered: number;
  readonly asked: number;
  readonly savedMs: number;
}

function toldOf(figures: ReceiptFigures): Told {
  const { savedNanoUsd, savedMs } = figures;
  return { savedNanoUsd, savedMs, answered: answeredOf(figures), asked: askedOf(figures) };
}

/** Those for whom caches saved the most, and all others in one row; nothing where they saved for nobody with a name. */
export function savedTable(
  subjects: Breakdown,
  { one, nobody }: { readonly one: string; readonly nobody: HtmlContent },
  figures: ReceiptFigures,
): Html | undefined {
  const all = toldOf(figures);
  const savers = subjects
    .top(Infinity, mostSaved)
    .map((subject) => ({ subject, told: toldOf(subject.figures) }))
    .filter(({ told }) => told.answered > 0 || told.savedNanoUsd > 0);
  if (savers.every(({ subject }) => subject.name === undefined)) return undefined;
  const top = savers.slice(0, rowsShown);
  const most = Math.max(0, ...top.map(({ told }) => told.savedNanoUsd));
  const rows = top.map(({ subject, told }) => {
    const share = told.savedNanoUsd / most;
    return cells(html`${subjectName(subject, nobody)}${most > 0 && bar(share, 3)}`, told, all);
  });
  const left = savers.length - top.length;
  const name = subjects.isCut ? 'all others' : `${count(left)} others`;
  const hasOthers = left > 0 || subjects.isCut;
  return html`<div class="block">
    <h3>Saved by ${one}</h3>
    ${table({
      label: `Saved by ${one}`,
      caption: hasOthers ? `The top ${top.length} ${one}s` : `All ${one}s that it saved anything for`,
      heads: [one, 'Saved', 'Share', 'Answered', 'Hit rate', 'Time saved'],
      rows: hasOthers
        ? [
            ...rows,
            cells(
              html`${name}`,
              others(
                top.map(({ told }) => told),
                all,
              ),
              all,
            ),
          ]
        : rows,
    })}
  </div>`;
}

function cells(heading: Html, told: Told, all: Told): readonly HtmlContent[] {
  return [
    heading,
    money(told.savedNanoUsd),
    percent(told.savedNanoUsd, all.savedNanoUsd),
    shortCount(told.answered),
    percent(told.answered, told.asked),
    duration(told.savedMs),
  ];
}

function others(top: readonly Told[], all: Told): Told {
  const rest = (member: keyof Told): number => top.reduce((left, told) => left - told[member], all[member]);
  return {
    savedNanoUsd: rest('savedNanoUsd'),
    answered: rest('answered'),
    asked: rest('asked'),
    savedMs: rest('savedMs'),
  };
}
