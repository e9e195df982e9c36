import type { AssistantPart, Message, SystemMessage, TextPart, ToolMessage } from '../neutral/message.ts';
import { asText, items, member } from '../record.ts';
import { decodeOutputItem, isSaid } from './decode-output.ts';
import { decodeInputContent, foreign } from './input-content.ts';
import { inExtras, Members, ownExtras } from './members.ts';

/**
 * Instructions and input as messages. What the model made between two turns of others (messages, calls, reasoning) is
 * one assistant turn.
 */
export function decodeInput(instructions: string | undefined, input: unknown): readonly Message[] {
  const messages: Message[] = [];
  let turn: AssistantPart[] | undefined;
  if (instructions !== undefined) messages.push({ role: 'system', content: instructions });
  const all = typeof input === 'string' ? [{ role: 'user', content: input }] : items(input);
  for (const item of all) {
    if (!isModelMade(item)) {
      turn = undefined;
      messages.push(decodeOthers(item, messages.length === 0));
      continue;
    }
    if (turn === undefined) messages.push({ role: 'assistant', content: (turn = []) });
    turn.push(...decodeOutputItem(item, isSaid(turn.at(-1))));
  }
  return messages.map(brief);
}

/** Calls of tools and what a provider's own tools gave belong to the model's turn, outputs of the application do not. */
function isModelMade(item: unknown): boolean {
  const type = asText(member(item, 'type')) ?? 'message';
  if (type === 'message') return member(item, 'role') === 'assistant';
  if (type.endsWith('_output')) return member(item, 'execution') === 'server';
  return !madeByTheApplication.has(type);
}

const madeByTheApplication = new Set([
  'item_reference',
  'mcp_approval_response',
  'additional_tools',
  'configuration_update',
  'compaction_trigger',
]);

function decodeOthers(item: unknown, isFirst: boolean): Message {
  const type = asText(member(item, 'type')) ?? 'message';
  const role = member(item, 'role');
  if (type === 'function_call_output') return decodeOutput(item);
  if (type === 'message' && (role === 'system' || role === 'developer')) {
    return decodeSystem(item, role, isFirst);
  }
  if (type === 'message' && role === 'user') {
    const members = messageMembers(item).drop('content');
    return { role, content: decodeInputContent(member(item, 'content')), ...members.extras };
  }
  return { role: 'user', content: [foreign(item)] };
}

function messageMembers(item: unknown): Members {
  return new Members(item).drop('type').drop('role').drop('status', 'completed');
}

/** Images and files have no place in our system messages: they are kept as ours, behind the texts. */
function decodeSystem(item: unknown, role: SystemMessage['role'], isFirst: boolean): SystemMessage {
  const members = messageMembers(item).drop('content');
  const content = decodeInputContent(member(item, 'content'));
  const texts = typeof content === 'string' ? content : content.filter((part) => part.type === 'text');
  const others = items(member(item, 'content')).filter((part) => member(part, 'type') !== 'input_text');
  const rest = others.length === 0 ? members.rest : { ...members.rest, content: others };
  // A mark, where the message would else be taken for the body's `instructions`, which are not kept by the provider.
  return { role, content: texts, ...(isFirst || Object.keys(rest).length > 0 ? inExtras(rest) : {}) };
}

function decodeOutput(item: unknown): ToolMessage {
  const members = new Members(item).drop('type').drop('status', 'completed').drop('output');
  return {
    role: 'tool',
    toolCallId: members.take('call_id', asText) ?? '',
    content: decodeInputContent(member(item, 'output')),
    ...members.extras,
  };
}

/** An assistant turn of one plain text as that text. */
function brief(message: Message): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message;
  const [only, ...more] = message.content;
  return more.length === 0 && only?.type === 'text' && isBare(only)
    ? { role: 'assistant', content: only.text }
    : message;
}

function isBare(part: TextPart): boolean {
  return part.citations === undefined && ownExtras(part.extras) === undefined;
}
