import Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM, provider, type Receipt } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import OpenAI from 'openai';
import type { Format } from './judge-reply.ts';
import { record, type Wire } from './wire.ts';

type Fetch = typeof globalThis.fetch;

/** A way from the SDK that asks to the provider that answers in another format. */
export interface Direction {
  readonly name: string;
  readonly caller: Format;
  readonly target: 'anthropic' | 'chat';
  /** What the application writes as the model. */
  readonly model: string;
}

export const directions: readonly Direction[] = [
  { name: 'chat → anthropic', caller: 'chat', target: 'anthropic', model: 'anthropic/claude-sonnet-5-5' },
  {
    name: 'responses → anthropic',
    caller: 'responses',
    target: 'anthropic',
    model: 'anthropic/claude-sonnet-5-5',
  },
  { name: 'anthropic → chat', caller: 'anthropic', target: 'chat', model: 'openai/gpt-5-mini' },
  { name: 'anthropic → chat, chat-only server', caller: 'anthropic', target: 'chat', model: 'local/llama' },
  { name: 'responses → chat, chat-only server', caller: 'responses', target: 'chat', model: 'local/llama' },
];

export interface Asked {
  /** What the target got; `undefined` when nothing was sent. */
  readonly sent: Wire | undefined;
  /** The plain answer, or the events of a streamed one. */
  readonly heard: unknown;
  readonly error: unknown;
  readonly receipt: Receipt | undefined;
}

/** The real SDKs, governed, with one fetch behind all of them. */
export class Relay {
  readonly #llm;
  readonly #receipts: Receipt[] = [];
  #sent: Wire | undefined;

  constructor(fetch: Fetch) {
    const kept: Fetch = (input, init) => {
      this.#sent = record(JSON.parse(String(init?.body)));
      return fetch(input, init);
    };
    const openai = new OpenAI({ apiKey: 'none', baseURL: 'https://openai.test/v1', fetch: kept });
    const local = new OpenAI({ apiKey: 'none', baseURL: 'https://local.test/v1', fetch: kept });
    const anthropic = new Anthropic({ apiKey: 'none', baseURL: 'https://anthropic.test', fetch: kept });
    this.#llm = new ManagedLLM({
      providers: { openai, anthropic, local: provider(local, { quirks: { responsesApi: false } }) },
      clock: manualClock(Date.UTC(2026, 10, 23)),
    });
    this.#llm.on('call:end', (receipt) => this.#receipts.push(receipt));
  }

  /** Asks once, by the method of the caller's own SDK, and reads to the end. */
  async ask(caller: Format, body: Wire): Promise<Asked> {
    this.#sent = undefined;
    let heard: unknown;
    let error: unknown;
    try {
      const answer = await this.create(caller, body);
      heard = body['stream'] === true ? await all(answer as AsyncIterable<unknown>) : answer;
    } catch (thrown) {
      error = thrown;
    }
    await this.#llm.idle();
    return { sent: this.#sent, heard, error, receipt: this.#receipts.pop() };
  }

  create(caller: Format, body: Wire): PromiseLike<unknown> {
    const { openai, anthropic } = this.#llm.clients;
    switch (caller) {
      case 'chat':
        return openai.chat.completions.create(body as never);
      case 'responses':
        return openai.responses.create(body as never);
      case 'anthropic':
        // Without a time limit of the caller's the SDK sends no plain request that may take ten minutes.
        return anthropic.messages.create(body as never, { timeout: 600_000 });
      default:
        return caller satisfies never;
    }
  }
}

async function all(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const heard: unknown[] = [];
  for await (const event of events) heard.push(structuredClone(event));
  return heard;
}
