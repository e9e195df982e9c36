import type { RequestMeasure, ServerTool } from '../../core/estimates.ts';
import { asCount, asRecord, asText, items, member } from '../record.ts';
import { measured, RequestTally } from '../request-tally.ts';
import { silentMembers } from '../silent-members.ts';
import { isPartOfPrompt } from './held.ts';
import { askedTier } from './tier.ts';

const known = new Set([
  ...silentMembers,
  'system',
  'messages',
  'tools',
  'output_config',
  'output_format',
  'thinking',
  'stop_sequences',
  'cache_control',
  'speed',
  'inference_geo',
  'thread',
  'container',
  'mcp_servers',
  'context_management',
  'fallbacks',
  'betas',
]);

/** Anthropic API reference, "Create a Message", November 2026, with the beta's members. */
export function measure(body: unknown): RequestMeasure {
  return measured((collected) => tally(body, collected), {
    maxOutputTokens: asCount(member(body, 'max_tokens')),
    leastOutputTokens: asCount(member(member(body, 'thinking'), 'budget_tokens')),
    serverTools: serverTools(body),
    serviceTier: askedTier(body),
  });
}

/** Incomplete in a thread that goes on, with a container, or MCP servers, whose tools the provider adds by itself. */
function tally(body: unknown, collected: string[] | undefined): RequestTally {
  const size = new RequestTally(collected)
    .prompt(member(body, 'system'))
    .conversation(member(body, 'messages'))
    .definitions(member(body, 'tools'))
    .form(member(member(body, 'output_config'), 'format'))
    .form(member(body, 'output_format'))
    .others(body, known)
    .partial(
      asRecord(body) === undefined || isPartOfPrompt(body) || items(member(body, 'mcp_servers')).length > 0,
    );
  if (size.cites) size.added(citationsTokens, 2 * citationsTokens);
  for (const tool of items(member(body, 'tools'))) {
    const tokens =
      definedByProvider.find(([type]) => type.test(asText(member(tool, 'type')) ?? ''))?.[1] ?? 0;
    size.added(tokens, 2 * tokens);
  }
  return size;
}

/** How to cite, told to the model where a document asks for it. Seen in November 2026. */
const citationsTokens = 590;

/**
 * Tools of the application that the provider defines, and what their definitions take. Anthropic docs, "Pricing", "Bash
 * tool", "Text editor tool", "Computer use tool", November 2026.
 */
const definedByProvider: readonly (readonly [RegExp, number])[] = [
  [/^browser_/, 6_600],
  [/^computer_toolset/, 4_500],
  [/^computer_/, 1_300],
  [/^(text_editor|memory)_/, 700],
  [/^bash_/, 330],
];

/** Tools that the application runs, by the start of their versioned types. Tools without a type are its own as well. */
const own = /^(custom$|bash_|text_editor_|computer_|browser_|memory_)/;

/**
 * What runs inside the request and is billed beside the answer's own tokens: tools, MCP servers, compaction of the context,
 * and another model where this one declines.
 */
function serverTools(body: unknown): readonly ServerTool[] {
  const tools: ServerTool[] = [];
  for (const tool of items(member(body, 'tools'))) {
    const type = asText(member(tool, 'type'));
    if (type !== undefined && !own.test(type))
      tools.push({ type, maxUses: asCount(member(tool, 'max_uses')) });
  }
  if (items(member(body, 'mcp_servers')).length > 0) tools.push({ type: 'mcp', maxUses: undefined });
  for (const edit of items(member(member(body, 'context_management'), 'edits'))) {
    const type = asText(member(edit, 'type'));
    if (type?.startsWith('compact') === true) tools.push({ type, maxUses: undefined });
  }
  if (member(body, 'fallbacks') != null) tools.push({ type: 'fallbacks', maxUses: undefined });
  return tools;
}
