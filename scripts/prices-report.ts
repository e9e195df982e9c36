import type { Catalogue } from '../src/pricing/catalogue.ts';
import type { Overlay, Sourced } from '../src/pricing/overlay/rows.ts';
import { datedListsOf } from '../src/pricing/own-price.ts';
import { indexAt, type DatedPriceList } from '../src/pricing/price-list.ts';

/** What is to be compared. */
export interface PricesCheck {
  /** The installed data by itself. */
  readonly data: Catalogue;
  /** The same with the overlay. */
  readonly catalogue: Catalogue;
  readonly overlay: Overlay;
  /** Ids that the SDKs' types name, by the catalogue's provider. */
  readonly sdkIds: Readonly<Record<string, readonly string[]>>;
  /** When the SDKs say that models end, by the catalogue's provider: the day of each id. */
  readonly sdkEnds: Readonly<Record<string, ReadonlyMap<string, string>>>;
  /** Epoch milliseconds. */
  readonly today: number;
}

/** A part of the report: what it is about, and its lines. */
export interface ReportPart {
  readonly title: string;
  readonly lines: readonly string[];
}

const oldAfterDays = 90;
const dayMs = 86_400_000;

/** What of the overlay has had its day, and what there is no price for. */
export function pricesReport(check: PricesCheck): readonly ReportPart[] {
  return [
    { title: 'Rows that the installed data makes superfluous', lines: staleRows(check) },
    { title: 'Limits that differ from the installed data', lines: differingLimits(check) },
    { title: 'Ids in the types of the SDKs without a price', lines: missingIds(check) },
    { title: 'Ends of models that the SDKs tell otherwise', lines: differingEnds(check) },
    { title: `Rows read more than ${oldAfterDays} days ago`, lines: oldRows(check) },
  ];
}

function staleRows({ data, overlay, today }: PricesCheck): readonly string[] {
  const lines: string[] = [];
  for (const { provider, ids, price } of overlay.models) {
    for (const id of ids) {
      const found = data.find(provider, id, false);
      if (found === undefined) continue;
      const isSame = priceNow(found.prices, today) === priceNow(datedListsOf(price), today);
      lines.push(
        `models: ${provider}/${id} is in the data${isSame ? ', at the same price' : ', at another price'}`,
      );
    }
  }
  for (const { provider, model, ids } of overlay.aliases) {
    for (const id of ids) {
      const found = data.find(provider, id, false);
      if (found === undefined) continue;
      lines.push(`aliases: ${provider}/${id} is in the data${found.id === model ? '' : `, as ${found.id}`}`);
    }
  }
  return lines;
}

function differingLimits({ data, overlay }: PricesCheck): readonly string[] {
  return overlay.limits.flatMap(({ provider, ids, contextTokens }) =>
    ids.flatMap((id) => {
      const listed = data.find(provider, id, false)?.contextTokens;
      if (listed === undefined || contextTokens === undefined || listed === contextTokens) return [];
      return [`${provider}/${id}: ${contextTokens} tokens of context, ${listed} in the data`];
    }),
  );
}

function priceNow(lists: readonly DatedPriceList[] | undefined, today: number): string {
  const index = lists && indexAt(lists, today);
  const list = index === undefined ? undefined : lists?.[index]?.list;
  const { base, above } = list ?? {};
  return JSON.stringify({ base, above }, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function missingIds({ catalogue, sdkIds, today }: PricesCheck): readonly string[] {
  return Object.entries(sdkIds).flatMap(([provider, ids]) =>
    ids.flatMap((id) => {
      const found = catalogue.find(provider, id, false);
      if (found?.prices !== undefined && indexAt(found.prices, today) !== undefined) return [];
      return [`${provider}/${id}${found?.withheld === undefined ? '' : `: ${found.withheld}`}`];
    }),
  );
}

/** What has ended already harms nobody who does not ask for it. */
function differingEnds({ overlay, sdkEnds, today }: PricesCheck): readonly string[] {
  return Object.entries(sdkEnds).flatMap(([provider, ends]) =>
    [...ends].flatMap(([id, day]) => {
      const row = overlay.retirements.find((each) => each.provider === provider && each.ids.includes(id));
      if (row?.retiresAt === day || (row === undefined && Date.parse(day) <= today)) return [];
      return [`${provider}/${id}: ${day}${row === undefined ? '' : `, ${row.retiresAt} in the table`}`];
    }),
  );
}

function oldRows({ overlay, today }: PricesCheck): readonly string[] {
  const kinds: readonly (readonly [string, readonly (Sourced & { readonly ids?: readonly string[] })[]])[] =
    Object.entries(overlay);
  return kinds.flatMap(([kind, rows]) =>
    rows.flatMap(({ ids, source, asOf }) => {
      const days = Math.floor((today - Date.parse(asOf)) / dayMs);
      if (days <= oldAfterDays) return [];
      return [`${kind}: ${(ids ?? ['all']).join(', ')} (${asOf}, ${days} days; ${source})`];
    }),
  );
}
