import Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM, fallback, type NeutralApi, type Receipt } from 'managed-llm';
import OpenAI from 'openai';
import type { Wire } from './shapes.ts';

/** A way to ask for a stream. */
export interface Way {
  readonly name: string;
  /** What the targets speak. */
  readonly wire: Wire;
  /** Whether its items are those of the wire, so that one can tell which of them a cut has left whole. */
  readonly isNative: boolean;
  /** An event that carries something of the answer, where less of it than on the wire reaches the caller. */
  readonly answer?: RegExp;
  ask(world: World, model: string): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;
}

const content = 'Say it.';
const messages = [{ role: 'user' as const, content }];

export const ways: readonly Way[] = [
  {
    name: 'openai chat.completions.create',
    wire: 'chat',
    isNative: true,
    ask: ({ openai }, model) => openai.chat.completions.create({ model, stream: true, messages }),
  },
  {
    name: 'openai chat.completions.stream',
    wire: 'chat',
    isNative: true,
    ask: ({ openai }, model) => openai.chat.completions.stream({ model, messages }),
  },
  {
    name: 'openai responses.create',
    wire: 'responses',
    isNative: true,
    ask: ({ openai }, model) => openai.responses.create({ model, stream: true, input: content }),
  },
  {
    name: 'openai responses.stream',
    wire: 'responses',
    isNative: true,
    ask: ({ openai }, model) => openai.responses.stream({ model, input: content }),
  },
  {
    name: 'anthropic messages.create',
    wire: 'messages',
    isNative: true,
    ask: ({ anthropic }, model) =>
      anthropic.messages.create({ model, stream: true, max_tokens: 1_000, messages }),
  },
  {
    name: 'anthropic messages.stream',
    wire: 'messages',
    isNative: true,
    ask: ({ anthropic }, model) => anthropic.messages.stream({ model, max_tokens: 1_000, messages }),
  },
  {
    name: 'openai chat, from the other dialect',
    wire: 'messages',
    isNative: false,
    ask: ({ openai }, model) => openai.chat.completions.create({ model, stream: true, messages }),
  },
  {
    name: 'openai responses, from the other dialect',
    wire: 'messages',
    isNative: false,
    ask: ({ openai }, model) => openai.responses.create({ model, stream: true, input: content }),
  },
  {
    name: 'anthropic messages, from the other dialect',
    wire: 'chat',
    isNative: false,
    // Thinking without a signature has no place there.
    answer: /"content":"[^"]|"tool_calls":\[\{/,
    ask: ({ anthropic }, model) =>
      anthropic.messages.create({ model, stream: true, max_tokens: 1_000, messages }),
  },
  {
    name: 'neutral, from chat',
    wire: 'chat',
    isNative: false,
    ask: ({ llm }, model) => llm.stream({ model, messages: content }),
  },
  {
    name: 'neutral, from messages',
    wire: 'messages',
    isNative: false,
    ask: ({ llm }, model) => llm.stream({ model, messages: content }),
  },
];

/** What the transports of the two targets answer now. */
export interface Line {
  first: () => Response;
  second: () => Response;
  /** Requests that each target got. */
  asked: { first: number; second: number };
}

/** Two targets that speak one wire format, behind governed clients of both SDKs. */
export interface World {
  readonly llm: Pick<NeutralApi, 'stream'> & { idle(): Promise<void> };
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly line: Line;
  readonly receipts: Receipt[];
  readonly faults: unknown[];
}

const retries = { maxRetries: 0, apiKey: 'test' };

export function worldOf(wire: Wire): World {
  const nothing = (): Response => new Response(null, { status: 500 });
  const line: Line = { first: nothing, second: nothing, asked: { first: 0, second: 0 } };
  const through = (target: 'first' | 'second') => ({
    ...retries,
    fetch: () => {
      line.asked[target]++;
      return Promise.resolve(line[target]());
    },
  });
  const receipts: Receipt[] = [];
  const faults: unknown[] = [];
  const make = wire === 'messages' ? Anthropic : OpenAI;
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI(through('first')),
      anthropic: new Anthropic(through('first')),
      first: new make(through('first')),
      second: new make(through('second')),
    },
    routes: { alone: 'first/model', route: fallback('first/model', 'second/model') },
    onError: (error) => faults.push(error),
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const { openai, anthropic } = llm.clients;
  return { llm, openai, anthropic, line, receipts, faults };
}

/** A response that gives these pieces and then ends, or breaks. */
export function responseOf(pieces: readonly Uint8Array[], how: 'ends' | 'breaks'): Response {
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[next++];
        if (piece !== undefined) controller.enqueue(piece);
        else if (how === 'ends') controller.close();
        else controller.error(new TypeError('terminated'));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}
