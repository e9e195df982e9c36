import type { ReceiptFigures } from '../core/receipt-figures.ts';
import type { ChartSeries, Colour } from './chart.ts';
import { duration, durationTicks } from './format.ts';
import { html, type Html } from './html.ts';
import { lineChart } from './line-chart.ts';
import { stepFigures, type ReportFacts } from './report-facts.ts';

/** How long it took. */
export function timesSection(facts: ReportFacts): Html {
  return html`<section aria-labelledby="speed">
    <h2 id="speed">Speed</h2>
    <div class="charts">${answerTimes(facts)}${firstEvents(facts)}</div>
  </section>`;
}

type Percentile = readonly [
  name: string,
  colour: Colour,
  dash: ChartSeries['dash'],
  of: (figures: ReceiptFigures) => number | undefined,
];

function answerTimes(facts: ReportFacts): Html {
  const { p50Ms, p95Ms, p99Ms } = facts.calls.total.figures;
  return percentiles(
    facts,
    'times',
    'How long answers take',
    `Until the end of the answer: half within ${duration(p50Ms)}, 95% within ${duration(p95Ms)}, 99% within ${duration(p99Ms)}.`,
    [
      ['p99', 6, 'dotted', (figures) => figures.p99Ms],
      ['p95', 2, 'dashed', (figures) => figures.p95Ms],
      ['p50', 1, undefined, (figures) => figures.p50Ms],
    ],
  );
}

function firstEvents(facts: ReportFacts): Html | undefined {
  const { firstEventP50Ms, firstEventP95Ms, firstEventP99Ms } = facts.calls.total.figures;
  if (firstEventP50Ms === undefined) return undefined;
  return percentiles(
    facts,
    'first',
    'How soon streams begin',
    `Until the first bytes: half within ${duration(firstEventP50Ms)}, 95% within ${duration(firstEventP95Ms)}, 99% within ${duration(firstEventP99Ms)}.`,
    [
      ['p99', 6, 'dotted', (figures) => figures.firstEventP99Ms],
      ['p95', 2, 'dashed', (figures) => figures.firstEventP95Ms],
      ['p50', 1, undefined, (figures) => figures.firstEventP50Ms],
    ],
  );
}

function percentiles(
  facts: ReportFacts,
  id: string,
  heading: string,
  summary: string,
  lines: readonly Percentile[],
): Html {
  const steps = stepFigures(facts);
  return lineChart({
    id,
    heading,
    summary,
    axis: facts.axis,
    series: lines.map(([name, colour, dash, of]) => ({
      name: html`${name}`,
      colour,
      ...(dash === undefined ? {} : { dash }),
      values: steps.map((figures) => figures && of(figures)),
    })),
    format: duration,
    ticks: durationTicks,
    hasLegend: true,
  });
}
