import { ManagedLLM, retry, type Canary, type ManagedLLMOptions } from 'managed-llm';
import OpenAI from 'openai';

const completion = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_793_000_000,
  model: 'now',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
});
const headers = { 'content-type': 'application/json' };
const request = {
  method: 'POST',
  headers,
  body: JSON.stringify({ model: 'now', messages: [{ role: 'user', content: 'Is it?' }] }),
};

/** The model of the canary; that of stable is `now`. */
export const canaryModel = 'openai/next';

/** An application with a provider that costs next to nothing, and a canary. */
export interface Asking {
  readonly llm: ManagedLLM<{ openai: OpenAI }>;
  /** Calls of the canary that the provider has seen. */
  readonly canaryCalls: number;
  ask(user: string): Promise<void>;
}

/** What becomes of a call. */
export interface Fate {
  readonly fails: boolean;
  /** Milliseconds on the clock until it is answered. */
  readonly afterMs: number;
}

/** @param fateOf the next call, by whether it is of the canary */
export function askingOf(
  rollout: Canary,
  fateOf: (isCanary: boolean) => Fate,
  options: Pick<ManagedLLMOptions<{ openai: OpenAI }>, 'state' | 'clock' | 'onError'>,
): Asking {
  let canaryCalls = 0;
  const provider = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const isCanary = String(init?.body).includes('"next"');
    if (isCanary) canaryCalls += 1;
    const { fails, afterMs } = fateOf(isCanary);
    if (afterMs > 0) await new Promise<void>((resolve) => options.clock?.setTimeout(resolve, afterMs));
    return fails ? new Response('{}', { status: 500, headers }) : new Response(completion, { headers });
  };
  const llm = new ManagedLLM({
    ...options,
    providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider as typeof fetch }) },
    interceptors: [rollout, retry({ maxAttempts: 1 })],
  });
  // Through the entry that costs least: what a client adds says nothing of the canary.
  const governed = llm.fetch('openai');
  return {
    llm,
    get canaryCalls() {
      return canaryCalls;
    },
    ask: (user) =>
      llm.run({ user }, async () => {
        const response = await governed('https://api.openai.com/v1/chat/completions', request);
        await response.text();
      }),
  };
}
