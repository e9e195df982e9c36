import Anthropic from '@anthropic-ai/sdk';
import {
  breaker,
  fallback,
  ManagedLLM,
  retry,
  throttle,
  timeLimits,
  type ManagedLLMError,
} from 'managed-llm';
import OpenAI from 'openai';
import type { Clients, Models } from './ask.ts';
import type { SimulatedProvider } from './provider.ts';
import type { ByProvider } from './provider-name.ts';
import type { Question } from './question.ts';
import type { Random } from './random.ts';
import type { Simulator } from './simulator.ts';
import type { Allowance } from './token-bucket.ts';

/** What an application asks through. */
export interface Side {
  readonly models: Models;
  clientsFor(question: Pick<Question, 'priority' | 'caller'>): Clients;
  close(): Promise<void>;
}

/** What a side is made in. */
export interface World {
  readonly providers: ByProvider<SimulatedProvider>;
  readonly allowance: ByProvider<Allowance> | undefined;
  readonly time: Simulator;
  readonly random: Random;
  /** Gets faults of the chain: there are to be none. */
  onError(error: ManagedLLMError): void;
}

export interface MakeSide {
  readonly name: 'bare' | 'ours';
  make(world: World): Side;
}

/** Longest time until headers, on both sides: the SDKs' own 10 minutes would flatter the comparison. */
const timeoutMs = 60_000;

function openaiAt({ fetch }: SimulatedProvider): OpenAI {
  return new OpenAI({ apiKey: 'sk-test', fetch, timeout: timeoutMs, logLevel: 'off' });
}

function anthropicAt({ fetch }: SimulatedProvider): Anthropic {
  return new Anthropic({
    apiKey: 'sk-test',
    fetch,
    timeout: timeoutMs,
    logLevel: 'off',
    openTelemetry: false,
  });
}

/** The SDKs as they are, with their own retries. */
export const bare: MakeSide = {
  name: 'bare',
  make({ providers }) {
    const clients = { openai: openaiAt(providers.openai), anthropic: anthropicAt(providers.anthropic) };
    return {
      models: { openai: 'm', anthropic: 'm' },
      clientsFor: () => clients,
      close: () => Promise.resolve(),
    };
  },
};

/** Governed, with a fallback route for each SDK that begins at its own provider. */
export const ours: MakeSide = {
  name: 'ours',
  make: (world) => governed(world, { openai: 'chat', anthropic: 'messages' }),
};

/** Governed, each SDK at its own provider alone. */
export const oursAtOneTarget: MakeSide = {
  name: 'ours',
  make: (world) => governed(world, { openai: 'openai/m', anthropic: 'anthropic/m' }),
};

function governed({ providers, allowance, time, random, onError }: World, models: Models): Side {
  const llm = new ManagedLLM({
    clock: time,
    random,
    providers: {
      openai: openaiAt(providers.openai),
      anthropic: anthropicAt(providers.anthropic),
      spare: openaiAt(providers.spare),
    },
    routes: {
      chat: fallback('openai/m', 'spare/m', 'anthropic/m'),
      messages: fallback('anthropic/m', 'openai/m', 'spare/m'),
    },
    interceptors: [
      retry(),
      breaker(),
      throttle(allowance),
      timeLimits({ firstEventMs: 15_000, betweenEventsMs: 20_000 }),
    ],
    onError,
  });
  const scoped = new Map<string, Clients>();
  return {
    models,
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
}
