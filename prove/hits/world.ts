import { cache, ManagedLLM, type CacheStore, type ProviderClient, type Receipt } from 'managed-llm';
import type { Client } from '../recordings/conversation.ts';
import type { Exchange } from '../recordings/exchanges.ts';
import { ask, type Form, type Question } from './ask.ts';

/** What was heard, or what was thrown. */
export type Heard = { readonly answer: unknown } | { readonly error: unknown };

export async function hear(client: Client, question: Question, form: Form): Promise<Heard> {
  try {
    return { answer: await ask(client, question, form) };
  } catch (error) {
    return { error };
  }
}

/** A transport that gives the recorded answer, as often as it is asked. */
export function playing({ response }: Exchange) {
  const played = { requests: 0 };
  const fetch: typeof globalThis.fetch = async () => {
    played.requests += 1;
    const { status, headers, sse, body } = response;
    return new Response(sse ?? JSON.stringify(body), { status, headers });
  };
  return { played, fetch };
}

/** Over a store that outlives the processes that use it. */
export class KeptAnswers implements CacheStore {
  readonly texts = new Map<string, string>();

  get(key: string): string | undefined {
    return this.texts.get(key);
  }

  set(key: string, value: string): void {
    this.texts.set(key, value);
  }

  delete(key: string): boolean {
    return this.texts.delete(key);
  }
}

/** Who asks, and who answers where that is another one. */
export interface Clients {
  readonly caller: Client;
  readonly target?: Client;
}

/** One process: its client, governed, with a cache over a store or without. */
export class Process {
  readonly client: Client;
  readonly receipts: Receipt[] = [];
  readonly faults: unknown[] = [];
  readonly #llm;

  constructor({ caller, target }: Clients, store: CacheStore | undefined) {
    this.#llm = new ManagedLLM({
      providers: { own: caller as ProviderClient, other: (target ?? caller) as ProviderClient },
      interceptors: store === undefined ? [] : [cache({ store })],
      onError: (error) => this.faults.push(error),
    });
    this.#llm.on('call:end', (receipt) => this.receipts.push(receipt));
    this.client = this.#llm.clients.own as Client;
  }

  idle(): Promise<void> {
    return this.#llm.idle();
  }
}
