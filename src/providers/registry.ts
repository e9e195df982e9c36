import { invalidOption } from '../core/parse-options.ts';
import type { Gate } from '../core/gate.ts';
import type { Provider } from '../core/provider.ts';
import type { CallSettings } from '../core/settings.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { CallContext, ReadContext } from './bound-settings.ts';
import { connect, type Connector } from './clients.ts';
import {
  ForeignDeclaration,
  PoolDeclaration,
  ProviderDeclaration,
  type ProviderInput,
} from './declaration.ts';
import { governedFetch, type GovernedFetch } from './fetch/governed-fetch.ts';
import { ForeignProvider } from './fetch/provider.ts';
import { callerKey, PerCallerProvider } from './per-caller.ts';
import { ProviderPool } from './pool.ts';
import { quirksOf } from './quirks.ts';

type Registered = Connector | PerCallerProvider | ForeignProvider | ProviderPool;

/** The providers of one `ManagedLLM`, by name. */
export class ProviderRegistry {
  /** Those that were given, and the members of pools. */
  readonly names: readonly string[];
  readonly #registered = new Map<string, Registered>();
  /** By the members' own names. */
  readonly #pools = new Map<string, ProviderPool>();

  constructor(inputs: Readonly<Record<string, ProviderInput>>) {
    if (Object.keys(inputs).length === 0)
      throw invalidOption('providers', 'is empty: give at least one client');
    for (const [name, input] of Object.entries(inputs)) {
      if (name === '' || name.includes('/'))
        throw invalidOption(`providers.${name}`, 'has a name with a slash, or an empty one');
      const registered = register(name, input);
      this.#registered.set(name, registered);
      if (registered instanceof ProviderPool)
        for (const member of registered.names) this.#pools.set(member, registered);
    }
    for (const member of this.#pools.keys()) {
      if (this.#registered.has(member))
        throw invalidOption(`providers.${member}`, 'has the name of a pool’s member');
    }
    this.names = [...this.#registered.keys(), ...this.#pools.keys()];
  }

  provider(name: string): Provider | undefined {
    const found = this.#registered.get(name);
    if (found === undefined) return this.#pools.get(name)?.member(name);
    return 'provider' in found ? found.provider : found;
  }

  /** The members of a pool; `undefined` for any other name. */
  membersOf(name: string): readonly string[] | undefined {
    const found = this.#registered.get(name);
    return found instanceof ProviderPool ? found.names : undefined;
  }

  /** The pool that a provider is a member of. */
  poolOf(member: string): string | undefined {
    return this.#pools.get(member)?.name;
  }

  /**
   * The base URL of a provider's clients, where they have one in common.
   *
   * @param settings of a caller: then that of its client, which is made if there is none yet
   */
  origin(name: string, settings?: CallSettings): string | undefined {
    const provider = this.provider(name);
    if (settings === undefined || provider === undefined) return provider?.origin;
    return clientOf(provider, settings)?.origin ?? provider.origin;
  }

  /** Whether there is a client for this caller. */
  serves(name: string, settings: CallSettings): boolean {
    const provider = this.provider(name);
    return provider !== undefined && clientOf(provider, settings) !== undefined;
  }

  /** Whether ids of the provider's own models contain slashes, for this caller. */
  slashIds(name: string, settings: CallSettings): boolean {
    const provider = this.provider(name);
    return (provider && clientOf(provider, settings))?.slashIds ?? false;
  }

  /** Governed clients under their names, each made on first use. */
  clients(gate: Gate, readContext: ReadContext): Readonly<Record<string, unknown>> {
    const clients = {};
    for (const [name, found] of this.#registered) {
      if (found instanceof ForeignProvider) continue;
      const get =
        found instanceof PerCallerProvider
          ? perCaller(name, found, gate, readContext)
          : once(name, found, gate, readContext);
      Object.defineProperty(clients, name, { get, enumerable: true });
    }
    return Object.freeze(clients);
  }

  /** The chain as a plain `fetch` under a provider's name. */
  fetch(name: string, gate: Gate, readContext: ReadContext): GovernedFetch {
    const found = this.#registered.get(name);
    if (found === undefined)
      throw invalidOption(
        `fetch(${JSON.stringify(name)})`,
        `names no provider. Providers: ${this.names.join(', ')}`,
      );
    const inner: GovernedFetch = (input, init) =>
      found instanceof ForeignProvider
        ? globalThis.fetch(input, init)
        : (found instanceof PerCallerProvider ? found.connector(readContext().settings) : found).fetch(
            input,
            init,
          );
    const member = found instanceof ProviderPool ? found.names[0] : undefined;
    return governedFetch(inner, { provider: name, member, gate, readContext });
  }
}

/** `undefined` where the application's function makes none: for a call without a caller, or for this one. */
function clientOf(provider: Provider, settings: CallSettings): Provider | undefined {
  try {
    return provider.serving(settings);
  } catch {
    return undefined;
  }
}

function register(name: string, input: ProviderInput): Registered {
  if (input instanceof ForeignDeclaration) {
    return new ForeignProvider(name, quirksOf(input.options.quirks), input.options.slashIds ?? false);
  }
  if (input instanceof PoolDeclaration) return new ProviderPool(name, input.members);
  if (input instanceof ProviderDeclaration) return connect(name, input.client, input.options);
  if (typeof input === 'function') {
    if (isClass(input))
      throw invalidOption(`providers.${name}`, 'is a class: give a client made of it, `new …(…)`');
    return new PerCallerProvider(name, input);
  }
  return connect(name, input, {});
}

/** Of a client: `withOptions` tells it from a function that returns one. */
function isClass(input: object): boolean {
  const prototype: unknown = Reflect.get(input, 'prototype');
  return typeof prototype === 'object' && prototype !== null && 'withOptions' in prototype;
}

function once(
  name: string,
  connector: Pick<Connector, 'govern'>,
  gate: Gate,
  readContext: ReadContext,
): () => unknown {
  let client: unknown;
  return () => (client ??= connector.govern({ provider: name, gate, readContext }));
}

/**
 * A client is bound to the caller in scope when it was taken, and refused to any other. One for each scope, as long as
 * that lasts.
 */
function perCaller(
  name: string,
  provider: PerCallerProvider,
  gate: Gate,
  readContext: ReadContext,
): () => unknown {
  const governed = new WeakMap<CallSettings, { readonly connector: Connector; readonly client: unknown }>();
  return () => {
    const { settings } = readContext();
    const connector = provider.connector(settings);
    const kept = governed.get(settings);
    if (kept?.connector === connector) return kept.client;
    const key = callerKey(settings);
    const client = connector.govern({
      provider: name,
      gate,
      readContext: () => boundTo(name, key, settings, readContext()),
    });
    governed.set(settings, { connector, client });
    return client;
  };
}

function boundTo(
  name: string,
  key: string | undefined,
  settings: CallSettings,
  now: CallContext,
): CallContext {
  const current = callerKey(now.settings);
  if (current === undefined) return { settings, watchers: now.watchers };
  if (current === key) return now;
  throw new ManagedLLMError({
    code: 'caller-required',
    message:
      `This client of \`providers.${name}\` belongs to another caller than the one in scope. ` +
      `Take \`llm.clients.${name}\` inside the scope that uses it.`,
  });
}
