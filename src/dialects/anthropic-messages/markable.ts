import { asRecord, asText, changeItems, items, type JsonRecord, member } from '../record.ts';

/** A breakpoint of the prompt cache, as the API takes it. */
export type Mark = JsonRecord;

/**
 * Blocks of a user's turn or a system prompt that may have a breakpoint; thinking may have none, nor a text without
 * anything in it. Anthropic docs, "Prompt caching", "What can be cached", and the SDK's types, November 2026.
 */
const markable = new Set(['text', 'image', 'document', 'search_result', 'tool_result']);

function isMarkable(block: unknown): boolean {
  const type = asText(member(block, 'type'));
  if (type === undefined || !markable.has(type)) return false;
  return type !== 'text' || (asText(member(block, 'text')) ?? '').trim() !== '';
}

/** The content with a breakpoint at its last block that may have one; the same object where none may. */
export function withMarkAt(content: unknown, mark: Mark): unknown {
  if (typeof content === 'string')
    return content.trim() === '' ? content : [{ type: 'text', text: content, cache_control: mark }];
  const last = items(content).findLastIndex(isMarkable);
  return changeItems(content, (block, index) =>
    index === last ? { ...asRecord(block), cache_control: mark } : block,
  );
}

/** Where the last tool stands that may have one: none that is loaded when it is searched for, whole or in part. */
export function lastTool(tools: readonly unknown[]): number {
  return tools.findLastIndex((tool) => asRecord(tool) !== undefined && !isDeferred(tool));
}

/** SDK types `BetaMCPToolset`, `BetaBrowserToolset`, November 2026: of a toolset, its default or any of its members. */
function isDeferred(tool: unknown): boolean {
  const configs = [
    tool,
    member(tool, 'default_config'),
    ...Object.values(asRecord(member(tool, 'configs')) ?? {}),
  ];
  return configs.some((config) => member(config, 'defer_loading') === true);
}

/**
 * Where the user's last turn stands, and the one before the model's last answer: there ended the request that this one
 * goes on from, which the provider finds although more than the 20 blocks that it looks back over have come since.
 */
export function turnEnds(messages: readonly unknown[]): readonly number[] {
  const last = lastOf(messages, 'user', messages.length);
  const before = lastOf(messages, 'user', lastOf(messages, 'assistant', last));
  return [last, before].filter((index) => index >= 0);
}

function lastOf(messages: readonly unknown[], role: string, before: number): number {
  return messages.slice(0, Math.max(0, before)).findLastIndex((message) => member(message, 'role') === role);
}
