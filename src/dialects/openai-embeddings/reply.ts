import { inBandFailure } from '../../core/classify.ts';
import type { ReplyLens } from '../../core/dialect.ts';
import { chatUsage, chatUsageOfText } from '../openai-chat/usage.ts';
import { asText, member } from '../record.ts';
import { mentionsError } from '../told-failure.ts';
import { vectorsOf } from './vectors.ts';

/** OpenAI API reference, "The embedding object", November 2026. Vectors hold no text; usage is as in a completion. */
export const reply: ReplyLens = {
  usage: chatUsage,
  usageOfText: chatUsageOfText,
  stopReason: () => undefined,
  ending: (json) => (Array.isArray(member(json, 'data')) ? 'whole' : 'partial'),
  model: (json) => asText(member(json, 'model')),
  mapTexts: (json) => json,
  vectors: vectorsOf,
  failure: (json) =>
    Boolean(member(json, 'error')) && !Array.isArray(member(json, 'data')) ? inBandFailure(json) : undefined,
  mayFail: mentionsError,
};
