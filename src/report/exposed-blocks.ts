import type { Exposed } from './exposed-arm.ts';
import { cost } from './cost.ts';
import { count, duration, percent } from './format.ts';
import { groupCalls } from './group-cells.ts';
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

/** How many are not shown. @param isCut receipts told of more than are known */
export function notShown(more: number, isCut: boolean): Html | undefined {
  if (more > 0) return html`<p>And ${isCut && 'at least '}${count(more)} more.</p>`;
  return isCut ? html`<p>There may be more.</p>` : undefined;
}

function block({ name, arms, isCut }: Exposed, because: string): Html {
  const calls = arms.reduce((sum, { figures }) => sum + figures.calls, 0);
  const shown = arms.slice(0, armsShown);
  return html`<div class="block">
    <h3>${nameMarkup(name)}</h3>
    <p>${because}</p>
    ${table({
      label: 'Arms, from receipts',
      caption: captionOf(shown.length, arms.length, isCut),
      heads: ['arm', 'Calls', 'Share', 'Errors', 'Cost a call', 'p50', 'p95'],
      rows: shown.map((arm) => {
        const { group, figures } = arm;
        return [
          nameMarkup(group.arm),
          groupCalls(arm),
          percent(figures.calls, calls),
          percent(figures.failed, figures.calls),
          cost(arm),
          duration(figures.p50Ms),
          duration(figures.p95Ms),
        ];
      }),
    })}
  </div>`;
}

function captionOf(shown: number, all: number, isCut: boolean): string {
  if (isCut) return 'Arms that were used last';
  return shown < all ? `${shown} of ${count(all)} arms` : 'All arms';
}
