import type { Receipt } from '../core/receipt.ts';
import type { Usage } from '../core/usage.ts';
import { openaiEmbeddings } from '../dialects/openai-embeddings/lens.ts';
import { vectorsOf } from '../dialects/openai-embeddings/vectors.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { answerTo, type Asking } from './asking.ts';
import { checkRequest } from './check-request.ts';
import type { EmbedRequest } from './request.ts';

/** What `llm.embed` gives. */
export interface Embeddings {
  /** A vector for each text, in the order of the texts. */
  readonly embeddings: readonly (readonly number[])[];
  /** `undefined`: the provider did not say. */
  readonly usage: Usage | undefined;
  readonly receipt: Receipt;
}

/** OpenAI API reference, "Create embeddings", November 2026. Vectors come as numbers, the API's own default. */
export async function embed(asking: Asking, request: EmbedRequest): Promise<Embeddings> {
  checkRequest('embed', request);
  const { model, input, dimensions } = request;
  const body = {
    model,
    input: typeof input === 'string' ? input : input.slice(),
    ...(dimensions === undefined ? {} : { dimensions }),
  };
  const { json, receipt } = await answerTo(asking, { dialect: openaiEmbeddings, body, stream: false });
  const embeddings = vectorsOf(json);
  const count = typeof body.input === 'string' ? 1 : body.input.length;
  if (embeddings.length !== count || embeddings.some((vector) => vector.length === 0)) {
    throw new ManagedLLMError({
      code: 'unreadable-answer',
      callId: receipt.callId,
      message: `${count} vectors were asked for, and the answer does not hold as many.`,
    });
  }
  return { embeddings, usage: openaiEmbeddings.reply.usage(json), receipt };
}
