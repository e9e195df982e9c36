import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { OnUnsupported, Quirks } from '../core/provider.ts';
import type { CallSettings } from '../core/settings.ts';
import { quirksNames, type QuirksName } from './quirks.ts';

/** What either SDK's client is to our types, so that neither need be installed. */
export interface ProviderClient {
  readonly baseURL: string;
  readonly maxRetries: number;
  readonly timeout: number;
  withOptions(options: never): unknown;
}

/** What is peculiar to one provider. */
export interface ProviderOptions {
  /** How the server differs from the protocol it speaks, by the server's name or in detail. */
  readonly quirks?: Quirks | QuirksName;
  /**
   * Its own model ids contain slashes, so `a/b` names one of them rather than another provider's model. Default: `true`
   * for base URLs of OpenRouter, Groq, Together and Hugging Face, else `false`.
   */
  readonly slashIds?: boolean;
  /**
   * What becomes of parts of a request that this provider's dialect has no place for, when the call was written in
   * another one: left out and told in the receipt, or the call refused before anything is sent. A route's or a call's
   * own word goes before it. Default `drop`.
   */
  readonly onUnsupported?: OnUnsupported;
}

const quirksSchema = z.strictObject({
  includeUsage: z.optional(z.boolean()),
  maxTokensField: z.optional(z.enum(['max_tokens', 'max_completion_tokens'])),
  mayEndWithoutTerminal: z.optional(z.boolean()),
  responsesApi: z.optional(z.boolean()),
  promptCacheKey: z.optional(z.boolean()),
  cacheControl: z.optional(z.boolean()),
});

const providerOptionsSchema = z.strictObject({
  quirks: z.optional(z.union([z.enum(quirksNames), quirksSchema])),
  slashIds: z.optional(z.boolean()),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});

/** A client with what is peculiar to its provider; made by {@link provider}. */
export class ProviderDeclaration<C> {
  readonly client: C;
  readonly options: ProviderOptions;

  constructor(client: C, options: ProviderOptions) {
    this.client = client;
    this.options = options;
  }
}

/** A label for calls of other SDKs through `llm.fetch(name)`; made by {@link foreign}. */
export class ForeignDeclaration {
  /** Tells the type from that of a declared client. */
  readonly foreign = true as const;
  readonly options: ProviderOptions;

  constructor(options: ProviderOptions) {
    this.options = options;
  }
}

/** Several clients of one provider, each with a key of its own; made by {@link pool}. */
export class PoolDeclaration<C> {
  readonly members: readonly (C | ProviderDeclaration<C>)[];

  constructor(members: readonly (C | ProviderDeclaration<C>)[]) {
    this.members = members;
  }
}

/** A client for each caller, or one declared by {@link provider}. Called on access with who is in scope; the result is kept in a bounded table. */
export type ProviderFunction<C> = (caller: Caller) => C;

/** Who a client is made for. */
export type Caller = Pick<CallSettings, 'user' | 'team' | 'tenant' | 'roles'>;

/** What `providers` takes. */
export type ProviderInput =
  | ProviderClient
  | ProviderDeclaration<ProviderClient>
  | PoolDeclaration<ProviderClient>
  | ForeignDeclaration
  | ProviderFunction<ProviderClient | ProviderDeclaration<ProviderClient>>;

/** The client behind a provider: the class that was given, never a wrapper type. */
export type ClientOf<T> = T extends ProviderDeclaration<infer C> | PoolDeclaration<infer C>
  ? C
  : T extends ForeignDeclaration
    ? never
    : T extends (caller: Caller) => infer R
      ? R extends ProviderDeclaration<infer C>
        ? C
        : R
      : T;

/**
 * Says what is peculiar to a provider, where it is given. `llm.clients.x` keeps the client's class.
 *
 * @example
 * ```ts
 * providers: { local: provider(new OpenAI({ baseURL, apiKey: 'none' }), { quirks: { includeUsage: false } }) }
 * ```
 * @throws `invalid-options` for unknown options.
 */
export function provider<C extends ProviderClient>(
  client: C,
  options: ProviderOptions = {},
): ProviderDeclaration<C> {
  return new ProviderDeclaration(
    client,
    Object.freeze({ ...parseOptions(providerOptionsSchema, options, 'provider') }),
  );
}

/**
 * Several clients of one provider, each with a key of its own, as one. Each call goes to the key with the most left of its
 * limits, in turn where they are equal; a key that is refused, limited or out of quota is followed by the next. In
 * receipts the members are `openai#1`, `openai#2`, …, by which they can be named too; limits that are given for the pool's
 * name hold for each member by itself.
 *
 * Files, batches and other paths without a model always use the first, and so does `llm.fetch`. What a provider keeps
 * (`previous_response_id`, files) is known to all only if the keys belong to one account.
 *
 * @example
 * ```ts
 * providers: { openai: pool(new OpenAI({ apiKey: keyOf('a') }), new OpenAI({ apiKey: keyOf('b') })) }
 * ```
 * @throws `invalid-options` when none is given, or the same client twice.
 */
export function pool<C extends ProviderClient>(
  ...clients: readonly (C | ProviderDeclaration<C>)[]
): PoolDeclaration<C> {
  if (clients.length === 0) throw invalidOption('pool', 'is empty: give at least one client');
  if (Array.isArray(clients[0]))
    throw invalidOption('pool', 'takes clients one by one, not as a list: `pool(a, b)`');
  const distinct = new Set(
    clients.map((given) => (given instanceof ProviderDeclaration ? given.client : given)),
  );
  if (distinct.size < clients.length) throw invalidOption('pool', 'holds the same client twice');
  return new PoolDeclaration(Object.freeze([...clients]));
}

/**
 * Declares a label for calls made by other SDKs through `llm.fetch(name)`.
 *
 * @throws `invalid-options` for unknown options.
 */
export function foreign(options: ProviderOptions = {}): ForeignDeclaration {
  return new ForeignDeclaration(
    Object.freeze({ ...parseOptions(providerOptionsSchema, options, 'foreign') }),
  );
}

const slashIdHosts = ['openrouter.ai', 'groq.com', 'together.ai', 'together.xyz', 'huggingface.co'];

/** Whether a server at this address has model ids with slashes. */
export function hasSlashIds(baseURL: string): boolean {
  const host = URL.canParse(baseURL) ? new URL(baseURL).hostname : '';
  return slashIdHosts.some((known) => host === known || host.endsWith(`.${known}`));
}
