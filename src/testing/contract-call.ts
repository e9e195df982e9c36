import type { Interceptor } from '../core/interceptor.ts';
import type { Receipt } from '../core/receipt.ts';
import { ManagedLLM } from '../managed-llm.ts';
import type { ManagedLLMOptions } from '../options.ts';
import { manualClock, type ManualClock } from './manual-clock.ts';
import { standIn, type StandIn } from './stand-in.ts';

/** The SDKs that a contract is checked with. */
export type ContractSdk = 'openai' | 'anthropic';

/** One way to ask, the same through either SDK. */
export interface ContractClient {
  /** The text of a plain answer. */
  ask(signal?: AbortSignal): Promise<string>;
  /** The native response beside the answer. */
  askWithResponse(): Promise<Response>;
  /** Texts of a streamed answer as they come. */
  stream(signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
}

/** A `ManagedLLM` in front of a stand-in, with an eye on everything that ends. */
export interface ContractStage {
  readonly provider: StandIn;
  readonly clock: ManualClock;
  readonly governed: ContractClient;
  /** The same client without us, on a stand-in of its own that answers alike. */
  readonly bare: ContractClient;
  readonly bareProvider: StandIn;
  readonly llm: Pick<ManagedLLM<Record<never, never>>, 'idle' | 'close'>;
  /** What the provider's `fetch` gave, in order. */
  readonly responses: readonly Response[];
  readonly receipts: readonly Receipt[];
  readonly started: { calls: number; attempts: number };
  readonly ended: { calls: number; attempts: number };
  /** Faults reported through `onError`. */
  readonly faults: readonly unknown[];
  /** Lets time pass until the promise has settled, and gives its outcome. */
  drive<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>>;
}

const startMs = Date.UTC(2026, 0, 1);
const model = 'contract-model';
const messages = [{ role: 'user' as const, content: 'the quick brown fox' }];

/** Sets the stage. The SDKs are imported here, so that the kit works without them. */
export async function setStage(
  sdk: ContractSdk,
  interceptors: readonly Interceptor[],
): Promise<ContractStage> {
  const clock = manualClock(startMs);
  const provider = standIn({ clock });
  const bareProvider = standIn({ clock: manualClock(startMs) });
  const responses: Response[] = [];
  const receipts: Receipt[] = [];
  const faults: unknown[] = [];
  const started = { calls: 0, attempts: 0 };
  const ended = { calls: 0, attempts: 0 };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await provider.fetch(input, init);
    responses.push(response);
    return response;
  };
  const options = {
    interceptors,
    clock,
    random: () => 0.5,
    onError: (error: unknown) => void faults.push(error),
  };

  const { llm, governed, bare } = await (sdk === 'openai' ? openai : anthropic)(
    options,
    fetch,
    bareProvider.fetch,
  );
  llm.on('call:start', () => void (started.calls += 1));
  llm.on('attempt:start', () => void (started.attempts += 1));
  llm.on('attempt:end', () => void (ended.attempts += 1));
  llm.on('call:end', (receipt) => {
    ended.calls += 1;
    receipts.push(receipt);
  });

  return {
    provider,
    clock,
    governed,
    bare,
    bareProvider,
    llm,
    responses,
    receipts,
    started,
    ended,
    faults,
    async drive(promise) {
      const settled = Promise.allSettled([promise]).then(([outcome]) => outcome);
      let isSettled = false;
      void settled.then(() => (isSettled = true));
      for (let turn = 0; turn < 10_000; turn += 1) {
        await clock.advance(turn < 20 ? 0 : 1_000);
        if (isSettled) return settled;
        // What is loaded on first use takes time of the machine, not of the clock.
        if (turn % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error('The call did not end within 10,000 seconds of manual time.');
    },
  };
}

type Options = Pick<ManagedLLMOptions<Record<never, never>>, 'interceptors' | 'clock' | 'random' | 'onError'>;
type Fetch = typeof globalThis.fetch;

async function openai(options: Options, fetch: Fetch, bareFetch: Fetch) {
  const { OpenAI } = await import('openai');
  const make = (inner: Fetch) => new OpenAI({ apiKey: 'test', fetch: inner, maxRetries: 0 });
  const llm = new ManagedLLM({ ...options, providers: { contract: make(fetch) } });
  const speak = (client: InstanceType<typeof OpenAI>): ContractClient => ({
    ask: async (signal) => {
      const reply = await client.chat.completions.create({ model, messages }, { signal });
      return reply.choices[0]?.message.content ?? '';
    },
    askWithResponse: async () =>
      (await client.chat.completions.create({ model, messages }).withResponse()).response,
    async *stream(signal) {
      for await (const chunk of await client.chat.completions.create(
        { model, messages, stream: true },
        { signal },
      )) {
        yield chunk.choices[0]?.delta.content ?? '';
      }
    },
  });
  return { llm, governed: speak(llm.clients.contract), bare: speak(make(bareFetch)) };
}

async function anthropic(options: Options, fetch: Fetch, bareFetch: Fetch) {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const make = (inner: Fetch) => new Anthropic({ apiKey: 'test', fetch: inner, maxRetries: 0 });
  const llm = new ManagedLLM({ ...options, providers: { contract: make(fetch) } });
  const params = { model, messages, max_tokens: 1_000 };
  const speak = (client: InstanceType<typeof Anthropic>): ContractClient => ({
    ask: async (signal) => {
      const reply = await client.messages.create(params, { signal });
      return reply.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    },
    askWithResponse: async () => (await client.messages.create(params).withResponse()).response,
    async *stream(signal) {
      for await (const event of await client.messages.create({ ...params, stream: true }, { signal })) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
      }
    },
  });
  return { llm, governed: speak(llm.clients.contract), bare: speak(make(bareFetch)) };
}
