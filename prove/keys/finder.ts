import Anthropic from '@anthropic-ai/sdk';
import {
  cache,
  ManagedLLM,
  type CallSettings,
  type Interceptor,
  type Receipt,
  type Route,
} from 'managed-llm';
import OpenAI from 'openai';

/** What a call is known by at the cache; a reason where it is not known. */
export type Found = { readonly key: string } | { readonly reason: string };

/** The formats in which requests are written. */
export type Format = 'chat' | 'responses' | 'messages' | 'neutral' | 'embeddings';

export interface Asked {
  readonly format: Format;
  readonly body: object;
  readonly settings?: CallSettings;
  readonly headers?: Record<string, string>;
}

type Providers = { readonly openai: OpenAI; readonly anthropic: Anthropic; readonly other: OpenAI };
type Routes = Readonly<Record<string, string | Route>>;

interface Seen {
  sent?: string;
  receipt?: Receipt;
  fingerprint?: string | undefined;
  /** Of embeddings. */
  input?: unknown;
}

/** Tells by what calls are known, as their receipts say; of embeddings, which no cache of answers keeps, the fingerprint. */
export class KeyFinder {
  readonly llm;
  /** What the last call has told. */
  #seen: Seen = {};

  /**
   * The last request, as it went over the wire, but with all inputs of embeddings, of which each is asked for once;
   * `undefined` where that was in another format.
   */
  get sent(): string | undefined {
    const { sent, receipt, input } = this.#last;
    const { dialect = '' } = receipt ?? {};
    const provider = receipt?.attempts[0]?.target.provider ?? '';
    const isOwn = (dialect === 'anthropic-messages') === (provider === 'anthropic');
    if (!isOwn || dialect === 'neutral' || sent === undefined) return undefined;
    return input === undefined ? sent : JSON.stringify({ ...JSON.parse(sent), input });
  }

  constructor(more: { readonly routes?: Routes; readonly interceptors?: readonly Interceptor[] } = {}) {
    const store = { get: () => undefined, set: () => {}, delete: () => false };
    const fingerprints: Interceptor = {
      name: 'fingerprints',
      stage: 'reuse',
      intercept: (call, next) => {
        this.#seen.fingerprint = call.fingerprint();
        if (call.operation === 'embed') this.#seen.input = Object(call.body).input;
        return next(call);
      },
    };
    // Nobody answers here: what is asked is only looked at.
    const nobody: typeof globalThis.fetch = async (_url, init) => {
      this.#seen.sent = String(init?.body);
      return Response.json({ error: { message: 'no' } }, { status: 400 });
    };
    this.llm = new ManagedLLM<Providers, Routes>({
      providers: {
        openai: new OpenAI({ apiKey: 'test', fetch: nobody, maxRetries: 0 }),
        anthropic: new Anthropic({ apiKey: 'test', fetch: nobody, maxRetries: 0 }),
        other: new OpenAI({ apiKey: 'test', fetch: nobody, maxRetries: 0, baseURL: 'https://other.test/v1' }),
      },
      interceptors: [fingerprints, cache({ store, coalesce: false }), ...(more.interceptors ?? [])],
      ...(more.routes === undefined ? {} : { routes: more.routes }),
      onError: () => {},
    });
    this.llm.on('call:end', (receipt) => void (this.#seen.receipt = receipt));
  }

  async find(asked: Asked): Promise<Found> {
    return this.findBy(async () => this.#ask(asked));
  }

  /** Of the one call that is made here. */
  async findBy(ask: () => Promise<unknown>): Promise<Found> {
    this.#seen = {};
    const thrown: unknown = await ask().catch((error: unknown) => error);
    const { receipt, fingerprint } = this.#last;
    if (receipt === undefined) return { reason: `not asked: ${String(thrown).slice(0, 80)}` };
    if (receipt.operation === 'embed')
      return fingerprint === undefined ? { reason: 'none' } : { key: fingerprint };
    const { key, reason = 'none' } = receipt.facts.cache ?? {};
    return key === undefined ? { reason } : { key };
  }

  get #last(): Seen {
    return this.#seen;
  }

  async #ask({ format, body, settings = {}, headers = {} }: Asked): Promise<unknown> {
    const { clients, chat } = this.llm.with(settings);
    const asked = body as never;
    switch (format) {
      case 'chat':
        return clients.openai.chat.completions.create(asked, { headers });
      case 'responses':
        return clients.openai.responses.create(asked, { headers });
      case 'messages':
        return clients.anthropic.messages.create(asked, { headers, timeout: 600_000 });
      case 'embeddings':
        return clients.openai.embeddings.create(asked, { headers });
      case 'neutral':
        return chat(asked);
      default:
        return format satisfies never;
    }
  }
}
