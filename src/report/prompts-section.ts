import { tokensOf } from './breakdown.ts';
import { cost } from './cost.ts';
import { count, counted, duration, percent, shortCount, type Moments } from './format.ts';
import { groupCalls } from './group-cells.ts';
import type { GroupFigures } from './groups.ts';
import { html, type Html, type HtmlContent } from './html.ts';
import type { PromptVersion } from './prompt-version.ts';
import type { ReportFacts } from './report-facts.ts';
import { nameMarkup } from './shown-name.ts';
import { table } from './table.ts';

const versionsShown = 30;
/** Enough to tell contents apart. */
const hashShown = 8;

/** What calls came to by the prompts that they were rendered from; nothing where no call was. */
export function promptsSection({ calls, moments }: ReportFacts): Html | undefined {
  const { all, size, isCut, isCounted } = calls.prompts;
  if (all.length === 0) return undefined;
  const shown = all.slice(0, versionsShown);
  const names = [...new Set(all.map(({ group }) => group.name))];
  return html`<section aria-labelledby="prompts">
    <h2 id="prompts">Prompts</h2>
    <p>
      ${isCut ? (isCounted ? '' : 'More than ') : `${counted(names.length, 'prompt')} in `}${counted(size, 'version')};
      the one that was used last comes first. Calls whose messages were written by hand are not here.
    </p>
    ${table({
      label: 'Prompts',
      caption:
        shown.length < size
          ? `The ${shown.length} versions that were used last, of ${isCounted ? '' : 'more than '}${count(size)}`
          : 'All versions',
      heads: [
        'version',
        'Calls',
        'Errors',
        'Cost a call',
        'p50',
        'p95',
        'Tokens a call',
        'First used',
        'Last used',
      ],
      rows: byName(shown, names).map((version) => cells(version, moments)),
    })}
  </section>`;
}

/** Versions of one prompt stand together. */
function byName(
  versions: readonly GroupFigures<PromptVersion>[],
  names: readonly string[],
): readonly GroupFigures<PromptVersion>[] {
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = ({ group }: GroupFigures<PromptVersion>): number => places.get(group.name) ?? 0;
  return versions.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function cells(version: GroupFigures<PromptVersion>, moments: Moments): readonly HtmlContent[] {
  const { group, figures, isPartial, firstAt, lastAt } = version;
  return [
    nameOf(group),
    groupCalls(version),
    percent(figures.failed, figures.calls),
    cost(version),
    duration(figures.p50Ms),
    duration(figures.p95Ms),
    shortCount(Math.round(tokensOf(figures) / figures.calls)),
    `${isPartial ? '≤ ' : ''}${moments.minute(firstAt)}`,
    moments.minute(lastAt),
  ];
}

function nameOf({ name, version, hash, labels }: PromptVersion): Html {
  return html`${nameMarkup(name)}@${nameMarkup(version)}
    <small
      ><code>${nameMarkup(hash.slice(0, hashShown))}</code>${[...labels].map(
        (label) => html` ${nameMarkup(label)}`,
      )}</small
    >`;
}
