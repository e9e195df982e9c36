import {
  budget,
  ManagedLLMError,
  memoryState,
  type Budget,
  type BudgetOptions,
  type BudgetSubject,
  type State,
} from 'managed-llm';
import { expect } from 'vitest';
import { governed, rejection, type Governed, type OptionsOf } from './governed.ts';

/** USD per million tokens: a token of input costs a micro-USD, one of output ten. */
export const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
/** Ten times as much. */
export const dearPrice = { inputUsdPerMTok: 10, outputUsdPerMTok: 100 };
const embeddingPrice = { inputUsdPerMTok: 1, outputUsdPerMTok: 0 };
/** So much that nobody can pay for it. */
const absurdPrice = { inputUsdPerMTok: 9_000_000, outputUsdPerMTok: 9_000_000 };

/** Of every provider all models cost the same, but for these. */
export const models = {
  'openai/*': { price },
  'anthropic/*': { price },
  'backup/*': { price },
  'openai/embedding': { price: embeddingPrice },
  'openai/dear': { price: dearPrice },
  'anthropic/dear': { price: dearPrice },
  'openai/absurd': { price: absurdPrice },
};

/** What the provider charges, for its own books. */
const prices = {
  gpt: price,
  claude: price,
  one: price,
  two: price,
  small: price,
  embedding: embeddingPrice,
  dear: dearPrice,
};

/** A `ManagedLLM` with these budgets, over a provider that keeps books. */
export interface Spending extends Governed {
  readonly spend: Budget;
  readonly budgets: readonly Budget[];
  readonly state: State;
}

export function spending(
  options: Partial<BudgetOptions> | readonly Partial<BudgetOptions>[] = {},
  more: OptionsOf = {},
  beside?: Pick<Governed, 'provider' | 'clock'>,
): Spending {
  const all = isList(options) ? options : [options];
  const budgets = all.map((each, index) =>
    budget({ name: `budget-${index + 1}`, limitUsd: 1, window: 'hour', ...each }),
  );
  const [spend] = budgets;
  if (spend === undefined) throw new TypeError('At least one budget.');
  let state: State | undefined;
  const world = governed(
    (clock) => {
      const others = typeof more === 'function' ? more(clock) : more;
      state = others.state ?? memoryState({ clock });
      return { models, ...others, state, interceptors: [...budgets, ...(others.interceptors ?? [])] };
    },
    { prices },
    beside,
  );
  if (state === undefined) throw new TypeError('No options were asked for.');
  return { ...world, state, spend, budgets };
}

/** The same without a budget, for ceilings. */
export function ceilinged(more: OptionsOf = {}): Governed {
  return governed((clock) => ({ models, ...(typeof more === 'function' ? more(clock) : more) }), { prices });
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** What the provider's own books say. USD. */
export function billedUsd({ provider }: Pick<Governed, 'provider'>): number {
  const nanoUsd = Object.values(provider.books).reduce((sum, { billedNanoUsd }) => sum + billedNanoUsd, 0);
  return nanoUsd / 1e9;
}

/** How a ceiling stands, as a refusal tells: by asking for what nobody can pay. Leaves one more receipt. */
export async function ceilingStatus(scoped: {
  readonly clients: Pick<Governed['llm']['clients'], 'openai'>;
}): Promise<CeilingStatus> {
  const error = await rejection(
    scoped.clients.openai.chat.completions.create({
      model: 'absurd',
      messages: [{ role: 'user', content: 'x' }],
    }),
  );
  const managed = ManagedLLMError.from(error);
  expect(managed?.code).toBe('ceiling-exceeded');
  return managed?.details as unknown as CeilingStatus;
}

export interface CeilingStatus {
  readonly ceiling: string;
  readonly limitUsd: number;
  readonly usedUsd: number;
  readonly reservedUsd: number;
  readonly spent: readonly unknown[];
}

/** Nothing set aside, and between what the provider bills and the limit. Gives back what is used, in USD. */
export async function accounted(world: Spending, of?: BudgetSubject): Promise<number> {
  await world.llm.idle();
  const billed = billedUsd(world);
  let most = 0;
  for (const each of world.budgets) {
    const { usedUsd, reservedUsd, reservedTokens, limitUsd } = await each.status(of);
    expect({ reservedUsd, reservedTokens }).toEqual({ reservedUsd: 0, reservedTokens: 0 });
    expect(usedUsd).toBeGreaterThanOrEqual(billed);
    if (limitUsd !== undefined) expect(usedUsd).toBeLessThanOrEqual(limitUsd);
    most = Math.max(most, usedUsd);
  }
  expect(world.errors.filter(({ code }) => code !== 'state-not-durable')).toEqual([]);
  return most;
}

/** The error of ours behind what an SDK raises. */
export async function refused(promise: Promise<unknown>): Promise<ManagedLLMError> {
  const error = ManagedLLMError.from(await rejection(promise));
  if (error === undefined) expect.fail('expected an error of ours');
  return error;
}
