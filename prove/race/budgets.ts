import { budget, type Budget } from 'managed-llm';
import { patiently } from './patiently.ts';
import type { Provider, Size } from './plan.ts';
import type { Billed } from './provider.ts';

/** The budget that is raced for, and one that counts each provider apart. */
export interface Budgets {
  readonly raced: Budget;
  readonly apart: Budget;
}

/** How a budget's books stand. */
export interface Standing extends Billed {
  readonly reservedNanoUsd: number;
}

/** More than anybody asks for: counted, never reached. */
const plentyUsd = 10_000;
const plentyTokens = 1_000_000_000;

export function budgetsOf(name: string, { limitUsd, outputLimit }: Size): Budgets {
  const common = { window: 'total', outputLimit } as const;
  return {
    raced: budget({ ...common, name, limitUsd, limitTokens: plentyTokens }),
    apart: budget({ ...common, name: `${name} apart`, per: 'provider', limitUsd: plentyUsd }),
  };
}

export async function standingOf({ raced, apart }: Budgets, provider?: Provider): Promise<Standing> {
  const status = await patiently(() =>
    provider === undefined ? raced.status() : apart.status({ provider }),
  );
  return {
    nanoUsd: nano(status.usedUsd),
    tokens: status.usedTokens,
    reservedNanoUsd: nano(status.reservedUsd),
  };
}

/** Books are kept in whole billionths; `status` tells them in USD. */
export function nano(usd: number): number {
  return Math.round(usd * 1e9);
}
