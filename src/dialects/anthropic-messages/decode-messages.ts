import type { Loss } from '../neutral/loss.ts';
import type { AssistantMessage, Message, SystemMessage, ToolMessage, UserPart } from '../neutral/message.ts';
import { asRecord, asText, items, member } from '../record.ts';
import { decodeAssistantBlock, decodeText, decodeUserBlock } from './decode-block.ts';
import { extrasOf, extrasWith, membersExcept } from './own-extras.ts';

/** SDK type `MessageParam`. A user's turn that holds results of tools is told as a message for each of them. */
export function decodeMessages(messages: unknown, losses: Loss[]): readonly Message[] {
  return items(messages).flatMap((message, index): readonly Message[] => {
    const content = member(message, 'content');
    switch (member(message, 'role')) {
      case 'user':
        return decodeUserTurn(message, content);
      case 'assistant':
        return [decodeAssistantTurn(message, content)];
      case 'system':
        return [decodeSystem(content, membersExcept(message, 'role', 'content'))];
      default:
        losses.push({ path: `messages.${index}.role`, reason: 'It has no role; the message was left out.' });
        return [];
    }
  });
}

/**
 * Instructions, before the conversation or within it. Blocks that are no text (changes of tools, which only stand
 * within) go into extras under their type.
 */
export function decodeSystem(content: unknown, members: Readonly<Record<string, unknown>>): SystemMessage {
  if (!Array.isArray(content)) {
    return { role: 'system', content: asText(content) ?? '', ...extrasWith(members) };
  }
  const others: Record<string, unknown[]> = {};
  const texts = items(content).flatMap((block) => {
    const text = member(block, 'type') === 'text' ? decodeText(block) : undefined;
    if (text !== undefined) return [text];
    (others[asText(member(block, 'type')) ?? 'content'] ??= []).push(block);
    return [];
  });
  return { role: 'system', content: texts, ...extrasWith({ ...members, ...others }) };
}

function decodeAssistantTurn(message: unknown, content: unknown): AssistantMessage {
  return {
    role: 'assistant',
    content: Array.isArray(content) ? items(content).map(decodeAssistantBlock) : (asText(content) ?? ''),
    ...extrasOf(message, 'role', 'content'),
  };
}

function decodeUserTurn(message: unknown, content: unknown): readonly Message[] {
  const extras = extrasOf(message, 'role', 'content');
  if (!Array.isArray(content)) return [{ role: 'user', content: asText(content) ?? '', ...extras }];
  const turns: Message[] = [];
  let said: UserPart[] = [];
  const flush = (): void => {
    if (said.length > 0) turns.push({ role: 'user', content: said, ...extras });
    said = [];
  };
  for (const block of items(content)) {
    if (member(block, 'type') === 'tool_result') {
      flush();
      turns.push(decodeToolResult(block));
    } else {
      said.push(decodeUserBlock(block));
    }
  }
  flush();
  return turns;
}

/** SDK type `ToolResultBlockParam`. */
function decodeToolResult(block: unknown): ToolMessage {
  const content = member(block, 'content');
  const isError = member(block, 'is_error');
  return {
    role: 'tool',
    toolCallId: asText(member(block, 'tool_use_id')) ?? '',
    content: Array.isArray(content)
      ? items(content).map(decodeUserBlock)
      : asRecord(content) === undefined
        ? (asText(content) ?? '')
        : [decodeUserBlock(content)],
    ...(typeof isError === 'boolean' ? { isError } : {}),
    ...extrasOf(block, 'type', 'tool_use_id', 'content', 'is_error'),
  };
}
