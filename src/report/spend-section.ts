import type { ReceiptFigures } from '../core/receipt-figures.ts';
import type { Breakdown, Subject, SubjectFigures } from './breakdown.ts';
import { swatch, type ChartSeries, type Colour } from './chart.ts';
import { count, counted, duration, money, moneyTicks, percent, shortCount } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { stackedChart } from './stacked-chart.ts';
import { shortTime } from './timeline.ts';

/** How a breakdown is called on the page. */
interface Wording {
  readonly id: string;
  /** `model`; its plural has an s. */
  readonly one: string;
  /** Calls that name none. */
  readonly nobody: HtmlContent;
  /** What to do so that there is something to tell. */
  readonly hint: HtmlContent;
  /** What its chart shows, in words. */
  readonly summary: (
    facts: ReportFacts,
    subjects: Breakdown,
    wording: Wording,
    top: readonly SubjectFigures[],
  ) => HtmlContent;
}

const colours: readonly Colour[] = [1, 2, 3, 4, 5, 6];
const rowsShown = 10;

/** What was spent, by everything that calls tell themselves apart by. */
export function spendSection(facts: ReportFacts): Html {
  const { models, users, features, teams, tenants } = facts.calls;
  const tag = nameMarkup(facts.tag);
  return html`<section aria-labelledby="spend">
    <h2 id="spend">Spend</h2>
    ${breakdown(facts, models, {
      id: 'models',
      one: 'model',
      nobody: 'no model answered',
      hint: 'No request went to a model.',
      summary: summaryOfTime,
    })}
    ${breakdown(facts, users, {
      id: 'users',
      one: 'user',
      nobody: 'no user named',
      hint: html`No call says whose it is. Give it <code>user</code>, as in
        <code>llm.run({ user }, …)</code>.`,
      summary: summaryOfSubjects,
    })}
    ${breakdown(facts, features, {
      id: 'features',
      one: 'feature',
      nobody: html`no tag <code>${tag}</code>`,
      hint: html`No call has the tag <code>${tag}</code>. Give it one, as in
        <code>llm.run({ tags: { feature: 'search' } }, …)</code>.`,
      summary: summaryOfSubjects,
    })}
    ${teams.namedCount > 0 && breakdown(facts, teams, byCaller('team'))}
    ${tenants.namedCount > 0 && breakdown(facts, tenants, byCaller('tenant'))}
  </section>`;
}

function byCaller(one: string): Wording {
  return { id: `${one}s`, one, nobody: `no ${one} named`, hint: '', summary: summaryOfSubjects };
}

function breakdown(facts: ReportFacts, subjects: Breakdown, wording: Wording): Html {
  const { id, one, hint, summary } = wording;
  const heading = `Spend by ${one}`;
  if (subjects.namedCount === 0)
    return html`<div class="block">
      <h3 id="${id}-h">${heading}</h3>
      <p>${hint}</p>
    </div>`;
  const top = subjects.top(rowsShown);
  const all = facts.calls.total.figures;
  const chart =
    all.costNanoUsd > 0
      ? stackedChart({
          id,
          heading,
          summary: summary(facts, subjects, wording, top),
          axis: facts.axis,
          series: seriesOf(facts, top.slice(0, colours.length), subjects.size > colours.length, wording),
          format: money,
          ticks: moneyTicks,
          hasLegend: false,
          whole: true,
        })
      : html`<div class="block">
          <h3 id="${id}-h">${heading}</h3>
          <p>None of it has a known price, or it cost nothing.</p>
        </div>`;
  return html`<div class="pair">${chart}${table(subjects, wording, top, all)}</div>`;
}

function summaryOfTime({ calls, axis }: ReportFacts): HtmlContent {
  const { costNanoUsd } = calls.total.figures;
  const [peak] = axis
    .map((step) => ({ step, nanoUsd: stepCost(calls, step.place) }))
    .toSorted((a, b) => b.nanoUsd - a.nanoUsd);
  const mean = money(Math.round(costNanoUsd / Math.max(1, axis.length)));
  const { unit } = calls.timeline;
  return (
    peak && `On average ${mean} per ${unit}. The most: ${money(peak.nanoUsd)} (${shortTime(peak.step)}).`
  );
}

function summaryOfSubjects(
  { calls }: ReportFacts,
  subjects: Breakdown,
  { one, nobody }: Wording,
  top: readonly SubjectFigures[],
): HtmlContent {
  const first = top.find(({ name }) => name !== undefined);
  const number = `${subjects.isCut ? 'More than ' : ''}${counted(subjects.namedCount, one)}`;
  return (
    first &&
    html`${number}. The first, ${name(first, nobody)}, spent
    ${percent(first.figures.costNanoUsd, calls.total.figures.costNanoUsd)} of all.`
  );
}

function stepCost({ overTime }: ReportFacts['calls'], place: number | undefined): number {
  return place === undefined ? 0 : (overTime[place]?.figures.costNanoUsd ?? 0);
}

function seriesOf(
  { calls, axis }: ReportFacts,
  top: readonly SubjectFigures[],
  hasOthers: boolean,
  { nobody }: Wording,
): readonly ChartSeries[] {
  const named = top.map((subject, index) => ({
    name: name(subject, nobody),
    colour: colours[index] ?? 0,
    values: axis.map(({ place }) => subject.spend.at(place)),
  }));
  if (!hasOthers) return named;
  const others = axis.map(
    ({ place }) => stepCost(calls, place) - top.reduce((nanoUsd, { spend }) => nanoUsd + spend.at(place), 0),
  );
  return [...named, { name: html`all others`, colour: 0, values: others }];
}

function name({ name: own, of }: Subject, nobody: HtmlContent): Html {
  if (own === undefined) return html`<em>${nobody}</em>`;
  return of === undefined ? nameMarkup(own) : html`${nameMarkup(own)} <small>${nameMarkup(of)}</small>`;
}

/** What of figures a table tells. */
type Told = Pick<
  ReceiptFigures,
  'calls' | 'failed' | 'costNanoUsd' | 'inputTokens' | 'outputTokens' | 'p95Ms'
>;

function table(
  subjects: Breakdown,
  { one, nobody }: Wording,
  top: readonly SubjectFigures[],
  all: ReceiptFigures,
): Html {
  const hasTimes = subjects.keepsTimes;
  const left = subjects.size - top.length;
  const dearest = Math.max(0, ...top.map(({ figures }) => figures.costNanoUsd));
  const row = (heading: Html, figures: Told, colour: Colour, hasBar: boolean): Html =>
    html`<tr>
      <th scope="row">
        ${swatch(colour)}${heading}${hasBar && dearest > 0 && bar(figures.costNanoUsd / dearest, colour)}
      </th>
      <td>${money(figures.costNanoUsd)}</td>
      <td>${percent(figures.costNanoUsd, all.costNanoUsd)}</td>
      <td>${shortCount(figures.calls)}</td>
      <td>${shortCount(figures.inputTokens + figures.outputTokens)}</td>
      <td>${percent(figures.failed, figures.calls)}</td>
      ${hasTimes && html`<td>${duration(figures.p95Ms)}</td>`}
    </tr> `;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Top ${one}s">
    <table class="top">
      <caption>
        ${left > 0 ? `The top ${top.length} ${one}s` : `All ${one}s`}
      </caption>
      <thead>
        <tr>
          <th scope="col">${one}</th>
          <th scope="col">Spend</th>
          <th scope="col">Share</th>
          <th scope="col">Calls</th>
          <th scope="col">Tokens</th>
          <th scope="col">Errors</th>
          ${hasTimes && html`<th scope="col">p95</th>`}
        </tr>
      </thead>
      <tbody>
        ${top.map((subject, index) => row(name(subject, nobody), subject.figures, colours[index] ?? 0, true))}${
          left > 0 && row(html`${count(left)} others`, others(top, all), 0, false)
        }
      </tbody>
    </table>
  </div>`;
}

function bar(share: number, colour: Colour): Html {
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <path class="f${colour}" d="M0 0h${(100 * share).toFixed(1)}v1H0z" />
  </svg>`;
}

function others(top: readonly SubjectFigures[], all: ReceiptFigures): Told {
  const rest = (member: 'calls' | 'failed' | 'costNanoUsd' | 'inputTokens' | 'outputTokens'): number =>
    top.reduce((left, { figures }) => left - figures[member], all[member]);
  return {
    calls: rest('calls'),
    failed: rest('failed'),
    costNanoUsd: rest('costNanoUsd'),
    inputTokens: rest('inputTokens'),
    outputTokens: rest('outputTokens'),
    p95Ms: undefined,
  };
}
