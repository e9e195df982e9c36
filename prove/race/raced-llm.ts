import Anthropic from '@anthropic-ai/sdk';
import { fallback, hedge, ManagedLLM, type Interceptor, type State } from 'managed-llm';
import OpenAI from 'openai';
import type { Face } from './ask.ts';
import { modelFacts, targetOf } from './models.ts';

/** What differs between those who race. */
export interface RacedOptions {
  /** Where both providers listen. */
  readonly url: string;
  readonly interceptors: readonly Interceptor[];
  readonly state?: State;
  /** Most tokens of an answer where its request says nothing. */
  readonly outputLimit: number;
  /** What becomes of streams whose readers stop. */
  readonly stoppedStreams: 'estimate' | 'drain';
}

export type RacedLLM = ReturnType<typeof racedLLM>['llm'];

const beside = { afterMs: 40, maxExtra: 1 } as const;

/** Both SDKs, the routes that plans name, and what was reported that should not be. */
export function racedLLM({ url, interceptors, state, outputLimit, stoppedStreams }: RacedOptions) {
  const faults: string[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', baseURL: `${url}/v1` }),
      anthropic: new Anthropic({ apiKey: 'test', baseURL: url }),
    },
    models: modelFacts,
    routes: {
      'direct-openai': targetOf('openai', 'small'),
      'direct-anthropic': targetOf('anthropic', 'small'),
      'falls-openai': fallback(targetOf('openai', 'small'), targetOf('openai', 'large')),
      'falls-openai-over': fallback(targetOf('openai', 'small'), targetOf('anthropic', 'large')),
      'falls-anthropic': fallback(targetOf('anthropic', 'small'), targetOf('anthropic', 'large')),
      'falls-anthropic-over': fallback(targetOf('anthropic', 'small'), targetOf('openai', 'large')),
      'hedged-openai': hedge(targetOf('openai', 'small'), targetOf('openai', 'twin'), beside),
      'hedged-anthropic': hedge(targetOf('anthropic', 'small'), targetOf('anthropic', 'twin'), beside),
    },
    ...(state === undefined ? {} : { state }),
    interceptors,
    ceilings: { outputLimit },
    unreadStreamMs: 2_500,
    stoppedStreams,
    onError: ({ code, message, cause }) => {
      // A store that is too busy to answer in time is counted by what it refuses.
      if (code !== 'state-not-durable' && code !== 'state-unreachable')
        faults.push(`${code}: ${message} ${String(cause ?? '')}`);
    },
  });
  return { llm, faults };
}

/** What one call is made through: receipts tell its number. */
export function faceOf(llm: RacedLLM, url: string, call: number): Face {
  const bound = llm.with({ tags: { call: String(call) } });
  return {
    clients: bound.clients,
    fetch: bound.fetch('openai'),
    url,
    chat: (request, options) => bound.chat(request, options),
    stream: (request, options) => bound.stream(request, options),
  };
}
