import type { Dialect, DialectId } from '../core/dialect.ts';
import { anthropicMessages } from './anthropic-messages/lens.ts';
import { neutral } from './neutral/lens.ts';
import { openaiChat } from './openai-chat/lens.ts';
import { openaiEmbeddings } from './openai-embeddings/lens.ts';
import { openaiResponses } from './openai-responses/lens.ts';
import { passthrough } from './passthrough/lens.ts';

export { anthropicMessages, neutral, openaiChat, openaiEmbeddings, openaiResponses, passthrough };

/** Every dialect by its id. */
export const dialectsById: Readonly<Record<DialectId, Dialect>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-embeddings': openaiEmbeddings,
  'anthropic-messages': anthropicMessages,
  neutral,
  passthrough,
};

/**
 * The dialect that a request speaks, by the end of its path: what stands before it (`/v1`, `/openai/deployments/x`, a
 * gateway's prefix) does not matter. Whatever else is there, such as `/responses/compact`, `/messages/batches` or
 * `/completions`, is passthrough, and so is every request that is no POST.
 *
 * @param pathname of the request; a query, as Anthropic's beta resources and callers of `client.post` write, is left out of account
 */
export function dialectOfPath(pathname: string, method: string): Dialect {
  if (method.toUpperCase() !== 'POST') return passthrough;
  const query = pathname.indexOf('?');
  const whole = query < 0 ? pathname : pathname.slice(0, query);
  const path = whole.endsWith('/') ? whole.slice(0, -1) : whole;
  if (path.endsWith('/chat/completions')) return openaiChat;
  if (path.endsWith('/responses')) return openaiResponses;
  if (path.endsWith('/embeddings')) return openaiEmbeddings;
  if (path.endsWith('/v1/messages')) return anthropicMessages;
  return passthrough;
}
