import { isUnknownCost } from './cost.ts';
import { count, counted, duration, money, none, percent, shortCount } from './format.ts';
import { html, type Html } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { tile } from './tile.ts';

/** The figures that everybody looks at first. */
export function totalsSection({ calls: { total, rescued } }: ReportFacts): Html {
  const all = total.figures;
  const { costNanoUsd, estimatedNanoUsd, unpriced, inputTokens, outputTokens, cachedInputTokens } = all;
  return html`<section aria-labelledby="totals">
    <h2 id="totals" class="unseen">In total</h2>
    <dl class="tiles">
      ${tile(
        'Spend',
        isUnknownCost(all) ? none : money(costNanoUsd),
        isUnknownCost(all)
          ? 'not known of any call that may have cost something'
          : estimatedNanoUsd > 0
            ? `${money(estimatedNanoUsd)} of it (${percent(estimatedNanoUsd, costNanoUsd)}) estimated, not reported`
            : 'none of it estimated',
      )}
      ${tile('Calls', count(all.calls), `${counted(all.attempts, 'request')} to models`)}
      ${tile(
        'Tokens',
        shortCount(inputTokens + outputTokens),
        `${shortCount(inputTokens)} in, of these ${shortCount(cachedInputTokens)} cached; ${shortCount(outputTokens)} out`,
      )}
      ${tile(
        'Errors',
        percent(all.failed, all.calls),
        `${count(all.failed)} failed or took too long, ${count(all.refused)} refused; ${count(rescued)} saved by a further attempt`,
      )}
      ${tile(
        '95% answered within',
        duration(all.p95Ms),
        html`half within
        ${duration(all.p50Ms)}${all.firstEventP95Ms !== undefined && `; 95% of streams began within ${duration(all.firstEventP95Ms)}`}`,
      )}
      ${tile(
        'Calls of unknown price',
        count(unpriced),
        unpriced > 0 ? 'what they cost is missing in all sums' : 'every call is in the sums',
      )}
    </dl>
  </section>`;
}
