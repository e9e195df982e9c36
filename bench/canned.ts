/** A fetch that costs next to nothing: a new Response from the same constants at every call. */
export type CannedFetch = (url: unknown, init?: RequestInit) => Promise<Response>;

export type SdkName = 'openai' | 'anthropic';

/** The prompt of every call. */
export const prompt: string = 'The quick brown fox jumps over the lazy dog. '.repeat(23).slice(0, 1_024);

const text = 'A fox jumped over a dog, quickly, and the dog did not mind. '.repeat(4).trim();

const completion = JSON.stringify({
  id: 'chatcmpl-bench0000000000000000000001',
  object: 'chat.completion',
  created: 1_793_000_000,
  model: 'gpt-5-mini-2025-08-07',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: text, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 236,
    completion_tokens: 60,
    total_tokens: 296,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: null,
});

const message = JSON.stringify({
  id: 'msg_bench00000000000000000001',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: {
    input_tokens: 236,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 60,
    service_tier: 'standard',
  },
});

const plainInit = {
  status: 200,
  headers: { 'content-type': 'application/json', 'x-request-id': 'req_bench' },
} as const;

const streamInit = {
  status: 200,
  headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_bench' },
} as const;

/** Answers every request with the same complete reply. */
export function plainFetch(sdk: SdkName): CannedFetch {
  const body = sdk === 'openai' ? completion : message;
  return () => Promise.resolve(new Response(body, plainInit));
}

/** Answers every request with the same stream, one event a chunk. */
export function streamFetch(chunks: readonly Uint8Array[]): CannedFetch {
  return () => Promise.resolve(new Response(streamOf(chunks), streamInit));
}

/** Answers with one chunk and then leaves the stream open. */
export function openStreamFetch(first: Uint8Array): CannedFetch {
  return () =>
    Promise.resolve(
      new Response(
        new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(first) }),
        streamInit,
      ),
    );
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[next++];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The text of one chunk; has letters that a transform can change. */
const piece = ' quick brown fox';

/** A stream of so many chunks of text, in either SDK's protocol, with what begins and ends it. */
export function textChunks(sdk: SdkName, count: number, { usage = false } = {}): Uint8Array[] {
  return sdk === 'openai' ? chatChunks(count, usage) : messageChunks(count);
}

function chatChunks(count: number, usage: boolean): Uint8Array[] {
  const chunk = (choices: readonly unknown[], more: object = {}): Uint8Array =>
    frame({
      id: 'chatcmpl-bench0000000000000000000001',
      object: 'chat.completion.chunk',
      created: 1_793_000_000,
      model: 'gpt-5-mini-2025-08-07',
      service_tier: 'default',
      system_fingerprint: null,
      choices,
      ...(usage ? { usage: null } : {}),
      obfuscation: 'k2Jx9',
      ...more,
    });
  const choice = (delta: object, finish_reason: string | null = null): object => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason,
  });
  const counted = { prompt_tokens: 236, completion_tokens: count, total_tokens: 236 + count };
  return [
    chunk([choice({ role: 'assistant', content: '', refusal: null })]),
    ...Array.from({ length: count }, () => chunk([choice({ content: piece })])),
    chunk([choice({}, 'stop')]),
    ...(usage ? [chunk([], { usage: counted })] : []),
    encoded('data: [DONE]\n\n'),
  ];
}

function messageChunks(count: number): Uint8Array[] {
  const named = (event: { readonly type: string; readonly [key: string]: unknown }): Uint8Array =>
    frame(event, event.type);
  return [
    named({
      type: 'message_start',
      message: {
        id: 'msg_bench00000000000000000001',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-5-5',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 236, output_tokens: 1 },
      },
    }),
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: count }, () =>
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }),
    ),
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: count },
    }),
    named({ type: 'message_stop' }),
  ];
}

function frame(json: object, name?: string): Uint8Array {
  return encoded(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(json)}\n\n`);
}

const encoder = new TextEncoder();

function encoded(given: string): Uint8Array {
  return encoder.encode(given);
}
