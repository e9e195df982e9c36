import type { Usage } from '../../core/usage.ts';
import type { Loss } from '../neutral/loss.ts';
import { asCount, asRecord, asText, items, type JsonRecord, member, parsed } from '../record.ts';
import { countsIn, reportedUsage } from '../reported-usage.ts';
import { membersWithUsage } from '../usage-in-text.ts';
import { present } from './members.ts';

/**
 * Usage of a response. OpenAI API reference, "The response object", November 2026: `usage.input_tokens` includes
 * cached tokens, `output_tokens` includes reasoning; web searches are told in `tool_usage`. Other tools that the provider
 * ran are told by their items alone. xAI tells how many of its own it ran.
 */
export function responseUsage(json: unknown): Usage | undefined {
  const usage = asRecord(member(json, 'usage'));
  if (usage === undefined) return undefined;
  const input = usage['input_tokens_details'];
  const output = usage['output_tokens_details'];
  return reportedUsage({
    inputTokens: asCount(usage['input_tokens']),
    outputTokens: asCount(usage['output_tokens']),
    cachedInputTokens: asCount(member(input, 'cached_tokens')),
    cacheWriteTokens: asCount(member(input, 'cache_write_tokens')),
    cacheWriteTokensByTtl: countsIn(member(input, 'cache_write_tokens_details')),
    reasoningTokens: asCount(member(output, 'reasoning_tokens')),
    audioInputTokens: asCount(member(input, 'audio_tokens')),
    audioOutputTokens: asCount(member(output, 'audio_tokens')),
    imageInputTokens: asCount(member(input, 'image_tokens')),
    imageOutputTokens: asCount(member(output, 'image_tokens')),
    serverToolRequests: serverToolRequests(json, usage),
    serviceTier: asText(member(json, 'service_tier')),
  });
}

export function responseUsageOfText(text: string): Usage | undefined {
  // What the provider ran stands among the output, in the middle of the text.
  return responseUsage(
    namesBilledItem(text) ? parsed(text) : membersWithUsage(text, 'service_tier', 'tool_usage'),
  );
}

/** Tools that the provider runs and bills for, as the types of their output items begin. */
const billedTools = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'shell'];

function namesBilledItem(text: string): boolean {
  for (let at = text.indexOf('_call"'); at >= 0; at = text.indexOf('_call"', at + 1)) {
    const before = text.slice(Math.max(0, at - 20), at);
    if (billedTools.some((tool) => before.endsWith(tool))) return true;
  }
  return false;
}

function serverToolRequests(json: unknown, usage: JsonRecord): Readonly<Record<string, number>> | undefined {
  const requests: Record<string, number> = {};
  for (const item of items(member(json, 'output'))) {
    const type = asText(member(item, 'type')) ?? '';
    const tool = billedTools.find((each) => type === `${each}_call`);
    if (tool === undefined || !isBilled(type, item)) continue;
    const name = `${tool}_requests`;
    requests[name] = (requests[name] ?? 0) + 1;
  }
  const searches = asCount(member(member(member(json, 'tool_usage'), 'web_search'), 'num_requests'));
  if (searches !== undefined) requests['web_search_requests'] = searches;
  const ran = asCount(usage['num_server_side_tools_used']) ?? 0;
  if (ran > 0 && Object.keys(requests).length === 0) requests['num_server_side_tools_used'] = ran;
  return Object.keys(requests).length === 0 ? undefined : requests;
}

/** Opening a page that was found costs nothing (OpenAI, "Pricing", November 2026); nor does a shell of the application's own. */
function isBilled(type: string, item: unknown): boolean {
  if (type === 'web_search_call') return (member(member(item, 'action'), 'type') ?? 'search') === 'search';
  return type !== 'shell_call' || member(member(item, 'environment'), 'type') === 'container_reference';
}

/** Lifetimes of cache writes (SDK type `ResponseUsage`): those of others are told in the sum alone. */
const lifetimes = ['ttl_30m_tokens', 'ttl_12h_tokens'];

/** Counts that a response has no member for. */
const unknownHere = [
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'imageOutputTokens',
] as const;

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
