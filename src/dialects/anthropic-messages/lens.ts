import type { Dialect } from '../../core/dialect.ts';
import { errors } from './errors.ts';
import { reply } from './reply.ts';
import { request } from './request.ts';
import { stream } from './stream.ts';

/** Anthropic's Messages, stable and beta. */
export const anthropicMessages: Dialect = {
  id: 'anthropic-messages',
  operation: 'chat',
  path: '/v1/messages',
  request,
  reply,
  stream,
  errors,
  codec: async () => (await import('../on-demand.ts')).anthropicMessagesStreams,
  promptCache: async () => (await import('../on-demand.ts')).anthropicMessagesPromptCache,
  parameters: async () => (await import('../on-demand.ts')).anthropicMessagesParameters,
};
