import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { fallback, ManagedLLM, memoryState, type Interceptor, type State } from 'managed-llm';
import { prompt, type CannedFetch, type SdkName } from './canned.ts';

/** One client of each SDK, bare or governed. */
export type Clients = {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
};

/** The calls that are measured, through one client. */
export interface Caller {
  /** A plain call, read to the end. */
  plain(): Promise<unknown>;
  /** A plain call that also takes the response object. */
  withResponse(): Promise<Response>;
  /** A stream, opened and not yet read. */
  stream(): Promise<AsyncIterator<unknown>>;
}

export function bareClients(fetch: CannedFetch): Clients {
  return {
    openai: new OpenAI({ apiKey: 'bench', baseURL: 'http://bench.invalid/v1', fetch }),
    anthropic: new Anthropic({ apiKey: 'bench', baseURL: 'http://bench.invalid', fetch }),
  };
}

/** The same clients governed, with a second one of each and a route named `smart-<sdk>` that falls back to it. */
export function governed(
  fetch: CannedFetch,
  interceptors: readonly (Interceptor | readonly Interceptor[])[] = [],
  state: State = memoryState(),
): ManagedLLM<Clients & { readonly spareOpenai: OpenAI; readonly spareAnthropic: Anthropic }> {
  const { openai, anthropic } = bareClients(fetch);
  const spare = bareClients(fetch);
  return new ManagedLLM({
    providers: { openai, anthropic, spareOpenai: spare.openai, spareAnthropic: spare.anthropic },
    routes: {
      'smart-openai': fallback('openai/gpt-5-mini', 'spareOpenai/gpt-5-mini'),
      'smart-anthropic': fallback('anthropic/claude-sonnet-5-5', 'spareAnthropic/claude-sonnet-5-5'),
    },
    models: {
      'openai/*': { price },
      'anthropic/*': { price },
      'spareOpenai/*': { price },
      'spareAnthropic/*': { price },
    },
    interceptors,
    state,
  });
}

const price = { inputUsdPerMTok: 0.25, cachedInputUsdPerMTok: 0.025, outputUsdPerMTok: 2 };

export const models = { openai: 'gpt-5-mini', anthropic: 'claude-sonnet-5-5' } as const;

/** What is asked, and how. */
export interface Asking {
  readonly model?: string;
  /** openai: ask for the usage chunk, as an application may do itself. Default `false`. */
  readonly usage?: boolean;
  /** The prompt of each call. Default: the same for all. */
  readonly ask?: (() => string) | undefined;
}

export function caller(
  sdk: SdkName,
  clients: Clients,
  { model = models[sdk], usage = false, ask = () => prompt }: Asking = {},
): Caller {
  const asked = () => ({ model, messages: [{ role: 'user' as const, content: ask() }] });
  if (sdk === 'anthropic') {
    const api = clients.anthropic.messages;
    const params = () => ({ ...asked(), max_tokens: 1_024 });
    return {
      plain: () => api.create(params()),
      withResponse: async () => (await api.create(params()).withResponse()).response,
      stream: async () => (await api.create({ ...params(), stream: true }))[Symbol.asyncIterator](),
    };
  }
  const api = clients.openai.chat.completions;
  const options = usage ? { stream_options: { include_usage: true } } : {};
  return {
    plain: () => api.create(asked()),
    withResponse: async () => (await api.create(asked()).withResponse()).response,
    stream: async () => (await api.create({ ...asked(), ...options, stream: true }))[Symbol.asyncIterator](),
  };
}
