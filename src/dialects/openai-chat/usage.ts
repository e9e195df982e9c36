import type { Usage } from '../../core/usage.ts';
import { asCount, asRecord, asText, type JsonRecord, member, parsed } from '../record.ts';
import { countsIn, firstCount, reportedUsage } from '../reported-usage.ts';
import { membersWithUsage } from '../usage-in-text.ts';

/**
 * Usage of a completion, a chunk or an embedding. OpenAI API reference, "The chat completion object" and "Create
 * embeddings", November 2026: `usage.prompt_tokens` includes cached tokens, `completion_tokens` includes reasoning.
 *
 * Others that speak this dialect: DeepSeek's `prompt_cache_hit_tokens`, Moonshot's `cached_tokens`, Mistral's
 * `num_cached_tokens`, Groq's `x_groq.usage` in the last chunk, OpenRouter's `server_tool_use_details`, sources and searches
 * of xAI and Perplexity. xAI counts reasoning beside
 * `completion_tokens`; the total tells so, and then it is added.
 */
export function chatUsage(json: unknown): Usage | undefined {
  const usage = asRecord(member(json, 'usage')) ?? asRecord(member(member(json, 'x_groq'), 'usage'));
  if (usage === undefined) return undefined;
  const input = asRecord(usage['prompt_tokens_details']);
  const output = asRecord(usage['completion_tokens_details']);
  const reasoningTokens = asCount(output?.['reasoning_tokens']);
  return reportedUsage({
    inputTokens: asCount(usage['prompt_tokens']),
    outputTokens: outputTokens(usage, reasoningTokens),
    cachedInputTokens: firstCount(
      input?.['cached_tokens'],
      usage['prompt_cache_hit_tokens'],
      usage['cached_tokens'],
      usage['num_cached_tokens'],
    ),
    cacheWriteTokens: asCount(input?.['cache_write_tokens']),
    reasoningTokens,
    audioInputTokens: asCount(input?.['audio_tokens']),
    audioOutputTokens: asCount(output?.['audio_tokens']),
    imageInputTokens: asCount(input?.['image_tokens']),
    imageOutputTokens: asCount(output?.['image_tokens']),
    serverToolRequests: serverToolRequests(usage),
    serviceTier: asText(member(json, 'service_tier')) ?? asText(usage['service_tier']),
  });
}

export function chatUsageOfText(text: string): Usage | undefined {
  const members = membersWithUsage(text, 'service_tier');
  const elsewhere = asRecord(members?.['usage']) === undefined && text.includes('x_groq');
  return chatUsage(elsewhere ? parsed(text) : members);
}

/** Requests by tool; else how many were run in all. */
function serverToolRequests(usage: JsonRecord): Readonly<Record<string, number>> | undefined {
  const requests: Record<string, number> = {};
  const told = Object.entries(countsIn(usage['server_tool_use'] ?? usage['server_tool_use_details']) ?? {});
  for (const [name, count] of told) if (name.endsWith('_requests')) requests[name] = count;
  if (Object.keys(requests).length === 0)
    for (const [name, count] of told) if (name !== 'tool_calls_requested') requests[name] = count;
  for (const name of ['num_sources_used', 'num_search_queries', 'num_server_side_tools_used']) {
    const count = asCount(usage[name]) ?? 0;
    if (count > 0) requests[name] = count;
  }
  return Object.keys(requests).length === 0 ? undefined : requests;
}

function outputTokens(usage: JsonRecord, reasoning: number | undefined): number | undefined {
  const completion = asCount(usage['completion_tokens']);
  const prompt = asCount(usage['prompt_tokens']);
  const total = asCount(usage['total_tokens']);
  if (completion === undefined || prompt === undefined || total === undefined || reasoning === undefined) {
    return completion;
  }
  return reasoning > 0 && total === prompt + completion + reasoning ? completion + reasoning : completion;
}
