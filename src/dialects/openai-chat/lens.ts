import type { Dialect } from '../../core/dialect.ts';
import { openaiErrors } from '../openai-errors.ts';
import { reply } from './reply.ts';
import { request } from './request.ts';
import { stream } from './stream.ts';

/** OpenAI's Chat Completions, as OpenAI, Azure and every compatible server speak it. */
export const openaiChat: Dialect = {
  id: 'openai-chat',
  operation: 'chat',
  path: '/chat/completions',
  request,
  reply,
  stream,
  errors: openaiErrors,
  codec: async () => (await import('../on-demand.ts')).openaiChatStreams,
  promptCache: async () => (await import('../on-demand.ts')).openaiChatPromptCache,
  parameters: async () => (await import('../on-demand.ts')).openaiChatParameters,
};
