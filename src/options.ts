import * as z from 'zod/mini';
import type { Classify } from './core/classifier.ts';
import type { Clock } from './core/clock.ts';
import type { Tokenizer } from './core/estimates.ts';
import type { Interceptor } from './core/interceptor.ts';
import type { Route } from './core/route.ts';
import type { State } from './core/state.ts';
import type { ManagedLLMError } from './errors/managed-llm-error.ts';
import { ceilingOptionsSchema, type CeilingOptions } from './interceptors/budget/ceiling-options.ts';
import { pricesSchema, type ModelsOption, type PricesOptions } from './pricing/models-option.ts';
import type { PoolDeclaration, ProviderClient, ProviderInput } from './providers/declaration.ts';

/** `provider/model`, of the providers at hand; `openai#2/gpt-6.1-sol` names a pool's member. */
export type TargetOf<P> = {
  readonly [K in Extract<keyof P, string>]: P[K] extends PoolDeclaration<ProviderClient>
    ? `${K}/${string}` | `${K}#${number}/${string}`
    : `${K}/${string}`;
}[Extract<keyof P, string>];

/** Routes by name: an alias `provider/model`, or a rule, or the name of another route (`N`), also inside rules. */
export type RoutesOf<P, N extends string = never> = Readonly<
  Record<string, TargetOf<P> | N | Route<TargetOf<P> | N>>
>;

/** What `model` takes in the neutral API: any text, of which an editor suggests the routes that are known by name. */
export type ModelOf<P, R> =
  | (string extends keyof R ? never : Extract<keyof R, string>)
  | TargetOf<P>
  | (string & {});

/** Options of `ManagedLLM`, checked at construction and then fixed. An unknown key is an error that names the nearest known one. */
export interface ManagedLLMOptions<
  P extends Readonly<Record<string, ProviderInput>>,
  R extends RoutesOf<P, Extract<keyof R, string>> = RoutesOf<P>,
> {
  /**
   * SDK clients under names of yours: `openai` and `@anthropic-ai/sdk` classes and their variants, `provider(client, …)`,
   * `pool(…)`, `foreign()` labels for `llm.fetch`, or `(caller) => client`. Names contain no slash.
   */
  readonly providers: P;
  /** Logical model names: an alias `provider/model`, another route, or a rule such as `fallback(…)`. Usable as `model` on every client. */
  readonly routes?: R;
  /**
   * What targets are, what they cost and can do, for what the catalogue cannot know: deployments, fine-tuned models, gateways,
   * machines of yours, discounts; and which snapshots aliases are pinned to. By `provider/model`, or `provider/*` for all of a provider; what is said of one model goes
   * before what is said of all. What a name leads to that the catalogue does not have is told through `onError`.
   *
   * @example
   * ```ts
   * models: { 'openai/ft:gpt-4.1-mini:acme::x1': { is: 'gpt-4.1-mini', price: { inputUsdPerMTok: 0.8, outputUsdPerMTok: 3.2 } } },
   * ```
   */
  readonly models?: ModelsOption<TargetOf<P>>;
  /** How prices are found. Default: by exact ids alone. */
  readonly prices?: PricesOptions;
  /** How `maxCostUsd` of settings is held. */
  readonly ceilings?: CeilingOptions;
  /**
   * Counts tokens of texts, for the models that it knows, where the built-in estimate from a text's look is not good enough.
   * Used for what is expected of a request, never for what bounds it. Called on the way to the provider: keep it quick.
   * Default: none; then texts are not looked at as a whole.
   *
   * @example
   * ```ts
   * tokenizer: { count: (text, { provider }) => (provider === 'openai' ? countTokens(text) : undefined) },
   * ```
   */
  readonly tokenizer?: Tokenizer;
  /** In any order: each stands at its own stage; the order given counts only within a stage. */
  readonly interceptors?: readonly (Interceptor | readonly Interceptor[])[];
  /** Where facts live that calls share. Default `memoryState()`: in this process, gone with it. */
  readonly state?: State;
  /** A stream nobody has read from for so long is cancelled and settled as abandoned. Milliseconds; `false`: never. Default 600,000. */
  readonly unreadStreamMs?: number | false;
  /**
   * What becomes of a stream that its caller aborts or stops reading. `estimate`: it is cancelled at once, and what it cost
   * is estimated. `drain`: the caller is let go as ever, but the stream is read on unseen, for up to a minute, until the
   * provider has told its usage; exact, and dearer, for the provider generates all of it. Default `estimate`.
   */
  readonly stoppedStreams?: 'estimate' | 'drain';
  /** Serverless: called with a promise for each call's settlement, so that the platform keeps the function alive. */
  readonly waitUntil?: (settled: Promise<unknown>) => void;
  /** Faults that must not hurt a call: listeners that throw, broken interceptors. Default: a process warning. */
  readonly onError?: (error: ManagedLLMError, context: string) => void;
  /**
   * The last word on what a failed attempt is (`rate-limit`, `quota`, …), and so on whether it is retried, moved on from,
   * or counted against the target. Asked once for each attempt that a provider, the way to it, or its time limit failed;
   * not for aborts, nor for what an interceptor refused. Synchronous. A throw or a wrong answer goes to `onError`, and the
   * default stands. Default: `docs/failures.md`.
   *
   * @example
   * ```ts
   * classify: ({ target, status }) => (target.provider === 'local' && status === 500 ? { kind: 'overloaded' } : undefined),
   * ```
   */
  readonly classify?: Classify;
  /** Time. Default: the machine's. Tests give `manualClock()`. */
  readonly clock?: Clock;
  /** Uniform in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: () => number;
}

const aFunction = z.custom((value) => typeof value === 'function', 'must be a function');
const aState = z.custom(
  (value) => typeof value === 'object' && value !== null && 'ledger' in value,
  'is no state: give `memoryState()`, or `redisState({ client })` of `managed-llm/redis`, `sqliteState({ path })` of ' +
    '`managed-llm/sqlite` or `postgresState({ pool })` of `managed-llm/postgres`',
);
const aTokenizer = z.custom(
  (value) =>
    typeof value === 'object' && value !== null && 'count' in value && typeof value.count === 'function',
  'must be an object with a function `count`',
);
const anObject = z.custom((value) => typeof value === 'object' && value !== null, 'must be an object');

/** Schema of {@link ManagedLLMOptions}; providers, routes and interceptors are checked one by one where they are used. */
export const managedLLMOptionsSchema = z.strictObject({
  providers: anObject,
  routes: z.optional(anObject),
  models: z.optional(anObject),
  prices: z.optional(pricesSchema),
  ceilings: z.optional(ceilingOptionsSchema),
  tokenizer: z.optional(aTokenizer),
  interceptors: z.optional(z.array(z.unknown())),
  state: z.optional(aState),
  unreadStreamMs: z.optional(z.union([z.literal(false), z.number().check(z.positive())])),
  stoppedStreams: z.optional(z.enum(['estimate', 'drain'])),
  waitUntil: z.optional(aFunction),
  onError: z.optional(aFunction),
  classify: z.optional(aFunction),
  clock: z.optional(anObject),
  random: z.optional(aFunction),
});
