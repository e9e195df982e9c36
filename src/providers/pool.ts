import { invalidOption } from '../core/parse-options.ts';
import type { Provider } from '../core/provider.ts';
import { define } from './carried-options.ts';
import { connect, type Connector } from './clients.ts';
import { ProviderDeclaration, type ProviderClient, type ProviderOptions } from './declaration.ts';
import type { Seam } from './seam.ts';

interface Member {
  readonly name: string;
  readonly client: ProviderClient;
  readonly options: ProviderOptions;
  readonly connector: Connector;
}

/** Several clients of one provider under one name. Calls are made by the first, and sent by any. */
export class ProviderPool implements Connector {
  readonly name: string;
  /** `openai#1`, `openai#2`, … */
  readonly names: readonly string[];
  readonly #first: Member;
  readonly #members: ReadonlyMap<string, Member>;

  /** Throws `invalid-options` when one is no client, or they are of different SDKs. */
  constructor(name: string, given: readonly (ProviderClient | ProviderDeclaration<ProviderClient>)[]) {
    const members = given.map((input, index) => {
      const own = `${name}#${index + 1}`;
      return input instanceof ProviderDeclaration
        ? connected(own, input.client, input.options)
        : connected(own, input, {});
    });
    const [first, ...others] = members;
    if (first === undefined) throw invalidOption(`providers.${name}`, 'is a pool without clients');
    const kind = first.connector.provider.constructor;
    if (others.some(({ connector }) => connector.provider.constructor !== kind))
      throw invalidOption(
        `providers.${name}`,
        'pools clients of different SDKs: give each a name of its own',
      );
    this.name = name;
    this.names = members.map((member) => member.name);
    this.#first = first;
    this.#members = new Map(members.map((member) => [member.name, member]));
  }

  /** What it is like for whoever asks by the pool's name. */
  get provider(): Provider {
    return this.#first.connector.provider;
  }

  get fetch(): typeof fetch {
    return this.#first.connector.fetch;
  }

  member(name: string): Provider | undefined {
    return this.#members.get(name)?.connector.provider;
  }

  /** The first client, governed; `withOptions` derives them all. */
  govern(seam: Seam): ProviderClient {
    return this.#governed(seam, undefined);
  }

  #governed(seam: Seam, derived: Seam['derived']): ProviderClient {
    const client = this.#first.connector.govern({ ...seam, member: this.#first.name, derived });
    define(client, 'withOptions', (options: never) => {
      const pool = this.#derive(options);
      return pool.#governed(seam, (name) => pool.member(name));
    });
    return client;
  }

  #derive(options: never): ProviderPool {
    const derived = [...this.#members.values()].map(
      (member) =>
        new ProviderDeclaration(member.client.withOptions(options) as ProviderClient, member.options),
    );
    return new ProviderPool(this.name, derived);
  }
}

function connected(name: string, client: ProviderClient, options: ProviderOptions): Member {
  return { name, client, options, connector: connect(name, client, options) };
}
