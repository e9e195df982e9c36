import type { Dialect } from '../core/dialect.ts';
import type { Provider, ProviderRequest, Quirks } from '../core/provider.ts';
import type { CallSettings } from '../core/settings.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { connect, type Connector } from './clients.ts';
import { ProviderDeclaration, type ProviderClient, type ProviderFunction } from './declaration.ts';

type Made = ProviderClient | ProviderDeclaration<ProviderClient>;

/** Clients kept for callers seen last; more than that are made anew when they come back. */
const keptClients = 1_000;

/** A provider given as `(caller) => client`: one client a caller. */
export class PerCallerProvider implements Provider {
  readonly name: string;
  readonly quirks: Quirks = {};
  readonly slashIds = false;
  readonly onUnsupported = undefined;
  readonly #make: ProviderFunction<Made>;
  readonly #kept = new Map<string, Connector>();
  /** Those of all clients that were made so far. */
  readonly #origins = new Set<string | undefined>();

  constructor(name: string, make: ProviderFunction<Made>) {
    this.name = name;
    this.#make = make;
  }

  /** Where all clients have the same. */
  get origin(): string | undefined {
    return this.#origins.size === 1 ? this.#origins.values().next().value : undefined;
  }

  dialectFor(dialect: Dialect): Dialect {
    return dialect;
  }

  credential(settings: CallSettings): string {
    return callerKey(settings) ?? 'nobody';
  }

  serving(settings: CallSettings): Provider {
    return this.connector(settings).provider;
  }

  post(request: ProviderRequest): Promise<Response> {
    return this.serving(request.settings).post(request);
  }

  /** The client for this caller. Throws `caller-required` when there is none. */
  connector(settings: CallSettings): Connector {
    const key = callerKey(settings);
    if (key === undefined) {
      throw new ManagedLLMError({
        code: 'caller-required',
        message:
          `\`providers.${this.name}\` is one client a caller, and no caller is in scope. Use it inside ` +
          '`llm.run({ tenant, … }, …)` or take it from `llm.with({ tenant, … }).clients`.',
      });
    }
    const kept = this.#kept.get(key);
    const found = kept ?? this.#connect(settings);
    if (kept !== undefined) this.#kept.delete(key);
    this.#kept.set(key, found);
    if (this.#kept.size > keptClients) this.#kept.delete(this.#kept.keys().next().value as string);
    return found;
  }

  #connect(settings: CallSettings): Connector {
    const { user, team, tenant, roles } = settings;
    // Only what the table is keyed by: else one caller's client could be made from another request's tags.
    const made: unknown = this.#make({
      ...(user === undefined ? {} : { user }),
      ...(team === undefined ? {} : { team }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(roles === undefined ? {} : { roles }),
    });
    const connector =
      made instanceof ProviderDeclaration
        ? connect(this.name, made.client, made.options)
        : connect(this.name, made, {});
    // Two say that there are several.
    if (this.#origins.size < 2) this.#origins.add(connector.provider.origin);
    return connector;
  }
}

/** Who this is, or `undefined` for nobody. Parts are kept apart by JSON, absent ones differ from empty ones. */
export function callerKey({ user, team, tenant, roles }: CallSettings): string | undefined {
  if (user === undefined && team === undefined && tenant === undefined) return undefined;
  return JSON.stringify([user ?? null, team ?? null, tenant ?? null, roles ?? null]);
}
