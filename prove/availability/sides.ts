import Anthropic from '@anthropic-ai/sdk';
import { fallback, ManagedLLM } from 'managed-llm';
import OpenAI from 'openai';
import type { Clients, Models } from './ask.ts';
import type { SimulatedProvider } from './provider.ts';
import type { ByProvider } from './provider-name.ts';
import type { Question } from './question.ts';
import type { Random } from './random.ts';
import type { Simulator } from './simulator.ts';

/** What an application asks through. */
export interface Side {
  readonly models: Models;
  clientsFor(question: Question): Clients;
  close(): Promise<void>;
}

export type MakeSide = (providers: ByProvider<SimulatedProvider>, time: Simulator, random: Random) => Side;

/** Longest time until headers, on both sides: the SDKs' own 10 minutes would flatter the comparison. */
const timeoutMs = 60_000;

function clientsOf({ openai, anthropic }: ByProvider<SimulatedProvider>): Clients {
  return {
    openai: new OpenAI({ apiKey: 'sk-test', fetch: openai.fetch, timeout: timeoutMs, logLevel: 'off' }),
    anthropic: new Anthropic({
      apiKey: 'sk-test',
      fetch: anthropic.fetch,
      timeout: timeoutMs,
      logLevel: 'off',
      openTelemetry: false,
    }),
  };
}

/** The SDKs as they are, with their own retries. */
export const bare: MakeSide = (providers) => {
  const clients = clientsOf(providers);
  return {
    models: { openai: 'm', anthropic: 'm' },
    clientsFor: () => clients,
    close: () => Promise.resolve(),
  };
};

export const ours: MakeSide = (providers, time, random) => {
  const spare = new OpenAI({
    apiKey: 'sk-test',
    fetch: providers.spare.fetch,
    timeout: timeoutMs,
    logLevel: 'off',
  });
  const llm = new ManagedLLM({
    clock: time,
    random,
    providers: { ...clientsOf(providers), spare },
    routes: {
      chat: fallback('openai/m', 'spare/m', 'anthropic/m'),
      messages: fallback('anthropic/m', 'openai/m', 'spare/m'),
    },
    interceptors: [],
  });
  const scoped = new Map<string, Clients>();
  return {
    models: { openai: 'chat', anthropic: 'messages' },
    clientsFor({ priority, caller }) {
      const user = `${priority}-${caller}`;
      let clients = scoped.get(user);
      if (clients === undefined) {
        clients = llm.with({ priority, user }).clients;
        scoped.set(user, clients);
      }
      return clients;
    },
    close: () => llm.close(),
  };
};
