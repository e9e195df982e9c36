import type { ReceiptFigures } from '../core/receipt-figures.ts';
import type { Outcome } from '../core/settlement.ts';
import type { ChartSeries, Colour } from './chart.ts';
import { count, counted, countTicks, percent, shortCount } from './format.ts';
import { html, type Html } from './html.ts';
import { stepFigures, type ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { stackedChart } from './stacked-chart.ts';
import type { Sums } from './sums.ts';

/** How much was asked, and how it ended. */
export function callsSection(facts: ReportFacts): Html {
  return html`<section aria-labelledby="calls">
    <h2 id="calls">Calls</h2>
    <div class="charts three">${tokens(facts)}${outcomes(facts)}${errors(facts)}</div>
  </section>`;
}

function tokens(facts: ReportFacts): Html {
  const { inputTokens, cachedInputTokens, outputTokens } = facts.calls.total.figures;
  const series = [
    ['Input', 1, (figures: ReceiptFigures) => figures.inputTokens - figures.cachedInputTokens],
    ['Input from the provider’s cache', 5, (figures: ReceiptFigures) => figures.cachedInputTokens],
    ['Output', 2, (figures: ReceiptFigures) => figures.outputTokens],
  ] as const;
  return stackedChart({
    id: 'tokens',
    heading: 'Tokens',
    summary: `${shortCount(inputTokens)} in, ${percent(cachedInputTokens, inputTokens)} of it from the provider’s cache; ${shortCount(outputTokens)} out.`,
    axis: facts.axis,
    series: series.map(([name, colour, of]) => ({
      name: html`${name}`,
      colour,
      values: stepFigures(facts).map((figures) => (figures === undefined ? 0 : of(figures))),
    })),
    format: count,
    ticks: countTicks,
    hasLegend: true,
    whole: true,
  });
}

/** In the order in which they lie upon each other. */
const outcomeColours: readonly (readonly [Outcome, Colour])[] = [
  ['finished', 3],
  ['failed', 6],
  ['timed-out', 2],
  ['refused', 4],
  ['aborted', 5],
  ['abandoned', 1],
  ['discarded', 0],
];

function outcomes({ calls, axis }: ReportFacts): Html {
  const { calls: all, failed } = calls.total.figures;
  const series = outcomeColours.flatMap(([outcome, colour]): readonly ChartSeries[] => {
    const sums = calls.outcomes.all.get(outcome);
    return sums === undefined
      ? []
      : [{ name: html`${outcome}`, colour, values: axis.map(({ place }) => sums.at(place)) }];
  });
  return stackedChart({
    id: 'outcomes',
    heading: 'How calls ended',
    summary: `${counted(all, 'call')}; ${percent(failed, all)} failed or took too long.`,
    axis,
    series,
    format: count,
    ticks: countTicks,
    hasLegend: true,
    whole: true,
  });
}

const errorColours: readonly Colour[] = [6, 2, 4, 1, 5, 3];

function errors({ calls, axis }: ReportFacts): Html {
  const { failed, refused } = calls.total.figures;
  if (failed + refused === 0)
    return html`<div class="block">
      <h3>What went wrong</h3>
      <p>No call failed or was refused.</p>
    </div>`;
  const values = (sums: Sums): readonly number[] => axis.map(({ place }) => sums.at(place));
  const kinds = [...calls.errors.all]
    .map(([kind, sums]) => ({ kind, values: values(sums) }))
    .map((each) => ({ ...each, total: each.values.reduce((sum, value) => sum + value, 0) }))
    .toSorted((a, b) => b.total - a.total);
  const shown = kinds.slice(0, errorColours.length);
  const others = kinds.slice(errorColours.length);
  const series: ChartSeries[] = shown.map((each, index) => ({
    name: html`${nameMarkup(each.kind)}`,
    colour: errorColours[index] ?? 0,
    values: each.values,
  }));
  if (others.length > 0)
    series.push({
      name: html`all others`,
      colour: 0,
      values: axis.map((_, index) => others.reduce((sum, each) => sum + (each.values[index] ?? 0), 0)),
    });
  return stackedChart({
    id: 'errors',
    heading: 'What went wrong',
    summary: `${counted(failed, 'call')} failed or took too long; refused: ${count(refused)}. Finished although an attempt had failed: ${count(calls.rescued)}.`,
    axis,
    series,
    format: count,
    ticks: countTicks,
    hasLegend: true,
    whole: true,
  });
}
