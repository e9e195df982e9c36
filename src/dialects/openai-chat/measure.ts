import type { RequestMeasure, ServerTool } from '../../core/estimates.ts';
import { asCount, asRecord, asText, items, member } from '../record.ts';
import { measured, RequestTally } from '../request-tally.ts';
import { silentMembers } from '../silent-members.ts';

const known = new Set([
  ...silentMembers,
  'messages',
  'prediction',
  'tools',
  'functions',
  'response_format',
  'web_search_options',
]);

/** OpenAI API reference, "Create chat completion", November 2026. */
export function measure(body: unknown): RequestMeasure {
  return measured((collected) => tally(body, collected), {
    maxOutputTokens: asCount(member(body, 'max_completion_tokens')) ?? asCount(member(body, 'max_tokens')),
    leastOutputTokens:
      asCount(member(member(body, 'thinking'), 'budget_tokens')) ??
      asCount(member(member(body, 'reasoning'), 'max_tokens')),
    answers: asCount(member(body, 'n')),
    serverTools: serverTools(body),
    serviceTier: asText(member(body, 'service_tier')),
  });
}

function tally(body: unknown, collected: string[] | undefined): RequestTally {
  return new RequestTally(collected)
    .conversation(member(body, 'messages'))
    .turns(member(member(body, 'prediction'), 'content'))
    .definitions(member(body, 'tools'))
    .definitions(member(body, 'functions'))
    .form(member(body, 'response_format'))
    .others(body, known)
    .partial(asRecord(body) === undefined);
}

/** Tools that the application runs. */
const own = new Set(['function', 'custom']);

/**
 * What a server that speaks this dialect runs by itself: tools of other types (Groq, OpenRouter), OpenAI's
 * `web_search_options`, xAI's `search_parameters`, OpenRouter's `plugins`, and its `models`, one of which answers instead at a
 * price of its own.
 */
function serverTools(body: unknown): readonly ServerTool[] {
  const tools: ServerTool[] = [];
  const add = (type: string): unknown => tools.push({ type, maxUses: undefined });
  for (const [key, value] of Object.entries(asRecord(body) ?? {})) {
    // The neutral format keeps tools that it has no shape for by their place.
    const isTool = key === 'tools' || /^tools\.\d+$/.test(key);
    for (const tool of isTool ? (Array.isArray(value) ? items(value) : [value]) : []) {
      const type = asText(member(tool, 'type'));
      if (type !== undefined && !own.has(type)) add(type);
    }
    if ((key === 'web_search_options' || key === 'search_parameters') && asRecord(value) !== undefined)
      add('web_search');
    if (key === 'models' && items(value).length > 0) add('models');
    if (key === 'plugins') for (const plugin of items(value)) add(asText(member(plugin, 'id')) ?? 'plugin');
  }
  return tools;
}
