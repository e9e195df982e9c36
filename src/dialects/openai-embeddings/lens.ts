import type { Dialect } from '../../core/dialect.ts';
import { noCodec, noStream } from '../no-stream.ts';
import { openaiErrors } from '../openai-errors.ts';
import { items } from './items.ts';
import { reply } from './reply.ts';
import { request } from './request.ts';

/** OpenAI's embeddings, as every compatible server speaks it. */
export const openaiEmbeddings: Dialect = {
  id: 'openai-embeddings',
  operation: 'embed',
  path: '/embeddings',
  request,
  items,
  reply,
  stream: noStream,
  errors: openaiErrors,
  codec: async () => noCodec,
};
