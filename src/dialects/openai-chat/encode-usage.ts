import type { Usage } from '../../core/usage.ts';
import type { Loss } from '../neutral/loss.ts';
import type { JsonRecord } from '../record.ts';
import { defined } from './members.ts';

/**
 * Usage of a completion, the reverse of `chatUsage`: input counts include cached tokens in both. `server_tool_use` is
 * OpenRouter's. Counts that are not known are left out; the tier stands beside the usage.
 */
export function encodeUsage(usage: Usage | undefined, losses: Loss[]): JsonRecord | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, outputTokens, cacheWriteTokensByTtl = {} } = usage;
  if (Object.values(cacheWriteTokensByTtl).some((tokens) => tokens > 0)) {
    const reason = 'Written tokens are one number here, without their lifetimes.';
    losses.push({ path: 'usage.cacheWriteTokensByTtl', reason });
  }
  if (usage.inferenceGeo !== undefined)
    losses.push({ path: 'usage.inferenceGeo', reason: 'Completions do not say where they were made.' });
  const total =
    inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  return defined({
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: total,
    prompt_tokens_details: someOf({
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: usage.audioInputTokens,
      image_tokens: usage.imageInputTokens,
    }),
    completion_tokens_details: someOf({
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.audioOutputTokens,
      image_tokens: usage.imageOutputTokens,
    }),
    server_tool_use: usage.serverToolRequests,
  });
}

function someOf(counts: JsonRecord): JsonRecord | undefined {
  const known = defined(counts);
  return Object.keys(known).length === 0 ? undefined : known;
}
