import type { RequestMeasure, ServerTool } from '../../core/estimates.ts';
import { asCount, asRecord, asText, items, member } from '../record.ts';
import { measured, RequestTally } from '../request-tally.ts';
import { silentMembers } from '../silent-members.ts';
import { heldBy } from './held-by.ts';

const known = new Set([
  ...silentMembers,
  'input',
  'instructions',
  'prompt',
  'tools',
  'text',
  'include',
  'truncation',
  'background',
  'previous_response_id',
  'conversation',
  'context_management',
]);

/** OpenAI API reference, "Create a model response", November 2026. */
export function measure(body: unknown): RequestMeasure {
  return measured((collected) => tally(body, collected), {
    maxOutputTokens: asCount(member(body, 'max_output_tokens')),
    serverTools: serverTools(body),
    serviceTier: asText(member(body, 'service_tier')),
    background: member(body, 'background') === true,
  });
}

function tally(body: unknown, collected: string[] | undefined): RequestTally {
  const size = new RequestTally(collected)
    .prompt(member(body, 'instructions'))
    .conversation(member(body, 'input'))
    .turns(member(member(body, 'prompt'), 'variables'))
    .definitions(member(body, 'tools'))
    .form(member(member(body, 'text'), 'format'))
    .others(body, known)
    .partial(
      asRecord(body) === undefined ||
        heldBy(body) !== undefined ||
        asRecord(member(body, 'prompt')) !== undefined,
    );
  for (const tool of items(member(body, 'tools')))
    if (definedByProvider.has(asText(member(tool, 'type')) ?? '')) size.added(0, mostOfDefinition);
  return size;
}

/** Tools that the application runs and OpenAI defines. How long the definitions are is not published. */
const definedByProvider = new Set([
  'local_shell',
  'shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
  'programmatic_tool_calling',
]);
const mostOfDefinition = 4_000;

/** Tools that the application runs. `tool_search` and `shell` say where. */
const own = new Set(['function', 'custom', 'namespace', ...definedByProvider]);

/** Every tool together may be called `max_tool_calls` times. Compaction is a request of its own, whenever the context is full. */
function serverTools(body: unknown): readonly ServerTool[] {
  const maxUses = asCount(member(body, 'max_tool_calls'));
  const tools: ServerTool[] = [];
  for (const tool of items(member(body, 'tools'))) {
    const type = asText(member(tool, 'type'));
    if (type !== undefined && !isRunByCaller(type, tool)) tools.push({ type, maxUses });
  }
  // A stored prompt may have tools that the request does not name.
  if (asRecord(member(body, 'prompt')) !== undefined) tools.push({ type: 'prompt', maxUses });
  for (const management of items(member(body, 'context_management')))
    tools.push({ type: asText(member(management, 'type')) ?? 'context_management', maxUses: undefined });
  return tools;
}

/** SDK types `FunctionShellTool` and `ToolSearchTool`, November 2026. */
function isRunByCaller(type: string, tool: unknown): boolean {
  if (type === 'tool_search') return member(tool, 'execution') === 'client';
  if (type === 'shell') return member(member(tool, 'environment'), 'type') === 'local';
  return own.has(type);
}
