import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type {
  AssistantMessage,
  Message,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from '../neutral/message.ts';
import { items, type JsonRecord, withoutMembers } from '../record.ts';
import { encodeOutput } from './encode-output.ts';
import { encodeInputPart, isItem } from './input-content.ts';
import { ownExtras } from './members.ts';

/** `instructions` and `input` of a request: the system prompt that opens it, and an item or more for each message. */
export function encodeInput(
  messages: readonly Message[],
  losses: Loss[],
): { readonly instructions?: string; readonly input: readonly unknown[] } {
  const [first] = messages;
  const instructions = first === undefined ? undefined : asInstructions(first);
  if (instructions !== undefined)
    losses.push(...foreignExtras(first?.extras, 'openai-responses', 'messages.0'));
  const input = messages.flatMap((message, index) =>
    index === 0 && instructions !== undefined ? [] : encodeMessage(message, `messages.${index}`, losses),
  );
  return { ...(instructions === undefined ? {} : { instructions }), input };
}

/** A message that came as an input item has extras of ours, be they empty, and stays one. */
function asInstructions({ role, content, extras }: Message): string | undefined {
  return role === 'system' && typeof content === 'string' && ownExtras(extras) === undefined
    ? content
    : undefined;
}

function encodeMessage(message: Message, path: string, losses: Loss[]): readonly unknown[] {
  losses.push(...foreignExtras(message.extras, 'openai-responses', path));
  switch (message.role) {
    case 'system':
    case 'developer':
      return encodeSystem(message, path, losses);
    case 'user':
      return encodeUser(message, path, losses);
    case 'assistant':
      return encodeAssistant(message, path, losses);
    case 'tool':
      return [encodeTool(message, path, losses)];
    default:
      return message satisfies never;
  }
}

function encodeSystem(
  { role, content, extras }: SystemMessage,
  path: string,
  losses: Loss[],
): readonly unknown[] {
  const own = ownExtras(extras);
  if (typeof content === 'string' && own?.['content'] === undefined) return [{ ...own, role, content }];
  const parts = [...encodeContent(content, path, losses), ...items(own?.['content'])];
  return parts.length === 0 ? [] : [{ ...own, role, content: parts }];
}

function encodeUser(message: UserMessage, path: string, losses: Loss[]): readonly unknown[] {
  const { content, name, extras } = message;
  if (name !== undefined) losses.push({ path: `${path}.name`, reason: 'Responses tell no speakers apart.' });
  const said = { ...ownExtras(extras), role: 'user' };
  if (typeof content === 'string') return [{ ...said, content }];
  const encoded: unknown[] = [];
  let parts: unknown[] | undefined;
  for (const [index, part] of content.entries()) {
    const value = encodeInputPart(part, `${path}.content.${index}`, losses);
    if (value === undefined) continue;
    if (part.type === 'foreign' && isItem(part)) {
      parts = undefined;
      encoded.push(value);
      continue;
    }
    if (parts === undefined) encoded.push({ ...said, content: (parts = []) });
    parts.push(value);
  }
  return encoded;
}

function encodeAssistant(message: AssistantMessage, path: string, losses: Loss[]): readonly unknown[] {
  const own = ownExtras(message.extras);
  if (typeof message.content === 'string') return [{ ...own, role: 'assistant', content: message.content }];
  return encodeOutput(message.content, `${path}.content`, losses, { asInput: true }).map((item) =>
    item['type'] === 'message' ? asTurn({ ...own, ...item }) : item,
  );
}

/** Without an id it is an easy message; with one it must be whole (SDK type `ResponseOutputMessage`). */
function asTurn(item: JsonRecord): unknown {
  return item['id'] === undefined ? withoutMembers(item, 'type') : { status: 'completed', ...item };
}

function encodeTool(message: ToolMessage, path: string, losses: Loss[]): JsonRecord {
  if (message.isError === true) {
    losses.push({
      path: `${path}.isError`,
      reason: 'Responses do not mark failed tools; their output stays.',
    });
  }
  const { content } = message;
  const output = typeof content === 'string' ? content : encodeContent(content, path, losses);
  return {
    ...ownExtras(message.extras),
    type: 'function_call_output',
    call_id: message.toolCallId,
    output: output.length === 0 ? '' : output,
  };
}

function encodeContent(
  content: Exclude<Message, AssistantMessage>['content'],
  path: string,
  losses: Loss[],
): readonly unknown[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content;
  return parts.flatMap((part, index) => encodeInputPart(part, `${path}.content.${index}`, losses) ?? []);
}
