import { argumentsText } from '../neutral/arguments.ts';
import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type {
  AssistantPart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
} from '../neutral/message.ts';
import { asRecord, type JsonRecord, withoutMembers } from '../record.ts';
import { encodeCitation } from './citations.ts';
import { isSaid, shownReasoning } from './decode-output.ts';
import { isItem, isOwn, leftOut } from './input-content.ts';
import { ownExtras } from './members.ts';

/** A part with its place in the turn. */
interface Placed {
  readonly part: AssistantPart;
  readonly at: number;
}

/**
 * The items of a turn, without the ids and states that only an answer has. Neighbouring texts and refusals share a
 * message, unless one of them brings the members of another; everything else is an item by itself.
 *
 * @param path of the list of parts, e.g. `messages.2.content`
 * @param asInput handed back in a request, where only reasoning of Responses themselves is understood
 */
export function encodeOutput(
  parts: readonly AssistantPart[],
  path: string,
  losses: Loss[],
  { asInput = false } = {},
): JsonRecord[] {
  const groups: Placed[][] = [];
  let message: Placed[] | undefined;
  for (const [at, part] of parts.entries()) {
    if (part.type === 'foreign' && !isOwn(part)) {
      losses.push(leftOut(part, `${path}.${at}`));
      continue;
    }
    if (asInput && part.type === 'reasoning' && ownExtras(part.extras) === undefined) {
      losses.push({
        path: `${path}.${at}`,
        reason: 'Responses take back only reasoning of their own; it was left out.',
      });
      continue;
    }
    const isContent = part.type === 'foreign' ? !isItem(part) : isSaid(part);
    if (isContent && message !== undefined && itemOf(part) === undefined) {
      message.push({ part, at });
      continue;
    }
    const group = [{ part, at }];
    message = isContent ? group : undefined;
    groups.push(group);
  }
  return groups.map((group) => encodeItem(group, path, losses));
}

function encodeItem(group: readonly Placed[], path: string, losses: Loss[]): JsonRecord {
  const [first] = group;
  if (first?.part.type === 'reasoning') return encodeReasoning(first.part, `${path}.${first.at}`, losses);
  if (first?.part.type === 'tool-call') return encodeCall(first.part, `${path}.${first.at}`, losses);
  if (first?.part.type === 'foreign' && isItem(first.part)) return asRecord(first.part.value) ?? {};
  return {
    ...(first === undefined ? {} : itemOf(first.part)),
    type: 'message',
    role: 'assistant',
    content: group.flatMap(({ part, at }) => encodeContent(part, `${path}.${at}`, losses)),
  };
}

function encodeContent(part: AssistantPart, path: string, losses: Loss[]): readonly unknown[] {
  switch (part.type) {
    case 'text':
      return [encodeText(part, path, losses)];
    case 'refusal':
      return [encodeRefusal(part, path, losses)];
    case 'foreign':
      return [part.value];
    default:
      return [];
  }
}

/** The message members that the first part of a message brings along. */
function itemOf(part: AssistantPart): JsonRecord | undefined {
  const own = part.type === 'foreign' ? undefined : ownExtras(part.extras);
  const item = asRecord(own?.['item']);
  return own?.['id'] === undefined ? item : { ...item, id: own['id'] };
}

export function encodeText(part: TextPart, path: string, losses: Loss[]): JsonRecord {
  losses.push(...foreignExtras(part.extras, 'openai-responses', path));
  return {
    type: 'output_text',
    ...contentExtras(part),
    text: part.text,
    annotations: (part.citations ?? []).flatMap(
      (citation, index) => encodeCitation(citation, part.text, `${path}.citations.${index}`, losses) ?? [],
    ),
  };
}

export function encodeRefusal(part: RefusalPart, path: string, losses: Loss[]): JsonRecord {
  losses.push(...foreignExtras(part.extras, 'openai-responses', path));
  return { ...contentExtras(part), type: 'refusal', refusal: part.text };
}

function contentExtras({ extras }: TextPart | RefusalPart): JsonRecord {
  return asRecord(withoutMembers(ownExtras(extras), 'id', 'item')) ?? {};
}

export function encodeCall(part: ToolCallPart, path: string, losses: Loss[]): JsonRecord {
  losses.push(...foreignExtras(part.extras, 'openai-responses', path));
  return {
    ...ownExtras(part.extras),
    type: 'function_call',
    call_id: part.id,
    name: part.name,
    arguments: argumentsText(part.arguments),
  };
}

/** What was kept of the summary counts only while it says the same as the text, which may have been changed since. */
export function encodeReasoning(part: ReasoningPart, path: string, losses: Loss[]): JsonRecord {
  losses.push(...foreignExtras(part.extras, 'openai-responses', path));
  const own = ownExtras(part.extras);
  const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }];
  const kept = { summary: own?.['content'] === undefined ? summary : [], ...own, type: 'reasoning' };
  if (shownReasoning(kept) === part.text) return kept;
  return { ...asRecord(withoutMembers(own, 'content')), type: 'reasoning', summary };
}
