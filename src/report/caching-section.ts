import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { cachingCharts } from './caching-charts.ts';
import { answeredOf, askedOf, knowsPromptCache, usesCache } from './caching.ts';
import { isUnknownCost } from './cost.ts';
import { count, counted, duration, money, none, percent, shortCount } from './format.ts';
import { html, type Html } from './html.ts';
import type { ReportFacts } from './report-facts.ts';
import { savedTable } from './saved-table.ts';
import { nameMarkup } from './shown-name.ts';
import { tile } from './tile.ts';

/** What caches saved: of this package, and those of providers. */
export function cachingSection(facts: ReportFacts): Html {
  const all = facts.calls.total.figures;
  const hasCache = usesCache(all);
  return html`<section aria-labelledby="caching">
    <h2 id="caching">Caching</h2>
    ${
      !hasCache &&
      html`<p>
        No call came to a cache. With <code>cache()</code> among the interceptors, what is asked again is not
        paid for again.
      </p>`
    }
    ${
      (hasCache || knowsPromptCache(all)) &&
      html`<dl class="tiles">${hasCache && cacheTiles(all)}${promptCacheTile(all)}</dl>`
    }
    ${
      hasCache &&
      html`<div class="charts three">${cachingCharts(facts)}</div>
        <div class="columns">${tables(facts)}</div>`
    }
  </section>`;
}

function cacheTiles(all: ReceiptFigures): readonly (Html | false)[] {
  const { savedNanoUsd, savedUnpriced, savedMs, costNanoUsd } = all;
  const { cacheHits, cacheStale, cacheCoalesced, cacheBypassed } = all;
  const { cacheItemsKnown: known, cacheItemsAsked, cacheItemsCoalesced: shared } = all;
  const [answered, asked] = [answeredOf(all), askedOf(all)];
  const items = known + shared + cacheItemsAsked;
  return [
    tile(
      'Saved by caches',
      isUnknownCost({ costNanoUsd: savedNanoUsd, unpriced: savedUnpriced }) ? none : money(savedNanoUsd),
      html`${percent(savedNanoUsd, savedNanoUsd + costNanoUsd)} of what would have been
      spent${savedUnpriced > 0 && `; more by ${counted(savedUnpriced, 'call')} of unknown price`}`,
    ),
    tile(
      'Hit rate',
      percent(answered, asked),
      `${count(answered)} of ${counted(asked, 'call')} that a cache was asked for made no request; ${count(cacheBypassed)} passed it by`,
    ),
    tile(
      'Kept answers',
      count(cacheHits + cacheStale),
      `${count(cacheStale)} of them old, and asked for anew; beside them ${count(cacheCoalesced)} shared with a call under way`,
    ),
    tile('Time saved', duration(savedMs), 'what kept answers had taken when they were bought'),
    items > 0 &&
      tile(
        'Known inputs',
        percent(known, items),
        `${shortCount(known)} of ${shortCount(items)} inputs of embeddings; ${shortCount(shared)} were on their way for another call`,
      ),
  ];
}

function promptCacheTile(all: ReceiptFigures): Html {
  const { inputTokens, cachedInputTokens, promptCacheWrittenTokens } = all;
  const { promptCacheSavedNanoUsd: saved, promptCacheUnpriced } = all;
  return tile(
    'Providers’ own caches',
    percent(cachedInputTokens, inputTokens),
    knowsPromptCache(all)
      ? html`${savedByInput(saved, promptCacheUnpriced)}; ${shortCount(promptCacheWrittenTokens)} tokens
        written${promptCacheUnpriced > 0 && `; ${counted(promptCacheUnpriced, 'call')} of unknown price`}`
      : `${shortCount(cachedInputTokens)} tokens of input`,
  );
}

function savedByInput(savedNanoUsd: number, unpriced: number): string {
  if (isUnknownCost({ costNanoUsd: savedNanoUsd, unpriced }))
    return 'what input from there saved is not known';
  return savedNanoUsd < 0
    ? `${money(-savedNanoUsd)} more spent than without them`
    : `${money(savedNanoUsd)} saved by input from there`;
}

function tables({ calls, tag }: ReportFacts): readonly (Html | undefined)[] {
  const { cacheKinds, models, users, features, teams, tenants } = calls;
  const all = calls.total.figures;
  const byCaller = (one: string) => ({ one, nobody: `no ${one} named` });
  return [
    savedTable(cacheKinds, { one: 'kind', nobody: '', hasRates: false }, all),
    savedTable(models, { one: 'model', nobody: 'no model answered' }, all),
    savedTable(features, { one: 'feature', nobody: html`no tag <code>${nameMarkup(tag)}</code>` }, all),
    savedTable(teams, byCaller('team'), all),
    savedTable(tenants, byCaller('tenant'), all),
    savedTable(users, byCaller('user'), all),
  ];
}
