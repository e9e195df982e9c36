import { createHash } from 'node:crypto';
import { budgetsSection } from './budgets-section.ts';
import { usesCache } from './caching.ts';
import { cachingSection } from './caching-section.ts';
import { canariesSection } from './canaries-section.ts';
import { callsSection } from './calls-section.ts';
import { experimentsSection } from './experiments-section.ts';
import { html, trusted, type Html } from './html.ts';
import { promptsSection } from './prompts-section.ts';
import type { ReportFacts } from './report-facts.ts';
import { script } from './script.ts';
import { shownName } from './shown-name.ts';
import { spendSection } from './spend-section.ts';
import { style } from './style.ts';
import { timesSection } from './times-section.ts';
import { totalsSection } from './totals-section.ts';

/** Lets nothing in from outside, and no script but our own: should a name get past all escaping, it could do nothing. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The whole document. */
export function page(facts: ReportFacts): string {
  const title = shownName(facts.title);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        <header>
          <h1><bdi>${title}</bdi></h1>
          <p>${period(facts)}</p>
        </header>
        <main>${facts.calls.firstAt === undefined ? nothing(facts) : calls(facts)}</main>
        ${notes(facts)} ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `.markup;
}

function calls(facts: ReportFacts): Html {
  return html`${totalsSection(facts)} ${spendSection(facts)} ${cachingSection(facts)} ${budgetsSection(facts)}
  ${callsSection(facts)} ${timesSection(facts)} ${promptsSection(facts)} ${experimentsSection(facts)}
  ${canariesSection(facts)}`;
}

function nothing(facts: ReportFacts): Html {
  return html`<p class="empty">No call of this time is kept.</p>
    ${budgetsSection(facts)} ${experimentsSection(facts)} ${canariesSection(facts)}`;
}

function period({ moments, timeZone, from, to, calls, madeAt }: ReportFacts): string {
  const first = from ?? calls.firstAt;
  const last = to === undefined ? calls.lastAt : to - 1;
  const made = `made on ${moments.minute(madeAt)}`;
  if (first === undefined || last === undefined) return `${timeZone}, ${made}`;
  const [start, end] = [moments.day(first), moments.day(last)];
  return `${start === end ? start : `${start} to ${end}`} (${timeZone}), ${made}`;
}

function notes({ calls }: ReportFacts): Html {
  const { total, models, users, features, teams, tenants, prompts, arms } = calls;
  const isCut = [models, users, features, teams, tenants].some((breakdown) => breakdown.isCut);
  return html`<footer>
    <h2>How to read this</h2>
    <ul>
      <li>
        Spend is what the attempts of all calls cost, failed and repeated ones too, by the usage that
        providers reported or, where they did not, by an estimate. What an invoice says may differ. Of calls
        whose price or usage is not known it is unknown: they are in no sum and no mean.
      </li>
      <li>
        Errors are calls that failed or took longer than they may. Refused ones, and those that the
        application gave up, are told apart.
      </li>
      <li>Times are of calls that a model answered to the end, right to a hundredth.</li>
      <li>
        A call stands where it began, and with the model that answered it at last; what an attempt cost, with
        the model it went to.
      </li>
      ${usesCache(total.figures) && html`<li>What caches saved is what their answers had cost and taken when they were bought, and what shared ones cost the call that they were shared with. A fresh answer might have cost more or less.</li>`}
      ${isCut && html`<li>There were too many to tell all apart: what is told of small ones may be too little, and is then among the others.</li>`}
      ${(prompts.isCut || arms.isCut) && html`<li>There were too many versions of prompts, or arms of experiments or canaries, to keep all: those that were not used for the longest time are left out. Of those marked with ≥ that were used again since, earlier calls are not counted.</li>`}
    </ul>
  </footer>`;
}
