import type { Translated } from '../neutral/loss.ts';
import type { AssistantPart, RefusalPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asText, items, type JsonRecord, member } from '../record.ts';
import { decodeAssistantBlock } from './decode-block.ts';
import { extrasWith, membersExcept } from './own-extras.ts';
import { decodeStop, unknownStopReason } from './stop.ts';
import { messageUsage, otherUsage } from './usage.ts';

const known = [
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
];

/** SDK type `Message`, November 2026. */
export function decodeReply(json: unknown): Translated<NeutralReply> {
  const refusal = decodeRefusal(member(json, 'stop_details'));
  const content: readonly AssistantPart[] = items(member(json, 'content')).map(decodeAssistantBlock);
  return {
    value: {
      id: asText(member(json, 'id')),
      model: asText(member(json, 'model')),
      content: refusal === undefined ? content : [...content, refusal],
      stop: decodeStop(member(json, 'stop_reason'), member(json, 'stop_sequence')),
      usage: messageUsage(json),
      ...extrasWith(replyMembers(json, refusal !== undefined)),
    },
    losses: [],
  };
}

/** What a message has beyond what {@link NeutralReply} holds. */
export function replyMembers(message: unknown, isRefusalTold: boolean): JsonRecord {
  const usage = otherUsage(member(message, 'usage'));
  return {
    ...membersExcept(message, ...known),
    ...(isRefusalTold ? {} : membersExcept({ stop_details: member(message, 'stop_details') })),
    ...unknownStopReason(member(message, 'stop_reason')),
    ...(Object.keys(usage).length === 0 ? {} : { usage }),
  };
}

/** SDK type `RefusalStopDetails`: the explanation, if there is one, are the words of the refusal. */
export function decodeRefusal(details: unknown): RefusalPart | undefined {
  const text = asText(member(details, 'explanation'));
  return member(details, 'type') !== 'refusal' || text === undefined
    ? undefined
    : { type: 'refusal', text, ...extrasWith({ stop_details: membersExcept(details, 'explanation') }) };
}
