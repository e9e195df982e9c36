import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One HTTP exchange with a provider, as it was recorded. */
export interface Exchange {
  readonly id: string;
  readonly provider: string;
  readonly operation: string;
  readonly stream: boolean;
  readonly request: {
    readonly host: string;
    readonly path: string;
    readonly body: Readonly<Record<string, unknown>>;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly sse?: string;
  };
}

const file = fileURLToPath(new URL('../../../shared/recordings/exchanges.jsonl', import.meta.url));

/** The recordings that lie beside the repository, or `undefined` where there are none. */
export function recordedExchanges(): readonly Exchange[] | undefined {
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Exchange);
}

const json = { 'content-type': 'application/json' };
const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };
const messages = [{ role: 'user', content: 'Hello' }];

function chatChunk(choices: readonly object[], rest: object = {}): string {
  const chunk = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-6-luna',
    choices,
    ...rest,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function named(event: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const ownChat = {
  provider: 'openai',
  operation: 'openai.chat',
  request: { host: 'api.openai.com', path: '/v1/chat/completions', body: { model: 'gpt-6-luna', messages } },
};
const ownMessages = {
  provider: 'anthropic',
  operation: 'anthropic.messages',
  request: {
    host: 'api.anthropic.com',
    path: '/v1/messages',
    body: { model: 'claude-sonnet-5', max_tokens: 64, messages },
  },
};

/** A few exchanges that this project wrote itself, for where there are no recordings. */
export const ownExchanges: readonly Exchange[] = [
  {
    ...ownChat,
    id: 'own-chat',
    stream: false,
    response: {
      status: 200,
      headers: json,
      body: {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'gpt-6-luna',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Grüß dich 👋' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 },
        vendor_field: { kept: true },
      },
    },
  },
  {
    ...ownChat,
    id: 'own-chat-stream',
    stream: true,
    request: { ...ownChat.request, body: { ...ownChat.request.body, stream: true } },
    response: {
      status: 200,
      headers: eventStream,
      sse:
        chatChunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]) +
        chatChunk([{ index: 0, delta: { content: 'Grüß dich 👋' }, finish_reason: null }]) +
        chatChunk([{ index: 0, delta: {}, finish_reason: 'stop' }]) +
        chatChunk([], { usage: { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 } }) +
        'data: [DONE]\n\n',
    },
  },
  {
    ...ownChat,
    id: 'own-chat-404',
    stream: false,
    response: {
      status: 404,
      headers: json,
      body: { error: { message: 'No such model', type: 'invalid_request_error', code: 'model_not_found' } },
    },
  },
  {
    ...ownMessages,
    id: 'own-messages',
    stream: false,
    response: {
      status: 200,
      headers: json,
      body: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-5',
        content: [{ type: 'text', text: 'Grüß dich 👋' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: {
          input_tokens: 8,
          cache_read_input_tokens: 2,
          cache_creation_input_tokens: 0,
          output_tokens: 4,
        },
      },
    },
  },
  {
    ...ownMessages,
    id: 'own-messages-stream',
    stream: true,
    request: { ...ownMessages.request, body: { ...ownMessages.request.body, stream: true } },
    response: {
      status: 200,
      headers: eventStream,
      sse:
        named({
          type: 'message_start',
          message: {
            id: 'msg_1',
            type: 'message',
            role: 'assistant',
            model: 'claude-sonnet-5',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: 8, output_tokens: 1 },
          },
        }) +
        named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
        named({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text: 'Grüß dich 👋' },
        }) +
        named({ type: 'content_block_stop', index: 0 }) +
        named({
          type: 'message_delta',
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: 4 },
        }) +
        named({ type: 'message_stop' }),
    },
  },
];
