import type { ReportedUsage } from './answer.ts';

/** What a model costs, in USD per million tokens. */
export interface ModelPrice {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  /** Default: the input price. */
  readonly cachedInputUsdPerMTok?: number;
  /** Default: the input price. */
  readonly cacheWriteUsdPerMTok?: number;
}

/** What the provider will charge for one model. */
export interface ModelBooks {
  /** Requests that were taken on, also when the client gave up on them; refusals and failures are free. */
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In billionths of a USD; 0 for a model without a price. */
  readonly billedNanoUsd: number;
}

/** One request's line in the books. */
export interface Bill {
  /**
   * Closes the line: input in full, output by the share that was generated (rounded down). Only the first time counts.
   * Returns what is charged for it, in billionths of a USD.
   */
  settle(share: number): number;
}

/** The provider's side of the ledger, per model. */
export class Books {
  readonly #prices: Readonly<Record<string, ModelPrice>>;
  readonly #models = new Map<string, ModelBooks>();

  constructor(prices: Readonly<Record<string, ModelPrice>>) {
    this.#prices = prices;
  }

  open(model: string, usage: ReportedUsage): Bill {
    let charged: number | undefined;
    return {
      settle: (share) => (charged ??= this.#add(model, usage, Math.floor(usage.outputTokens * share))),
    };
  }

  /** A copy, by model. */
  snapshot(): Readonly<Record<string, ModelBooks>> {
    return Object.fromEntries(this.#models);
  }

  clear(): void {
    this.#models.clear();
  }

  #add(model: string, usage: ReportedUsage, outputTokens: number): number {
    const charged = costNanoUsd(this.#prices[model], usage, outputTokens);
    const before = this.#models.get(model) ?? {
      requests: 0,
      inputTokens: 0,
      outputTokens: 0,
      billedNanoUsd: 0,
    };
    this.#models.set(model, {
      requests: before.requests + 1,
      inputTokens: before.inputTokens + usage.inputTokens,
      outputTokens: before.outputTokens + outputTokens,
      billedNanoUsd: before.billedNanoUsd + charged,
    });
    return charged;
  }
}

/** A USD per million tokens is 1,000 nano-USD a token. */
function costNanoUsd(price: ModelPrice | undefined, usage: ReportedUsage, outputTokens: number): number {
  if (price === undefined) return 0;
  const { inputUsdPerMTok, outputUsdPerMTok } = price;
  const { cachedInputUsdPerMTok = inputUsdPerMTok, cacheWriteUsdPerMTok = inputUsdPerMTok } = price;
  const plainInput = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens;
  return Math.round(
    1000 *
      (plainInput * inputUsdPerMTok +
        usage.cachedInputTokens * cachedInputUsdPerMTok +
        usage.cacheWriteTokens * cacheWriteUsdPerMTok +
        outputTokens * outputUsdPerMTok),
  );
}
