import { metrics, type ExperimentMetric } from '../experiments/metrics.ts';
import type { ArmResult, ExperimentResults } from '../experiments/results.ts';
import { knownCost } from './arm-cost.ts';
import { comparisons, decision } from './comparisons.ts';
import type { MeasuredExperiment } from './experiments.ts';
import { cost } from './cost.ts';
import { exposedIn } from './exposed-arm.ts';
import { exposedBlocks, exposedShown, notShown } from './exposed-blocks.ts';
import { none, percent, shortCount, type Moments } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import { metricWordings } from './metric-wording.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { table } from './table.ts';
import { unreadNote } from './unread.ts';

const fromReceipts =
  'From receipts alone, since its counts are not at hand: without scores, and without saying whether its arms differ.';

/** What experiments have come to; nothing where there are none. */
export function experimentsSection({ experiments, calls, moments, madeAt }: ReportFacts): Html | undefined {
  const { measured, left, names, areCurrent } = experiments;
  const exposed = exposedIn(calls.arms.experiments).filter(({ name }) => !names.has(name));
  if (measured.length + exposed.length === 0 && experiments.unread === undefined) return undefined;
  const more = left + Math.max(0, exposed.length - exposedShown);
  return html`<section aria-labelledby="experiments">
    <h2 id="experiments">Experiments</h2>
    ${unreadNote('What was counted of experiments', experiments)}
    ${
      measured.length > 0 &&
      html`<p>
        ${areCurrent ? `As they stood on ${moments.minute(madeAt)}, whatever time this page is about.` : 'By the results that this page was given.'}
        Arms are compared by the first call of each subject. Evidence alone decides: “between” holds at all
        times and for all arms together, and is so wide that it may still contain 0 when the verdict is known.
        Scores are what <code>llm.feedback</code> said: they are counted in the state, and are in no receipt.
      </p>`
    }
    ${measured.map((one, index) => measuredBlock(one, numberAmong(measured, index), moments))}
    ${exposedBlocks(exposed, fromReceipts)} ${notShown(more, calls.arms.experiments.isCut)}
  </section>`;
}

/** Of several with one name, which; they may have been given by different applications. */
function numberAmong(all: readonly MeasuredExperiment[], index: number): string {
  const name = all[index]?.results.experiment;
  const alike = (some: readonly MeasuredExperiment[]): number =>
    some.filter(({ results }) => results.experiment === name).length;
  return alike(all) > 1 ? `${alike(all.slice(0, index + 1))} of ${alike(all)}` : '';
}

function measuredBlock({ results, since }: MeasuredExperiment, number: string, moments: Moments): Html {
  return html`<div class="block">
    <h3>${nameMarkup(results.experiment)}${number !== '' && html` <small>${number}</small>`}</h3>
    <p>${decision(results)}${since !== undefined && ` Since ${moments.minute(since)}.`}</p>
    <div class="pair">${armsTable(results)}${comparisons(results)}</div>
  </div>`;
}

function armsTable(results: ExperimentResults): Html {
  const arms = Object.entries(results.arms);
  const calls = arms.reduce((sum, [, arm]) => sum + arm.calls, 0);
  const shown = metrics.filter((metric) => isShown(metric, results));
  return table({
    label: 'Arms of the experiment',
    caption: 'Means of all calls',
    heads: ['arm', 'Calls', 'Share', ...shown.map((metric) => metricWordings[metric].heading)],
    rows: arms.map(([name, arm]): readonly HtmlContent[] => [
      html`${nameMarkup(name)}${name === results.control && name !== 'control' && html` <small>control</small>`}`,
      shortCount(arm.calls),
      percent(arm.calls, calls),
      ...shown.map((metric) => meanOf(metric, arm)),
    ]),
  });
}

function meanOf(metric: ExperimentMetric, arm: ArmResult): HtmlContent {
  const measured = arm.metrics[metric];
  if (metric === 'costUsd') return cost(knownCost(arm));
  return measured === undefined ? none : metricWordings[metric].format(measured.mean);
}

const alwaysShown: ReadonlySet<ExperimentMetric> = new Set(['error', 'costUsd', 'latencyMs']);

/** Refusals, schemas and scores where there were any. */
function isShown(metric: ExperimentMetric, { arms, decision: { by } }: ExperimentResults): boolean {
  if (metric === by || alwaysShown.has(metric)) return true;
  return Object.values(arms).some(({ metrics: measured }) =>
    metric === 'refusal' ? (measured.refusal?.mean ?? 0) > 0 : measured[metric] !== undefined,
  );
}
