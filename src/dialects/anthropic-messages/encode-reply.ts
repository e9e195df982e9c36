import { foreignExtras } from '../neutral/extras.ts';
import type { Asked } from '../neutral/codec.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asRecord, asText, type JsonRecord, member } from '../record.ts';
import { encodePart, inReply } from './encode-block.ts';
import { encodeUsage, lostUsage } from './encode-usage.ts';
import { dialect, membersExcept, ownMembers } from './own-extras.ts';
import { encodeStopReason } from './stop.ts';

/** SDK type `Message`, November 2026, with all the members it must have. */
export function encodeReply(reply: NeutralReply, asked: Asked): Translated<unknown> {
  const losses: Loss[] = [...foreignExtras(reply.extras, dialect, ''), ...lostUsage(reply.usage)];
  const own = ownMembers(reply.extras);
  const kinds = new Set<AssistantPart['type']>();
  let explained: JsonRecord | undefined;
  const content = reply.content.flatMap((part, index) => {
    kinds.add(part.type);
    const details = part.type === 'refusal' ? stopDetails(ownMembers(part.extras), part.text) : undefined;
    explained ??= details;
    return details === undefined ? (encodeReplyPart(part, `content.${index}`, losses) ?? []) : [];
  });
  const stopReason = encodeStopReason(reply.stop, own['stop_reason'], kinds, losses);
  return {
    value: {
      ...envelope(reply.id, reply.model, asked),
      ...membersExcept(own, 'usage', 'stop_reason', 'stop_details'),
      content,
      ...ending(stopReason, reply.stop.sequence, explained ?? own['stop_details']),
      usage: { ...encodeUsage(reply.usage), ...asRecord(own['usage']) },
    },
    losses,
  };
}

/** What names a message, with the members that are null unless the API has something to say. */
export function envelope(id: string | undefined, model: string | undefined, asked: Asked): JsonRecord {
  return {
    id: id?.startsWith('msg_') === true ? id : `msg_${asked.id}`,
    type: 'message',
    role: 'assistant',
    model: model ?? asText(member(asked.body, 'model')) ?? '',
    container: null,
    diagnostics: null,
  };
}

/** Why it ended, as a message and the last delta of a stream tell it. */
export function ending(stopReason: string, sequence: string | undefined, details: unknown): JsonRecord {
  return {
    stop_reason: stopReason,
    stop_sequence: stopReason === 'stop_sequence' ? (sequence ?? null) : null,
    stop_details:
      details ?? (stopReason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null),
  };
}

/** The details that a refusal of this API came with; `undefined` for words of another provider's model. */
export function stopDetails(own: JsonRecord, text: string): JsonRecord | undefined {
  const details = asRecord(own['stop_details']);
  return details === undefined ? undefined : { category: null, ...details, explanation: text };
}

/** A part as a block of a reply, with the members that only replies must have. */
export function encodeReplyPart(part: AssistantPart, path: string, losses: Loss[]): JsonRecord | undefined {
  const block = encodePart(part, path, losses, inReply);
  if (block === undefined) return undefined;
  if (part.type === 'tool-call') return { ...block, caller: block['caller'] ?? { type: 'direct' } };
  return block['type'] === 'text' ? { ...block, citations: block['citations'] ?? null } : block;
}
