/** The two wire formats that the simulated providers speak. */
export type Family = 'openai' | 'anthropic';

/** What a request comes to. */
export interface Asked {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly inputTokens: number;
  readonly outputLimit: number;
}

/** What is generated for it. */
export interface Generated {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Wire {
  readonly family: Family;
  plain(of: Generated): string;
  /** The frames of a stream: what precedes the content, the content in pieces, and the end. */
  start(of: Generated): string;
  piece(text: string): string;
  end(of: Generated, includeUsage: boolean): string;
  inBandError(): string;
  error(status: number, message: string): string;
}

const text = 'It has rained all day, and the river is high.';

/** Roughly what tokenizers make of English. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / 4) + 3;
}

interface RequestBody {
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly messages: readonly { readonly content: string | readonly { readonly text?: string }[] }[];
}

export function read(serialized: string): Asked {
  const body = JSON.parse(serialized) as RequestBody;
  let inputTokens = 0;
  for (const { content } of body.messages) {
    if (typeof content === 'string') inputTokens += tokensOf(content.length);
    else for (const part of content) inputTokens += tokensOf(part.text?.length ?? 0);
  }
  return {
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    inputTokens,
    outputLimit: body.max_completion_tokens ?? body.max_tokens ?? 0,
  };
}

const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const named = (json: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${json.type}\n${data(json)}`;

const chunk = (more: object): string =>
  data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'm', ...more });
const choice = (delta: object, finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const chatUsage = ({ inputTokens, outputTokens }: Generated) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

const openai: Wire = {
  family: 'openai',
  plain: (of) =>
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: of.model,
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: chatUsage(of),
    }),
  start: () => chunk(choice({ role: 'assistant', content: '' })),
  piece: (content) => chunk(choice({ content })),
  end: (of, includeUsage) =>
    chunk(choice({}, 'stop')) +
    (includeUsage ? chunk({ choices: [], usage: chatUsage(of) }) : '') +
    'data: [DONE]\n\n',
  inBandError: () => data({ error: { message: 'The server had an error.', type: 'server_error' } }),
  error: (status, message) =>
    JSON.stringify({ error: { message, type: status === 429 ? 'rate_limit_exceeded' : 'server_error' } }),
};

const anthropic: Wire = {
  family: 'anthropic',
  plain: (of) =>
    JSON.stringify({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: of.model,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: of.inputTokens, output_tokens: of.outputTokens },
    }),
  start: (of) =>
    named({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: of.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: of.inputTokens, output_tokens: 1 },
      },
    }) + named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  piece: (piece) =>
    named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }),
  end: (of) =>
    named({ type: 'content_block_stop', index: 0 }) +
    named({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: of.outputTokens },
    }) +
    named({ type: 'message_stop' }),
  inBandError: () => named({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  error: (status, message) =>
    JSON.stringify({
      type: 'error',
      error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message },
    }),
};

export const wires: Readonly<Record<Family, Wire>> = { openai, anthropic };
