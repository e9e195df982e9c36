import type { Breakdown, SubjectFigures } from './breakdown.ts';
import type { ChartSeries } from './chart.ts';
import { counted, percent } from './format.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import { measureFor, type Measure } from './measure.ts';
import { stepFigures, type ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { stackedChart } from './stacked-chart.ts';
import { rowsShown, subjectColours, subjectName, subjectTable } from './subject-table.ts';
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
  readonly summary: (shown: Shown) => HtmlContent;
}

interface Shown {
  readonly facts: ReportFacts;
  readonly subjects: Breakdown;
  readonly measure: Measure;
  readonly top: readonly SubjectFigures[];
  readonly wording: Wording;
}

/** What was spent, or which tokens were used where nothing has a price, by everything that calls tell themselves apart by. */
export function spendSection(facts: ReportFacts): Html {
  const { models, users, features, teams, tenants } = facts.calls;
  const tag = nameMarkup(facts.tag);
  return html`<section aria-labelledby="spend">
    <h2 id="spend">Spend</h2>
    ${
      facts.calls.total.figures.costNanoUsd === 0 &&
      html`<p>None of it has a known price, or it cost nothing. Here is what was used instead.</p>`
    }
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
  const { id, one, nobody, hint, summary } = wording;
  const all = facts.calls.total.figures;
  const measure = measureFor(all);
  const heading = `${measure.heading} by ${one}`;
  if (subjects.namedCount === 0)
    return html`<div class="block">
      <h3>${heading}</h3>
      <p>${hint}</p>
    </div>`;
  const top = subjects.top(rowsShown);
  const chart = stackedChart({
    id,
    heading,
    summary: summary({ facts, subjects, measure, top, wording }),
    axis: facts.axis,
    series: seriesOf(facts, subjects, measure, nobody),
    format: measure.format,
    ticks: measure.ticks,
    hasLegend: false,
    whole: true,
  });
  return html`<div class="pair">${chart}${subjectTable(subjects, wording, top, all, measure)}</div>`;
}

function summaryOfTime({ facts, measure }: Shown): HtmlContent {
  const { axis, calls } = facts;
  const steps = stepFigures(facts).map((figures) => (figures === undefined ? 0 : measure.of(figures)));
  const most = Math.max(0, ...steps);
  const peak = axis[steps.indexOf(most)];
  const mean = Math.round(measure.of(calls.total.figures) / Math.max(1, axis.length));
  return (
    peak &&
    `On average ${measure.format(mean)} per ${calls.timeline.unit}. The most: ${measure.format(most)} (${shortTime(peak)}).`
  );
}

function summaryOfSubjects({ facts, subjects, measure, top, wording }: Shown): HtmlContent {
  const { one, nobody } = wording;
  const first = top.find(({ name }) => name !== undefined);
  const number = `${subjects.isCut ? 'More than ' : ''}${counted(subjects.namedCount, one)}`;
  const all = measure.of(facts.calls.total.figures);
  return (
    first &&
    html`${number}. The first, ${subjectName(first, nobody)}, makes
    ${percent(measure.of(first.figures), all)}.`
  );
}

function seriesOf(
  facts: ReportFacts,
  subjects: Breakdown,
  measure: Measure,
  nobody: HtmlContent,
): readonly ChartSeries[] {
  const shown = subjects.top(subjectColours.length);
  const named = shown.map((subject, index) => ({
    name: subjectName(subject, nobody),
    colour: subjectColours[index] ?? 0,
    values: facts.axis.map(({ place }) => measure.overTime(subject).at(place)),
  }));
  if (subjects.size <= shown.length) return named;
  const others = stepFigures(facts).map((figures, step) =>
    named.reduce(
      (left, { values }) => left - (values[step] ?? 0),
      figures === undefined ? 0 : measure.of(figures),
    ),
  );
  return [...named, { name: html`all others`, colour: 0, values: others }];
}
