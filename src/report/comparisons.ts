import { burnIn } from '../experiments/mean.ts';
import { metrics, type ExperimentMetric } from '../experiments/metrics.ts';
import type { ArmResult, Comparison, ExperimentResults } from '../experiments/results.ts';
import { knownCost } from './arm-cost.ts';
import type { Colour } from './chart.ts';
import { counted, evidence, none, shortCount, signed } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import { metricWordings } from './metric-wording.ts';
import { nameMarkup } from './shown-name.ts';
import { bar } from './subject-table.ts';
import { table } from './table.ts';

/** An arm beside the control, in one metric. */
interface Compared {
  readonly arm: string;
  readonly metric: ExperimentMetric;
  /** Subjects of the arm, whose first calls are compared. */
  readonly subjects: number;
  readonly versusControl: Comparison;
}

/** What is to be done, in words. */
export function decision(results: ExperimentResults): Html {
  return html`${outcome(results)}${costNote(results)}`;
}

/** What is compared of costs is what is known of them. */
function costNote({ arms, decision: { by } }: ExperimentResults): Html | undefined {
  if (by !== 'costUsd') return undefined;
  const unpriced = Object.values<ArmResult>(arms).reduce((sum, arm) => sum + knownCost(arm).unpriced, 0);
  return unpriced === 0
    ? undefined
    : html` What ${counted(unpriced, 'call')} cost is not known, and not compared.`;
}

function outcome(results: ExperimentResults): Html {
  const { control, decision: decided } = results;
  const { by, better, worse } = metricWordings[decided.by];
  const others = Object.keys(results.arms).filter((arm) => arm !== control);
  if (decided.take === control)
    return html`<b>Keep ${nameMarkup(control)}</b>:
      ${others.length === 1 ? others.map(nameMarkup) : 'each other arm'} ${worse}.`;
  if (decided.take !== undefined)
    return html`<b>Take ${nameMarkup(decided.take)}</b>: it ${better} than ${nameMarkup(control)}.`;
  return html`<b>Not known yet,</b> going by ${by}. ${soFar(results)}`;
}

function soFar(results: ExperimentResults): string {
  const open = comparedIn(results, [results.decision.by]).filter(
    ({ versusControl }) => versusControl.verdict === 'undecided',
  );
  if (open.length === 0) return 'Nothing can be compared so far.';
  const most = Math.max(...open.map(({ versusControl }) => versusControl.eValue));
  return open.every(({ versusControl: { low } }) => low === undefined)
    ? `Means are compared from ${burnIn} subjects of each arm on.`
    : `The most evidence on an open arm is ${evidence(most)}, of the ${evidence(neededIn(results))} that are needed.`;
}

/** How arms compare with the control: by what decides, and behind that by everything that was measured. */
export function comparisons(results: ExperimentResults): Html | undefined {
  const { by } = results.decision;
  const all = comparedIn(results, [by, ...metrics.filter((metric) => metric !== by)]);
  if (all.length === 0) return undefined;
  const needed = neededIn(results);
  const deciding = all.filter(({ metric }) => metric === by);
  const heads = ['Verdict', 'Difference', 'Between', `Evidence of ${evidence(needed)}`];
  return html`<div>
    ${
      deciding.length > 0 &&
      table({
        label: 'Arms of the experiment, compared',
        caption: html`Compared with ${nameMarkup(results.control)}`,
        heads: ['arm', ...heads],
        rows: deciding.map((each) => [nameMarkup(each.arm), ...cells(each, needed)]),
      })
    }
    <details>
      <summary>By everything that is measured</summary>
      ${table({
        label: 'Arms of the experiment, compared by everything that is measured',
        caption: 'By everything that is measured',
        hidesCaption: true,
        heads: ['arm', 'By', 'Subjects', ...heads],
        rows: all.map((each) => [
          nameMarkup(each.arm),
          metricWordings[each.metric].heading,
          shortCount(each.subjects),
          ...cells(each, needed),
        ]),
      })}
    </details>
  </div>`;
}

function comparedIn({ arms }: ExperimentResults, wanted: readonly ExperimentMetric[]): readonly Compared[] {
  return wanted.flatMap((metric) =>
    Object.entries(arms).flatMap(([arm, { metrics: measured }]) => {
      const { first, versusControl } = measured[metric] ?? {};
      return versusControl === undefined ? [] : [{ arm, metric, subjects: first?.n ?? 0, versusControl }];
    }),
  );
}

/** The evidence that a verdict takes. */
function neededIn({ arms, alpha }: ExperimentResults): number {
  return (Object.keys(arms).length - 1) / alpha;
}

const verdicts: Readonly<Record<Comparison['verdict'], { readonly words: string; readonly colour: Colour }>> =
  {
    better: { words: 'better', colour: 3 },
    worse: { words: 'worse', colour: 6 },
    undecided: { words: 'open', colour: 0 },
  };

function cells({ metric, versusControl }: Compared, needed: number): readonly HtmlContent[] {
  const { difference, low, high, eValue, verdict } = versusControl;
  const { formatDifference } = metricWordings[metric];
  const told = (value: number): string => signed(value, formatDifference);
  const { words, colour } = verdicts[verdict];
  // Evidence multiplies: twice as much on this bar is its square.
  const share = Math.min(1, Math.max(0, Math.log(eValue) / Math.log(needed)));
  return [
    words,
    told(difference),
    low === undefined || high === undefined ? none : `${told(low)} to ${told(high)}`,
    html`${evidence(eValue)}${bar(share, colour)}`,
  ];
}
