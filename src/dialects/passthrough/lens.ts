import type { Dialect } from '../../core/dialect.ts';
import { noCodec, noStream } from '../no-stream.ts';
import { openaiErrors } from '../openai-errors.ts';
import { reply } from './reply.ts';
import { request } from './request.ts';

/** For paths without a dialect (files, audio, batches, administration): limits and hooks apply, bodies are not read. */
export const passthrough: Dialect = {
  id: 'passthrough',
  operation: 'passthrough',
  path: '',
  request,
  reply,
  stream: noStream,
  errors: openaiErrors,
  codec: async () => noCodec,
};
