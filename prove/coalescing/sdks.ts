import { APIUserAbortError as AnthropicAborted, type Anthropic } from '@anthropic-ai/sdk';
import { APIUserAbortError as OpenAIAborted, type OpenAI } from 'openai';

/** How one of the SDKs is asked, and what it gives. */
export interface Asking {
  readonly name: string;
  readonly Aborted: new () => Error;
  plain(clients: AskedClients, signal: AbortSignal): Promise<unknown>;
  stream(clients: AskedClients, signal: AbortSignal): Promise<AsyncIterable<unknown>>;
  /** All that a plain answer, or the events of a streamed one, says. */
  said(heard: unknown): string;
}

export interface AskedClients {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
}

const messages = [{ role: 'user' as const, content: 'What do all of us want to know?' }];

export const askings: readonly Asking[] = [
  {
    name: 'openai, chat',
    Aborted: OpenAIAborted,
    plain: ({ openai }, signal) =>
      openai.chat.completions.create({ model: 'gpt', messages }, { signal, maxRetries: 0 }),
    stream: ({ openai }, signal) =>
      openai.chat.completions.create({ model: 'gpt', messages, stream: true }, { signal, maxRetries: 0 }),
    said: (heard) =>
      Array.isArray(heard)
        ? (heard as OpenAI.ChatCompletionChunk[])
            .map(({ choices }) => choices[0]?.delta.content ?? '')
            .join('')
        : ((heard as OpenAI.ChatCompletion).choices[0]?.message.content ?? ''),
  },
  {
    name: 'openai, responses',
    Aborted: OpenAIAborted,
    plain: ({ openai }, signal) =>
      openai.responses.create({ model: 'gpt', input: messages }, { signal, maxRetries: 0 }),
    stream: ({ openai }, signal) =>
      openai.responses.create({ model: 'gpt', input: messages, stream: true }, { signal, maxRetries: 0 }),
    said: (heard) =>
      Array.isArray(heard)
        ? (heard as OpenAI.Responses.ResponseStreamEvent[])
            .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
            .join('')
        : (heard as OpenAI.Responses.Response).output_text,
  },
  {
    name: 'anthropic',
    Aborted: AnthropicAborted,
    plain: ({ anthropic }, signal) =>
      anthropic.messages.create({ model: 'claude', max_tokens: 100, messages }, { signal, maxRetries: 0 }),
    stream: ({ anthropic }, signal) =>
      anthropic.messages.create(
        { model: 'claude', max_tokens: 100, messages, stream: true },
        { signal, maxRetries: 0 },
      ),
    said: (heard) =>
      Array.isArray(heard)
        ? (heard as Anthropic.RawMessageStreamEvent[])
            .map((event) =>
              event.type === 'content_block_delta' && event.delta.type === 'text_delta'
                ? event.delta.text
                : '',
            )
            .join('')
        : (heard as Anthropic.Message).content
            .map((block) => (block.type === 'text' ? block.text : ''))
            .join(''),
  },
];
