import * as z from 'zod/mini';
import { operations, type Operation } from '../../core/dialect.ts';
import { mostUsd } from '../../core/nano-usd.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { CallSettings } from '../../core/settings.ts';
import { setAsideShape, type SetAsideOptions } from './ceiling-options.ts';
import { misspeltRequest } from './paid-requests.ts';
import { offsetsOf } from '../../core/time-zone.ts';
import type { BudgetWindow } from './windows.ts';

/** What a budget may know of an attempt beside who asks. */
export interface BudgetedCall {
  /** The client's name; of a pool's member, the pool's. */
  readonly provider: string | undefined;
  /** `provider/model` that the attempt goes to, the provider as above. */
  readonly target: string | undefined;
  /** The route that the call took, if any. */
  readonly route: string | undefined;
  readonly operation: Operation | undefined;
}

/** One thing that a budget counts apart by. */
export type BudgetPart =
  | 'user'
  | 'team'
  | 'tenant'
  | 'credential'
  | 'provider'
  | 'model'
  | 'route'
  | { readonly tag: string }
  | ((caller: CallSettings, call: BudgetedCall) => string | undefined);

/** What a budget counts apart by: nothing, one thing, or several together. */
export type BudgetPer = 'global' | BudgetPart | readonly BudgetPart[];

/**
 * How much: the same for all; a table by subject, as alerts and `status` name it, with a default; or a function of who
 * asks, called for each attempt. Where it comes to `undefined`, there is no limit, and everything is counted all the same.
 */
export type BudgetLimit =
  | number
  | { readonly by: Readonly<Record<string, number>>; readonly default?: number }
  | ((caller: CallSettings) => number | undefined);

/** What a budget limits. At least one of the two. */
export interface BudgetLimits {
  /** USD in one window: 0 to 9,000,000. */
  readonly limitUsd?: BudgetLimit;
  /** Tokens in one window, input and output together: a whole number, at least 0. */
  readonly limitTokens?: BudgetLimit;
}

/** Which calls a budget counts. What is left out does not restrict; what is given must all fit. */
export interface BudgetCovers {
  /** Names of clients; a pool's name holds for its members. */
  readonly providers?: readonly string[];
  /** `provider/model`; a pool's name holds for its members. */
  readonly models?: readonly string[];
  readonly operations?: readonly Operation[];
  /** Values that tags of the call must have. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Options of `budget`. */
export interface BudgetOptions extends BudgetLimits, SetAsideOptions {
  /** Tells budgets apart, in messages and in the state: processes that share a state count under one name together. */
  readonly name: string;
  /**
   * What is counted apart. `user` and `team` of different tenants are different ones. `provider` takes a pool for one, and so
   * does `model`, which is `provider/model`; `credential` is the client, of a pool the member, and the caller where each has
   * one of their own. A list counts every combination apart. Default `'global'`.
   */
  readonly per?: BudgetPer;
  /**
   * Over what it adds up, by the store's clock: a unit of the calendar (weeks begin on Monday), the last so many
   * milliseconds, all time, or until `reset` is called (`'manual'`).
   */
  readonly window: BudgetWindow;
  /** Whose calendar: an IANA name, `Europe/Berlin`. Default `'UTC'`. */
  readonly timeZone?: string;
  /**
   * What becomes of an attempt that it has too little left for. `refuse`: `budget-exceeded`, 402. `warn`: it is counted and
   * noted in `receipt.facts.shadow`. `downgrade`: the call goes to this target or route instead, once, where it is counted
   * like any; refused there too, it is refused. Default `'refuse'`.
   */
  readonly onExceed?: 'refuse' | 'warn' | { readonly downgrade: string };
  /** Shares of a limit, above 0 and up to 10, at which `budget:alert` is told, once each. Default `[0.5, 0.8, 1]`. */
  readonly alertAt?: readonly number[];
  /**
   * What is set aside for an attempt. `strict`: the most that it can cost, so that what is spent never passes the limit.
   * `expected`: what it is expected to cost, so that more calls run at once, and the limit can be passed by what they cost
   * beyond that. Default `'strict'`.
   */
  readonly reserve?: 'strict' | 'expected';
  /** What becomes of a call that does not say whose it is. `skip`: it is not counted. Default `'refuse'`, with `caller-required`. */
  readonly onMissing?: 'refuse' | 'skip';
  /**
   * What becomes of calls while the store cannot be asked. `allow`: they are let through, which is reported, and counted
   * when it can be asked again. Default `'refuse'`, with `state-unreachable`.
   */
  readonly onStateFailure?: 'refuse' | 'allow';
  /** Default: all calls. */
  readonly covers?: BudgetCovers;
}

const aShare = z.custom<number>(
  (value) => typeof value === 'number' && value > 0 && value <= 10,
  'must be a share of the limit, above 0 and up to 10: 0.8 is 80 %',
);

const aFunction = z.custom<(...given: never) => unknown>(
  (value) => typeof value === 'function',
  'must be a function',
);

const limitOf = (one: z.ZodMiniNumber | z.ZodMiniNumberFormat) =>
  z.optional(
    z.union([one, z.strictObject({ by: z.record(z.string(), one), default: z.optional(one) }), aFunction]),
  );

/** Members of a schema. */
const limitsShape = {
  limitUsd: limitOf(z.number().check(z.gte(0), z.lte(mostUsd))),
  limitTokens: limitOf(z.int().check(z.gte(0))),
};

const aPart = z.union([
  z.enum(['user', 'team', 'tenant', 'credential', 'provider', 'model', 'route']),
  z.strictObject({ tag: z.string() }),
  aFunction,
]);

const budgetOptionsSchema = z.strictObject({
  ...setAsideShape,
  ...limitsShape,
  name: z.string().check(z.minLength(1)),
  per: z.optional(z.union([z.literal('global'), aPart, z.array(aPart).check(z.minLength(1))])),
  window: z.union([
    z.enum(['minute', 'hour', 'day', 'week', 'month', 'total', 'manual']),
    z.strictObject({ rollingMs: z.int().check(z.gte(1_000)) }),
  ]),
  timeZone: z.optional(z.string()),
  onExceed: z.optional(
    z.union([z.enum(['refuse', 'warn']), z.strictObject({ downgrade: z.string().check(z.minLength(1)) })]),
  ),
  alertAt: z.optional(z.array(aShare)),
  reserve: z.optional(z.enum(['strict', 'expected'])),
  onMissing: z.optional(z.enum(['refuse', 'skip'])),
  onStateFailure: z.optional(z.enum(['refuse', 'allow'])),
  covers: z.optional(
    z.strictObject({
      providers: z.optional(z.array(z.string())),
      models: z.optional(z.array(z.string())),
      operations: z.optional(z.array(z.enum(operations))),
      tags: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

const budgetLimitsSchema = z.strictObject(limitsShape);

/** Throws `invalid-options`. */
export function parseBudgetOptions(options: BudgetOptions): BudgetOptions {
  const parsed = parseOptions(budgetOptionsSchema, options, 'budget');
  const { limitUsd, limitTokens, window, timeZone, per, onMissing, onUnknownPrice, passthroughUsd } = parsed;
  if (limitUsd === undefined && limitTokens === undefined)
    throw invalidOption('budget', 'states no limit: give `limitUsd` or `limitTokens`');
  if (timeZone !== undefined) checkTimeZone(timeZone, window);
  for (const name of Object.keys(passthroughUsd ?? {})) checkRequest(name);
  if ((per ?? 'global') === 'global' && onMissing !== undefined)
    throw invalidOption('budget.onMissing', 'says nothing without `per`: every call is counted');
  if (onUnknownPrice !== undefined && limitUsd === undefined)
    throw invalidOption('budget.onUnknownPrice', 'says nothing without `limitUsd`: tokens have no price');
  return parsed;
}

/** Something on top of limits for a while. At least one of the two amounts. */
export interface BudgetRaise {
  /** USD, 0 to 9,000,000. */
  readonly usd?: number;
  /** A whole number, at least 0. */
  readonly tokens?: number;
  /** For how long, from now. Milliseconds, > 0. */
  readonly forMs: number;
}

const budgetRaiseSchema = z.strictObject({
  usd: z.optional(z.number().check(z.gte(0), z.lte(mostUsd))),
  tokens: z.optional(z.int().check(z.gte(0))),
  forMs: z.number().check(z.positive()),
});

/** Throws `invalid-options`. */
export function parseRaise(raise: BudgetRaise, name: string): BudgetRaise {
  const parsed = parseOptions(budgetRaiseSchema, raise, `${name}.raise`);
  if (parsed.usd === undefined && parsed.tokens === undefined)
    throw invalidOption(`${name}.raise`, 'raises nothing: give `usd` or `tokens`');
  return parsed;
}

/** The same for limits that are changed later. */
export function parseBudgetLimits(limits: BudgetLimits, name: string): BudgetLimits {
  return parseOptions(budgetLimitsSchema, limits, `${name}.setLimits`);
}

function checkRequest(name: string): void {
  const misspelt = misspeltRequest(name);
  if (misspelt === undefined) return;
  const { nearest } = misspelt;
  throw invalidOption(
    'budget.passthroughUsd',
    `has ${JSON.stringify(name)}, which is no request: ${nearest === undefined ? 'names are those of docs/budgets.md, or paths' : `did you mean \`${nearest}\`?`}`,
  );
}

function checkTimeZone(timeZone: string, window: BudgetWindow): void {
  if (typeof window === 'object' || window === 'total' || window === 'manual')
    throw invalidOption('budget.timeZone', 'says nothing with a window that is no unit of the calendar');
  offsetsOf(timeZone, 'budget.timeZone');
}
