import type { CacheFact, CacheStatus } from '../core/cache-fact.ts';
import type { CachingFigures } from '../core/caching-figures.ts';
import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { answeredOf, askedOf } from './caching.ts';
import type { ChartSeries, Colour } from './chart.ts';
import { count, counted, countTicks, money, moneyTicks, percent, percentTicks } from './format.ts';
import { html, type Html } from './html.ts';
import { lineChart } from './line-chart.ts';
import { stepFigures, type ReportFacts } from './report-facts.ts';
import { stackedChart } from './stacked-chart.ts';

/** What caches did over time. */
export function cachingCharts(facts: ReportFacts): readonly Html[] {
  return [statuses(facts), rates(facts), savings(facts)];
}

/** In the order in which they lie upon each other. */
const statusColours: readonly (readonly [CacheStatus, keyof CachingFigures, Colour])[] = [
  ['hit', 'cacheHits', 3],
  ['stale', 'cacheStale', 2],
  ['coalesced', 'cacheCoalesced', 5],
  ['partial', 'cachePartial', 4],
  ['miss', 'cacheMisses', 1],
  ['bypass', 'cacheBypassed', 0],
];

function statuses(facts: ReportFacts): Html {
  const all = facts.calls.total.figures;
  const steps = stepFigures(facts);
  return stackedChart({
    id: 'cache',
    heading: 'What became of calls at a cache',
    summary: `${counted(askedOf(all) + all.cacheBypassed, 'call')} came to one.`,
    axis: facts.axis,
    series: statusColours
      .filter(([, member]) => all[member] > 0)
      .map(([status, member, colour]) => ({
        name: html`${status}`,
        colour,
        values: steps.map((figures) => figures?.[member] ?? 0),
      })),
    format: count,
    ticks: countTicks,
    hasLegend: true,
    whole: true,
  });
}

function rates(facts: ReportFacts): Html {
  const all = facts.calls.total.figures;
  const steps = stepFigures(facts);
  const line = (of: (figures: ReceiptFigures) => number | undefined): readonly (number | undefined)[] =>
    steps.map((figures) => figures && of(figures));
  return lineChart({
    id: 'cache-rate',
    heading: 'How much was known',
    summary: `${percent(answeredOf(all), askedOf(all))} answered without a request; ${percent(all.cachedInputTokens, all.inputTokens)} of all input came from providers’ own caches.`,
    axis: facts.axis,
    series: [
      {
        name: html`Hit rate`,
        colour: 3,
        values: line((figures) => share(answeredOf(figures), askedOf(figures))),
      },
      {
        name: html`Providers’ own caches`,
        colour: 5,
        dash: 'dashed',
        values: line(({ cachedInputTokens, inputTokens }) => share(cachedInputTokens, inputTokens)),
      },
    ],
    format: (value) => percent(value, 100),
    ticks: percentTicks,
    hasLegend: true,
  });
}

/** Of a hundred. */
function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (100 * part) / whole;
}

const kindColours: readonly (readonly [CacheFact['kind'], Colour])[] = [
  ['exact', 3],
  ['semantic', 4],
  ['items', 2],
];

function savings({ calls, axis }: ReportFacts): Html {
  const { savedNanoUsd } = calls.total.figures;
  if (savedNanoUsd === 0)
    return html`<div class="block">
      <h3>Saved</h3>
      <p>Nothing whose price is known.</p>
    </div>`;
  const series = kindColours.flatMap(([kind, colour]): readonly ChartSeries[] => {
    const sums = calls.saved.all.get(kind);
    return sums === undefined
      ? []
      : [{ name: html`${kind}`, colour, values: axis.map(({ place }) => sums.at(place)) }];
  });
  return stackedChart({
    id: 'saved',
    heading: 'Saved by caches',
    summary: `On average ${money(Math.round(savedNanoUsd / Math.max(1, axis.length)))} per ${calls.timeline.unit}: what the answers had cost when they were bought.`,
    axis,
    series,
    format: money,
    ticks: moneyTicks,
    hasLegend: true,
    whole: true,
  });
}
