import type { Exposed } from './exposed-arm.ts';
import { count, duration, money, none, percent, shortCount } from './format.ts';
import { html, type Html } from './html.ts';
import { nameMarkup } from './shown-name.ts';
import { table } from './table.ts';

/** Of those that receipts alone tell of, so many are shown. */
export const exposedShown = 12;
const armsShown = 12;

/** What receipts tell of arms. @param because why no more than that is told */
export function exposedBlocks(exposed: readonly Exposed[], because: string): readonly Html[] {
  return exposed.slice(0, exposedShown).map((each) => block(each, because));
}

function block({ name, arms }: Exposed, because: string): Html {
  const calls = arms.reduce((sum, { figures }) => sum + figures.calls, 0);
  const shown = arms.slice(0, armsShown);
  return html`<div class="block">
    <h3>${nameMarkup(name)}</h3>
    <p>${because}</p>
    ${table({
      label: 'Arms, from receipts',
      caption: shown.length < arms.length ? `${shown.length} of ${count(arms.length)} arms` : 'All arms',
      heads: ['arm', 'Calls', 'Share', 'Errors', 'Cost a call', 'p50', 'p95'],
      rows: shown.map(({ group, figures, costNanoUsd }) => [
        nameMarkup(group.arm),
        shortCount(figures.calls),
        percent(figures.calls, calls),
        percent(figures.failed, figures.calls),
        costNanoUsd === undefined ? none : money(Math.round(costNanoUsd)),
        duration(figures.p50Ms),
        duration(figures.p95Ms),
      ]),
    })}
  </div>`;
}
