import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type {
  AssistantPart,
  Citation,
  ForeignPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  UserPart,
} from '../neutral/message.ts';
import { asText, type JsonRecord, member } from '../record.ts';
import { isBlank } from './blank-text.ts';
import { encodeReplyCitation, encodeRequestCitation } from './citations.ts';
import { encodeFile, encodeImage } from './encode-media.ts';
import { dialect, ownMembers } from './own-extras.ts';
import { legalToolCallId } from './tool-call-id.ts';
import { toolInput } from './tool-input.ts';

/** Where a part is sent: what the API takes there of citations and of texts without content. */
export interface Place {
  citation(citation: Citation, path: string, losses: Loss[]): JsonRecord | undefined;
  leavesOut(text: string, isCited: boolean, path: string, losses: Loss[]): boolean;
}

export const inRequest: Place = {
  citation: encodeRequestCitation,
  leavesOut: (text, _isCited, path, losses) => isBlank(text, path, losses),
};
export const inReply: Place = {
  citation: encodeReplyCitation,
  leavesOut: (text, isCited) => text === '' && !isCited,
};

/** A part as a block of this API; `undefined` where it has none, which is told as a loss unless nothing was said. */
export function encodePart(
  part: UserPart | AssistantPart,
  path: string,
  losses: Loss[],
  place: Place,
): JsonRecord | undefined {
  if (part.type === 'foreign') return encodeForeign(part, path, losses);
  losses.push(...foreignExtras(part.extras, dialect, path));
  switch (part.type) {
    case 'text':
      return encodeText(part, path, losses, place);
    case 'image':
      return encodeImage(part, path, losses);
    case 'file':
      return encodeFile(part, path, losses);
    case 'reasoning':
      return encodeReasoningPart(part, path, losses);
    case 'refusal':
      return place.leavesOut(part.text, false, path, losses) ? undefined : { type: 'text', text: part.text };
    case 'tool-call':
      return encodeToolCall(part, path, losses);
    default:
      return part satisfies never;
  }
}

function encodeText(part: TextPart, path: string, losses: Loss[], place: Place): JsonRecord | undefined {
  const citations = (part.citations ?? []).flatMap((citation, index) => {
    const at = `${path}.citations.${index}`;
    losses.push(...foreignExtras(citation.extras, dialect, at));
    return place.citation(citation, at, losses) ?? [];
  });
  if (place.leavesOut(part.text, citations.length > 0, path, losses)) return undefined;
  return {
    ...ownMembers(part.extras),
    type: 'text',
    text: part.text,
    ...(citations.length === 0 ? {} : { citations }),
  };
}

/**
 * Thinking goes back with the signature it came with, else not at all: the API verifies it. That holds for replies
 * too, since applications send those back, past any translation when the next turn is answered by this API itself.
 */
export function encodeReasoningPart(
  part: ReasoningPart,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  const own = ownMembers(part.extras);
  if (asText(own['signature']) === undefined) {
    losses.push({ path, reason: `Thinking that ${dialect} has not signed is refused; it was left out.` });
    return undefined;
  }
  return { ...own, type: 'thinking', thinking: part.text };
}

function encodeToolCall(part: ToolCallPart, path: string, losses: Loss[]): JsonRecord {
  return {
    ...ownMembers(part.extras),
    type: 'tool_use',
    id: legalToolCallId(part.id),
    name: part.name,
    input: toolInput(part.arguments, path, losses),
  };
}

export function encodeForeign(part: ForeignPart, path: string, losses: Loss[]): JsonRecord | undefined {
  const { value } = part;
  if (part.dialect === dialect && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { ...value };
  }
  const type = asText(member(value, 'type'));
  losses.push({
    path: type === undefined ? path : `${path}.${type}`,
    reason: `Only ${part.dialect} has it; it was left out.`,
  });
  return undefined;
}
