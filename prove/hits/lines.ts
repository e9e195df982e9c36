import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { clientFor, type Client } from '../recordings/conversation.ts';
import type { Exchange } from '../recordings/exchanges.ts';
import type { Question } from './ask.ts';
import type { Clients } from './world.ts';

/** A way from who asks to who answers. */
export interface Line {
  readonly name: string;
  readonly exchange: Exchange;
  readonly question: Question;
  /** Whether who answers speaks another format. */
  readonly isTranslated: boolean;
  clients(fetch: typeof globalThis.fetch): Clients;
}

const formats: Readonly<Record<string, Question['format']>> = {
  'openai.chat': 'chat',
  'openai.responses': 'responses',
  'anthropic.messages': 'messages',
};

/** Asked with the SDK of whoever answers, just as it was recorded; `undefined` for what is no chat. */
export function ownLine(exchange: Exchange): Line | undefined {
  const format = formats[exchange.operation];
  if (format === undefined) return undefined;
  const { path, body } = exchange.request;
  return {
    name: format,
    exchange,
    question: { format: path.endsWith('?beta=true') ? 'beta messages' : format, body },
    isTranslated: false,
    clients: (fetch) => ({ caller: clientFor(exchange, fetch) }),
  };
}

const messages = [{ role: 'user', content: 'Hello' }];
const openai = (fetch: typeof globalThis.fetch): Client =>
  new OpenAI({ apiKey: 'none', baseURL: 'https://openai.test/v1', fetch });
const anthropic = (fetch: typeof globalThis.fetch): Client =>
  new Anthropic({ apiKey: 'none', baseURL: 'https://anthropic.test', fetch });
const usage = { stream_options: { include_usage: true } };

/** Asked with another SDK than that of whoever answers. */
export function translatedLines(exchange: Exchange): readonly Line[] {
  const format = formats[exchange.operation];
  const line = (name: string, question: Question, caller: typeof openai, target: typeof openai): Line => ({
    name,
    exchange,
    question,
    isTranslated: true,
    clients: (fetch) => ({ caller: caller(fetch), target: target(fetch) }),
  });
  if (format === 'chat') {
    const body = { model: 'other/gpt-5-mini', max_tokens: 1_000, messages };
    return [line('messages, answered by chat', { format: 'messages', body }, anthropic, openai)];
  }
  if (format !== 'messages') return [];
  const model = 'other/claude-sonnet-5';
  return [
    line(
      'chat, answered by messages',
      { format: 'chat', body: { model, messages, ...usage } },
      openai,
      anthropic,
    ),
    line(
      'responses, answered by messages',
      { format: 'responses', body: { model, input: 'Hello' } },
      openai,
      anthropic,
    ),
  ];
}
