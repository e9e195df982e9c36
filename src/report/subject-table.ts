import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { tokensOf, type Breakdown, type Subject, type SubjectFigures } from './breakdown.ts';
import { swatch, type Colour } from './chart.ts';
import { cost } from './cost.ts';
import { count, duration, none, percent, shortCount } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import type { Measure } from './measure.ts';
import { nameMarkup } from './shown-name.ts';
import { table } from './table.ts';

/** Colours of the first subjects; all others have that of what is told together. */
export const subjectColours: readonly Colour[] = [1, 2, 3, 4, 5, 6];
export const rowsShown = 10;

/** Whom a row is about. */
export function subjectName({ name, of }: Subject, nobody: HtmlContent): Html {
  if (name === undefined) return html`<em>${nobody}</em>`;
  return of === undefined ? nameMarkup(name) : html`${nameMarkup(name)} <small>${nameMarkup(of)}</small>`;
}

/** What of figures a table tells. */
type Told = Pick<
  ReceiptFigures,
  'calls' | 'failed' | 'costNanoUsd' | 'unpriced' | 'inputTokens' | 'outputTokens' | 'p95Ms'
>;

/** What the first subjects come to, and all others in one row. Beside a chart, it says which colour is what. */
export function subjectTable(
  subjects: Breakdown,
  { one, nobody }: { readonly one: string; readonly nobody: HtmlContent },
  top: readonly SubjectFigures[],
  all: ReceiptFigures,
  measure: Measure,
): Html {
  const hasTimes = subjects.keepsTimes;
  const left = subjects.size - top.length;
  const most = Math.max(0, ...top.map(({ figures }) => measure.of(figures)));
  const row = (heading: Html, figures: Told, colour: Colour): readonly HtmlContent[] => [
    html`${swatch(colour)}${heading}`,
    cost(figures),
    measure.isKnownOf(figures) ? percent(measure.of(figures), measure.of(all)) : none,
    shortCount(figures.calls),
    shortCount(tokensOf(figures)),
    percent(figures.failed, figures.calls),
    ...(hasTimes ? [duration(figures.p95Ms)] : []),
  ];
  const rows = top.map((subject, index) => {
    const { figures } = subject;
    const colour = subjectColours[index] ?? 0;
    const share = measure.of(figures) / most;
    return row(html`${subjectName(subject, nobody)}${most > 0 && bar(share, colour)}`, figures, colour);
  });
  return table({
    label: `Top ${one}s`,
    caption: left > 0 ? `The top ${top.length} ${one}s` : `All ${one}s`,
    heads: [one, 'Spend', 'Share', 'Calls', 'Tokens', 'Errors', ...(hasTimes ? ['p95'] : [])],
    rows: left > 0 ? [...rows, row(html`${count(left)} others`, others(top, all), 0)] : rows,
    kind: 'top',
  });
}

/** How much of the most it is. */
export function bar(share: number, colour: Colour): Html {
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <path class="f${colour}" d="M0 0h${(100 * share).toFixed(1)}v1H0z" />
  </svg>`;
}

function others(top: readonly SubjectFigures[], all: ReceiptFigures): Told {
  const rest = (member: Exclude<keyof Told, 'p95Ms'>): number =>
    top.reduce((left, { figures }) => left - figures[member], all[member]);
  return {
    calls: rest('calls'),
    failed: rest('failed'),
    costNanoUsd: rest('costNanoUsd'),
    // A call may be unknown with several subjects, but in all it counts once.
    unpriced: Math.max(0, rest('unpriced')),
    inputTokens: rest('inputTokens'),
    outputTokens: rest('outputTokens'),
    p95Ms: undefined,
  };
}
