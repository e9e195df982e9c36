import type { Dialect } from '../../core/dialect.ts';
import { errors } from './errors.ts';
import { reply } from './reply.ts';
import { request } from './request.ts';
import { stream } from './stream.ts';

/** OpenAI's Responses, as OpenAI, Azure and compatible servers speak it. */
export const openaiResponses: Dialect = {
  id: 'openai-responses',
  operation: 'chat',
  path: '/responses',
  request,
  reply,
  stream,
  errors,
  codec: async () => (await import('../on-demand.ts')).openaiResponsesStreams,
  promptCache: async () => (await import('../on-demand.ts')).openaiResponsesPromptCache,
  parameters: async () => (await import('../on-demand.ts')).openaiResponsesParameters,
};
