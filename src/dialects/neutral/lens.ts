import type { Dialect } from '../../core/dialect.ts';
import { errors } from './errors.ts';
import { replyLens } from './reply-lens.ts';
import { requestLens } from './request-lens.ts';
import { streamLens } from './stream-lens.ts';

/**
 * Ours: what `llm.chat` and `llm.stream` speak. No provider does, so a call in it is translated below the last
 * interceptor, and nothing is ever sent to its path.
 */
export const neutral: Dialect = {
  id: 'neutral',
  operation: 'chat',
  path: '',
  request: requestLens,
  reply: replyLens,
  stream: streamLens,
  errors,
  codec: async () => (await import('../on-demand.ts')).neutralStreams,
  parameters: async () => (await import('../on-demand.ts')).neutralParameters,
};
