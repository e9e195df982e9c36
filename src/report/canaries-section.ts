import type { CanaryArm } from '../canaries/definition.ts';
import type { CanaryArmStatus, CanaryStatus, CanaryStep } from '../core/canary-status.ts';
import { canarySteps, inPercent } from './canary-steps.ts';
import { cost } from './cost.ts';
import { exposedIn } from './exposed-arm.ts';
import { exposedBlocks, exposedShown, notShown } from './exposed-blocks.ts';
import { counted, duration, none, percent, plain, shortCount, type Moments } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup, textMarkup } from './shown-name.ts';
import { bar } from './subject-table.ts';
import { table } from './table.ts';
import { unreadNote } from './unread.ts';

const fromReceipts = 'From receipts alone, since where it stands is not at hand.';
const canariesShown = 12;
const historyShown = 10;

/** How far canaries are, what was seen of them, and how they came there; nothing where there are none. */
export function canariesSection({ canaries, calls, moments, madeAt }: ReportFacts): Html | undefined {
  const { all, areCurrent } = canaries;
  const names = new Set(all.map(({ canary }) => canary));
  const exposed = exposedIn(calls.arms.canaries).filter(({ name }) => !names.has(name));
  if (all.length + exposed.length === 0 && canaries.unread === undefined) return undefined;
  const shown = all.slice(0, canariesShown);
  const told: Told = { moments, repeated: repeatedIn(all), unpriced: unpricedIn(calls.arms.canaries) };
  const more = all.length - shown.length + Math.max(0, exposed.length - exposedShown);
  return html`<section aria-labelledby="canaries">
    <h2 id="canaries">Canaries</h2>
    ${unreadNote('Where canaries stand', canaries)}
    ${
      shown.length > 0 &&
      html`<p>
        ${areCurrent ? `As they stood on ${moments.minute(madeAt)}, whatever time this page is about.` : 'By the status that this page was given.'}
        Compared are the first calls of each subject at the current step.
      </p>`
    }
    ${shown.map((canary) => block(canary, told))} ${exposedBlocks(exposed, fromReceipts)}
    ${notShown(more, calls.arms.canaries.isCut)}
  </section>`;
}

/** What else is known when one is told. */
interface Told {
  readonly moments: Moments;
  /** Names that several have. */
  readonly repeated: ReadonlySet<string>;
  /** Calls of unknown price, as receipts tell. */
  unpriced(canary: string, arm: CanaryArm): number;
}

function repeatedIn(all: readonly CanaryStatus[]): ReadonlySet<string> {
  const names = all.map(({ canary }) => canary);
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
}

function unpricedIn(arms: ReportFacts['calls']['arms']['canaries']): Told['unpriced'] {
  const { all } = arms;
  return (canary, arm) => all.find(({ group }) => group.of === canary && group.arm === arm)?.unpriced ?? 0;
}

function block(status: CanaryStatus, told: Told): Html {
  const { moments } = told;
  return html`<div class="block">
    <h3>${heading(status, told)}</h3>
    <p>${phaseOf(status, moments)}</p>
    ${canarySteps(status)}
    <div class="pair">${armsTable(status, told)}${guardsTable(status)}</div>
    ${historyTable(status, moments)}
  </div>`;
}

function heading({ canary, startedAt }: CanaryStatus, { moments, repeated }: Told): Html {
  const begun = repeated.has(canary) && html` <small>begun on ${moments.minute(startedAt)}</small>`;
  return html`${nameMarkup(canary)}${begun}`;
}

function phaseOf(
  { phase, percent: share, since, startedAt, waitsFor }: CanaryStatus,
  moments: Moments,
): Html {
  const [at, began] = [moments.minute(since), `It began on ${moments.minute(startedAt)}.`];
  switch (phase) {
    case 'ramping':
      return html`<b>Ramping up:</b> ${inPercent(share)} of subjects get it since ${at}. ${began}
        ${waitsFor !== '' && html`Waits for: ${textMarkup(waitsFor)}`}`;
    case 'promoted':
      return html`<b>Promoted:</b> all get it since ${at}. ${began}`;
    case 'rolled-back':
      return html`<b>Rolled back:</b> nobody gets it since ${at}. ${began}`;
    default:
      return phase satisfies never;
  }
}

function armsTable({ canary, arms, minSamples }: CanaryStatus, { unpriced }: Told): Html {
  return table({
    label: 'Arms of the canary',
    caption: `Each step wants ${counted(minSamples, 'subject')} of the canary`,
    heads: ['arm', 'Calls', 'Subjects', 'Errors', 'p95', 'Mean cost', 'Score'],
    rows: (['stable', 'canary'] as const).map((arm) => [arm, ...armCells(arms[arm], unpriced(canary, arm))]),
  });
}

function armCells(arm: CanaryArmStatus, unpriced: number): readonly HtmlContent[] {
  const { calls, subjects, errorRate, p95LatencyMs, costUsd, score } = arm;
  return [
    shortCount(calls),
    shortCount(subjects),
    errorRate === undefined ? none : percent(errorRate, 1),
    duration(p95LatencyMs),
    cost({ costNanoUsd: costUsd === undefined ? undefined : costUsd * 1e9, unpriced }),
    score === undefined ? none : plain(score),
  ];
}

function guardsTable({ guards }: CanaryStatus): Html {
  return table({
    label: 'Guards of the canary',
    caption: 'Evidence, in parts of what is needed',
    heads: ['guard', 'Verdict', 'Against', 'For', 'Shown'],
    rows: guards.map(({ guard, verdict, towardsBreach, towardsHeld, shown }) => [
      html`<code>${guard}</code>`,
      verdict,
      html`${percent(towardsBreach, 1)}${bar(towardsBreach, 6)}`,
      html`${percent(towardsHeld, 1)}${bar(towardsHeld, 3)}`,
      textMarkup(shown),
    ]),
    kind: 'words',
  });
}

function historyTable({ history }: CanaryStatus, moments: Moments): Html | undefined {
  if (history.length === 0) return undefined;
  const shown = history.toReversed().slice(0, historyShown);
  return table({
    label: 'History of the canary',
    caption:
      shown.length < history.length ? `The latest ${shown.length} changes` : 'Changes, the latest first',
    heads: ['when', 'Change', 'By', 'Reason'],
    rows: shown.map((step) => [
      moments.minute(step.at),
      changeOf(step),
      step.by === undefined ? html`<em>itself</em>` : nameMarkup(step.by),
      textMarkup(step.reason),
    ]),
    kind: 'words',
  });
}

function changeOf({ to, percent: share }: CanaryStep): string {
  switch (to) {
    case 'ramping':
      return `to ${inPercent(share)}`;
    case 'promoted':
      return 'promoted';
    case 'rolled-back':
      return 'rolled back';
    default:
      return to satisfies never;
  }
}
