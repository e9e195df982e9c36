/** What each kind of consumption costs, in billionths of a billionth of a USD (`atto-usd.ts`) for one. */
export interface UnitPrices {
  readonly input: bigint;
  /** `undefined`: the model has no output that is billed. */
  readonly output: bigint | undefined;
  /** As `input` where it is absent. */
  readonly cachedInput: bigint | undefined;
  /** As `input` where it is absent. */
  readonly cacheWrite: bigint | undefined;
  /** Lifetimes with a price of their own, by the name of their count. */
  readonly cacheWriteByTtl: Readonly<Record<string, bigint>>;
  readonly audioInput: bigint | undefined;
  readonly audioOutput: bigint | undefined;
  /** As `input` where it is absent. */
  readonly imageInput: bigint | undefined;
  readonly imageOutput: bigint | undefined;
  /** As `output` where it is absent. */
  readonly reasoning: bigint | undefined;
}

/** Unit prices for prompts of more than so many tokens. */
export interface UnitPricesAbove {
  readonly inputTokens: number;
  readonly prices: UnitPrices;
}

/** A price as it is at one time. */
export interface PriceList {
  readonly base: UnitPrices;
  /** By rising length. They hold for the whole request. */
  readonly above: readonly UnitPricesAbove[];
  /** For a request, whatever it uses. */
  readonly request: bigint;
  /** For one request of a server tool, by the name of its count. */
  readonly serverTools: Readonly<Record<string, bigint>>;
}

/** When a price holds. */
export interface DatedPriceList {
  /** First millisecond; `undefined`: from the beginning. */
  readonly from?: number | undefined;
  /** Milliseconds of the day, UTC; over midnight where the end is before the start. */
  readonly daily?: { readonly start: number; readonly end: number } | undefined;
  readonly list: PriceList;
}

/** The unit prices for a prompt of so many tokens. */
export function pricesFor(list: PriceList, inputTokens: number): UnitPrices {
  let prices = list.base;
  for (const above of list.above) if (inputTokens > above.inputTokens) prices = above.prices;
  return prices;
}

const dayMs = 86_400_000;

/** The last of the dated lists that holds; `undefined` where none does. */
export function indexAt(dated: readonly DatedPriceList[], at: number): number | undefined {
  const index = dated.findLastIndex(
    ({ from, daily }) => (from === undefined || at >= from) && (daily === undefined || isWithin(daily, at)),
  );
  return index < 0 ? undefined : index;
}

function isWithin({ start, end }: { readonly start: number; readonly end: number }, at: number): boolean {
  const time = ((at % dayMs) + dayMs) % dayMs;
  return end < start ? time >= start || time < end : time >= start && time < end;
}
