import { toNanoUsd } from '../../core/nano-usd.ts';
import type { OnUnknownPrice, SetAsideOptions } from './ceiling-options.ts';

/** How money is set aside, whoever says so. */
export interface SetAside {
  readonly outputLimit: number;
  readonly maxWaitMs: number;
  /** Whole nano-USD of requests that are priced as a whole. */
  readonly fixedNanoUsd: ReadonlyMap<string, number>;
  readonly onUnknownPrice: OnUnknownPrice;
}

export function setAsideOf({
  outputLimit = 16_384,
  maxWaitMs = 10_000,
  passthroughUsd = {},
  onUnknownPrice = 'refuse',
}: SetAsideOptions): SetAside {
  const fixed = Object.entries(passthroughUsd).map(([name, usd]) => [name, toNanoUsd(usd)] as const);
  return { outputLimit, maxWaitMs, fixedNanoUsd: new Map(fixed), onUnknownPrice };
}
