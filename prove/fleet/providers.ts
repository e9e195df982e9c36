import { standIn, type StandIn, type StandInServer } from 'managed-llm/testing';
import { kinds, limits, type Kind } from './limits.ts';

/** What the providers have let through and refused so far. */
export interface Counts {
  readonly atMs: number;
  readonly requests: number;
  readonly tokens: number;
  readonly refused: number;
}

/** How long an answer takes where requests under way are counted: longer than the others, as streams are. */
const answerMs = { requests: 20, tokens: 100, slots: 1_200 };
const rates = {
  requests: { requestsPerMinute: limits.requests.requestsPerMinute },
  tokens: { tokensPerMinute: limits.tokens.tokensPerMinute },
};
const sampleEveryMs = 10;

/** The providers as servers on loopback, with limits of their own, and a count of all that reaches them. */
export class Providers implements AsyncDisposable {
  readonly urls: Readonly<Record<Kind, string>>;
  /** Most requests under way at the provider of slots since it was last set to 0. */
  mostOpen = 0;
  readonly #standIns: Readonly<Record<Kind, StandIn>>;
  readonly #servers: readonly StandInServer[];
  readonly #sampling: NodeJS.Timeout;

  private constructor(standIns: Readonly<Record<Kind, StandIn>>, servers: readonly StandInServer[]) {
    const [requests, tokens, slots] = servers.map(({ url }) => url);
    this.urls = { requests: requests ?? '', tokens: tokens ?? '', slots: slots ?? '' };
    this.#standIns = standIns;
    this.#servers = servers;
    this.#sampling = setInterval(() => (this.mostOpen = Math.max(this.mostOpen, this.open)), sampleEveryMs);
  }

  static async listen(): Promise<Providers> {
    const keepRequests = 1_000_000;
    const standIns = {
      requests: standIn({ keepRequests, rateLimit: { ...rates.requests, per: 'model' } }),
      tokens: standIn({ keepRequests, rateLimit: { ...rates.tokens, per: 'model' } }),
      slots: standIn(),
    };
    for (const kind of kinds) standIns[kind].always({ latencyMs: answerMs[kind] });
    const servers = await Promise.all(kinds.map((kind) => standIns[kind].listen()));
    return new Providers(standIns, servers);
  }

  /** Requests under way at the provider of slots. */
  get open(): number {
    // The newest are enough, and quickly looked through.
    return this.#standIns.slots.requests.slice(-200).filter(({ outcome }) => outcome === 'open').length;
  }

  count(): Counts {
    const { requests, tokens } = this.#standIns;
    const book = tokens.books['m'];
    const all = [...requests.requests, ...tokens.requests];
    return {
      atMs: performance.now(),
      requests: requests.requests.filter(({ status }) => status === 200).length,
      tokens: (book?.inputTokens ?? 0) + (book?.outputTokens ?? 0),
      refused: all.filter(({ status }) => status === 429).length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sampling);
    for (const server of this.#servers) await server.close();
  }
}
