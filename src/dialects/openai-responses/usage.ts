import type { Usage } from '../../core/usage.ts';
import { asCount, asRecord, asText, member } from '../record.ts';
import { countsIn, reportedUsage } from '../reported-usage.ts';
import { membersWithUsage } from '../usage-in-text.ts';

/**
 * Usage of a response. OpenAI API reference, "The response object", November 2026: `usage.input_tokens` includes
 * cached tokens, `output_tokens` includes reasoning; web searches are told in `tool_usage`.
 */
export function responseUsage(json: unknown): Usage | undefined {
  const usage = asRecord(member(json, 'usage'));
  if (usage === undefined) return undefined;
  const input = usage['input_tokens_details'];
  const searches = asCount(member(member(member(json, 'tool_usage'), 'web_search'), 'num_requests'));
  return reportedUsage({
    inputTokens: asCount(usage['input_tokens']),
    outputTokens: asCount(usage['output_tokens']),
    cachedInputTokens: asCount(member(input, 'cached_tokens')),
    cacheWriteTokens: asCount(member(input, 'cache_write_tokens')),
    cacheWriteTokensByTtl: countsIn(member(input, 'cache_write_tokens_details')),
    reasoningTokens: asCount(member(usage['output_tokens_details'], 'reasoning_tokens')),
    serverToolRequests: searches === undefined ? undefined : { web_search_requests: searches },
    serviceTier: asText(member(json, 'service_tier')),
  });
}

export function responseUsageOfText(text: string): Usage | undefined {
  return responseUsage(membersWithUsage(text, 'service_tier', 'tool_usage'));
}
