import type { Usage } from '../../core/usage.ts';
import { answer, extras } from './message-shape.ts';
import type { NeutralReply, Stop } from './reply.ts';
import { count, dictionary, object, oneOf, text } from './shape.ts';

const stopReason = oneOf(
  'stop',
  'stop-sequence',
  'length',
  'context',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'other',
);

export const stop = object<Stop>(['reason'], {
  reason: (value, path, losses) => stopReason(value, path, losses) ?? 'other',
  sequence: text,
});

export const usage = object<Usage>(['provenance'], {
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  cacheWriteTokensByTtl: dictionary(count),
  reasoningTokens: count,
  audioInputTokens: count,
  audioOutputTokens: count,
  imageInputTokens: count,
  imageOutputTokens: count,
  serverToolRequests: dictionary(count),
  serviceTier: text,
  inferenceGeo: text,
  provenance: oneOf('reported', 'estimated'),
});

/** A reply is one whatever is missing. */
export const reply = object<NeutralReply>([], {
  id: text,
  model: text,
  content: answer,
  stop,
  usage,
  extras,
});
