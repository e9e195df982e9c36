import Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { needsTimeout, type Client } from '../recordings/conversation.ts';

/** How an application takes an answer: whole; as its bytes; event by event; as the SDK's helper for streams makes it whole. */
export type Form = 'plain' | 'bytes' | 'events' | 'helper';

/** What is asked, in the format of one of the SDK's methods. */
export interface Question {
  readonly format: 'chat' | 'responses' | 'messages' | 'beta messages';
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the application has in the end. Throws what the SDK throws. */
export async function ask(client: Client, { format, body }: Question, form: Form): Promise<unknown> {
  const { stream: _stream, stream_options: options, ...rest } = body;
  const streamed = { ...rest, stream: true, ...(options === undefined ? {} : { stream_options: options }) };
  const methods = methodsOf(client, format, needsTimeout(rest) ? { timeout: 600_000 } : {});
  switch (form) {
    case 'plain':
      return methods.create(rest);
    case 'bytes':
      return (await methods.create(rest).asResponse()).text();
    case 'events': {
      const events: unknown[] = [];
      for await (const event of (await methods.create(streamed)) as AsyncIterable<unknown>)
        events.push(structuredClone(event));
      return events;
    }
    case 'helper':
      // Else a chat stream tells no usage, and that could not be compared.
      return methods.final(format === 'chat' ? { ...rest, stream_options: { include_usage: true } } : rest);
    default:
      return form satisfies never;
  }
}

interface Methods {
  create(body: object): PromiseLike<unknown> & { asResponse(): Promise<Response> };
  final(body: object): Promise<unknown>;
}

function methodsOf(client: Client, format: Question['format'], options: object): Methods {
  if (client instanceof Anthropic) {
    const { messages } = (format === 'beta messages' ? client.beta : client) as Anthropic;
    return {
      create: (body) => messages.create(body as never, options),
      final: (body) => messages.stream(body as never, options).finalMessage(),
    };
  }
  return format === 'chat' ? chatMethods(client) : responsesMethods(client);
}

function chatMethods({ chat }: OpenAI): Methods {
  return {
    create: (body) => chat.completions.create(body as never),
    final: (body) => chat.completions.stream(body as never).finalChatCompletion(),
  };
}

function responsesMethods({ responses }: OpenAI): Methods {
  return {
    create: (body) => responses.create(body as never),
    final: (body) => responses.stream(body as never).finalResponse(),
  };
}
