import type { Usage } from '../../core/usage.ts';
import type { Loss } from '../neutral/loss.ts';
import { asCount, asRecord, asText, type JsonRecord, member } from '../record.ts';
import { countsIn, reportedUsage } from '../reported-usage.ts';
import { membersWithUsage } from '../usage-in-text.ts';
import { present } from './members.ts';

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

/** Lifetimes of cache writes (SDK type `ResponseUsage`): those of others are told in the sum alone. */
const lifetimes = ['ttl_30m_tokens', 'ttl_12h_tokens'];

/** Counts that a response has no member for. */
const unknownHere = ['audioInputTokens', 'audioOutputTokens', 'imageInputTokens'] as const;

/** The members of a response that tell usage, as far as it is known: a count that is not stays absent. */
export function usageMembers(usage: Usage | undefined, losses: Loss[]): JsonRecord {
  if (usage === undefined) return { usage: null };
  const lose = (name: string, count: number | undefined): void => {
    if (count === undefined || count === 0) return;
    losses.push({ path: `usage.${name}`, reason: 'Responses have no such count.' });
  };
  for (const name of unknownHere) lose(name, usage[name]);
  if (usage.inferenceGeo !== undefined)
    losses.push({ path: 'usage.inferenceGeo', reason: 'Responses do not say where they were made.' });
  const { inputTokens, outputTokens, serverToolRequests = {}, cacheWriteTokensByTtl = {} } = usage;
  for (const [name, count] of Object.entries(serverToolRequests)) {
    if (name !== 'web_search_requests') lose(`serverToolRequests.${name}`, count);
  }
  const byTtl = Object.entries(cacheWriteTokensByTtl);
  for (const [name, count] of byTtl) {
    if (!lifetimes.includes(name)) lose(`cacheWriteTokensByTtl.${name}`, count);
  }
  const known = byTtl.filter(([name]) => lifetimes.includes(name));
  const searches = serverToolRequests['web_search_requests'];
  return {
    ...present({
      service_tier: usage.serviceTier,
      tool_usage: searches === undefined ? undefined : { web_search: { num_requests: searches } },
    }),
    usage: present({
      input_tokens: inputTokens,
      input_tokens_details: present({
        cached_tokens: usage.cachedInputTokens,
        cache_write_tokens: usage.cacheWriteTokens,
        cache_write_tokens_details: known.length === 0 ? undefined : Object.fromEntries(known),
      }),
      output_tokens: outputTokens,
      output_tokens_details: present({ reasoning_tokens: usage.reasoningTokens }),
      total_tokens:
        inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    }),
  };
}
