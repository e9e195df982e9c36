import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { Message, Part, SystemMessage, ToolMessage } from '../neutral/message.ts';
import { asText, items, type JsonRecord, member } from '../record.ts';
import { isBlank } from './blank-text.ts';
import { encodePart, inRequest } from './encode-block.ts';
import { joinedInstructions } from './instructions.ts';
import { dialect, ownMembers } from './own-extras.ts';
import { takesSystemTurns } from './system-turns.ts';
import { legalToolCallId } from './tool-call-id.ts';
import { Turns } from './turns.ts';

/** The conversation with the instructions that stand before it. */
interface EncodedMessages {
  readonly system: string | readonly JsonRecord[] | undefined;
  readonly messages: readonly JsonRecord[];
}

/** An instruction within the conversation that waits for its place. */
interface Waiting {
  readonly path: string;
  readonly content: string | readonly JsonRecord[];
  readonly members: JsonRecord;
  /** Whether something of the user came after it. */
  moved: boolean;
}

/** Stands for the user where a conversation does not begin with one. */
const nothingSaid = '.';

/**
 * Instructions before the conversation go into `system`. Later ones stand where the API takes them ("Mid-conversation
 * system messages", November 2026): after a user's turn and before the model's, or last. One that has no such place
 * after it, or a model that takes none within, gets it in `system` too.
 */
export function encodeMessages(all: readonly Message[], model: string, losses: Loss[]): EncodedMessages {
  const turns = new Turns();
  const instructions: (string | JsonRecord)[] = [];
  let waiting: Waiting[] = [];
  const place = (): void => {
    for (const { path, content, members, moved } of waiting) {
      const isLegal = turns.lastRole === 'user' || turns.lastRole === 'system' || turns.endsInServerTool;
      if (isLegal && takesSystemTurns(model)) {
        if (moved)
          losses.push({ path, reason: 'Instructions come after the user’s turn; it was moved there.' });
        turns.add('system', content, members);
      } else {
        losses.push({
          path,
          reason: 'Instructions have no place there; it was put before the conversation.',
        });
        instructions.push(...(typeof content === 'string' ? [content] : content));
      }
    }
    waiting = [];
  };
  let hasBegun = false;
  for (const [index, message] of all.entries()) {
    const path = `messages.${index}`;
    losses.push(...foreignExtras(message.extras, dialect, path));
    if (isInstructions(message)) {
      const { content, members } = encodeSystem(message, path, losses);
      if (hasBegun) waiting.push({ path, content, members, moved: false });
      else instructions.push(...(typeof content === 'string' ? [content] : content));
      continue;
    }
    hasBegun = true;
    if (message.role === 'tool') {
      for (const one of waiting) one.moved = true;
      turns.addResult(encodeToolResult(message, path, losses));
      continue;
    }
    if (message.role === 'user' && message.name !== undefined) {
      losses.push({ path: `${path}.name`, reason: 'A turn has no name here; it was left out.' });
    }
    const content = encodeContent(message.content, path, losses);
    if (content.length === 0) continue;
    if (message.role === 'assistant') place();
    else for (const one of waiting) one.moved = true;
    turns.add(message.role, content, ownMembers(message.extras));
  }
  place();
  if (turns.begin(nothingSaid)) {
    losses.push({
      path: 'messages',
      reason: 'The user must begin; a turn that says nothing was put before.',
    });
  }
  return { system: joinedInstructions(instructions), messages: turns.messages() };
}

function isInstructions(message: Message): message is SystemMessage {
  return message.role === 'system' || message.role === 'developer';
}

function encodeContent(
  content: Message['content'],
  path: string,
  losses: Loss[],
): string | readonly JsonRecord[] {
  if (typeof content === 'string') return isBlank(content, path, losses) ? '' : content;
  const parts: readonly Part[] = content;
  return parts
    .map((part, index) => encodePart(part, `${path}.content.${index}`, losses, inRequest))
    .filter((block) => block !== undefined);
}

/** Blocks that are no text, such as changes of tools, come back from the extras, after the text. */
function encodeSystem(
  message: SystemMessage,
  path: string,
  losses: Loss[],
): { content: string | readonly JsonRecord[]; members: JsonRecord } {
  const content = encodeContent(message.content, path, losses);
  const members: Record<string, unknown> = {};
  const others: JsonRecord[] = [];
  for (const [name, value] of Object.entries(ownMembers(message.extras))) {
    const blocks = items(value).filter(isBlock);
    if (blocks.length === 0) members[name] = value;
    else others.push(...blocks);
  }
  if (others.length === 0) return { content, members };
  const texts =
    typeof content !== 'string' ? content : content === '' ? [] : [{ type: 'text', text: content }];
  return { content: [...texts, ...others], members };
}

function isBlock(value: unknown): value is JsonRecord {
  return asText(member(value, 'type')) !== undefined;
}

/** SDK type `ToolResultBlockParam`. Empty content is legal: the tool had nothing to say. */
function encodeToolResult(message: ToolMessage, path: string, losses: Loss[]): JsonRecord {
  return {
    ...ownMembers(message.extras),
    type: 'tool_result',
    tool_use_id: legalToolCallId(message.toolCallId),
    content:
      typeof message.content === 'string' ? message.content : encodeContent(message.content, path, losses),
    ...(message.isError === undefined ? {} : { is_error: message.isError }),
  };
}
