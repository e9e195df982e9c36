import { foreignExtras } from '../neutral/extras.ts';
import type { Asked } from '../neutral/codec.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asRecord, asText, type JsonRecord, member, parsed } from '../record.ts';
import { echoOf } from './echo.ts';
import { encodeOutput } from './encode-output.ts';
import { ownExtras } from './members.ts';
import { encodeStop, endingOf } from './stop.ts';
import { usageMembers } from './usage.ts';

/** A whole response (SDK type `Response`); its `output_text` is the SDK's own doing. */
export function encodeReply(reply: NeutralReply, asked: Asked): Translated<JsonRecord> {
  const losses: Loss[] = [...foreignExtras(reply.extras, 'openai-responses', '')];
  const own = ownExtras(reply.extras);
  const stop = encodeStop(reply.stop, endingOf(reply.content), own, losses);
  const output = encodeItems(reply.content, asked, losses);
  const usage = usageMembers(reply.usage, losses);
  const last = output.at(-1);
  if (stop.status === 'incomplete' && last?.['type'] === 'message') {
    output.splice(-1, 1, { ...last, status: 'incomplete' });
  }
  return {
    value: {
      ...own,
      ...responseBasis(reply.id, reply.model, asked),
      error: own?.['error'] ?? null,
      ...mergedUsage(usage, own),
      ...stop,
      output,
    },
    losses,
  };
}

/** What a response says from its beginning: who it is, and what was asked. */
export function responseBasis(id: string | undefined, model: string | undefined, asked: Asked): JsonRecord {
  return {
    id: id?.startsWith('resp_') === true ? id : `resp_${asked.id}`,
    object: 'response',
    created_at: Math.floor(asked.createdAt / 1000),
    error: null,
    ...echoOf(asked.body),
    model: model ?? asText(member(asked.body, 'model')) ?? '',
  };
}

/** The items of an answer, each with an id of its own, told by its place where it brings none, and its state. */
export function encodeItems(content: readonly AssistantPart[], asked: Asked, losses: Loss[]): JsonRecord[] {
  return encodeOutput(content, 'content', losses).map((item, index) => withState(item, index, asked));
}

export function withState(item: JsonRecord, index: number, asked: Asked): JsonRecord {
  switch (item['type']) {
    case 'message':
      return { id: itemId('msg', index, asked), status: 'completed', ...item };
    case 'function_call':
      return { id: itemId('fc', index, asked), status: stateOfCall(item), ...item };
    case 'reasoning':
      return { id: itemId('rs', index, asked), ...item };
    default:
      return item;
  }
}

export function itemId(kind: 'msg' | 'fc' | 'rs', index: number, asked: Asked): string {
  return `${kind}_${asked.id}_${index}`;
}

/** A call whose arguments are no JSON was cut while they were written. */
function stateOfCall(item: JsonRecord): string {
  const text = asText(item['arguments']) ?? '';
  return text === '' || parsed(text) !== undefined ? 'completed' : 'incomplete';
}

/** What is kept of other tools' usage stands beside the searches. */
function mergedUsage(usage: JsonRecord, own: JsonRecord | undefined): JsonRecord {
  const tools = { ...asRecord(own?.['tool_usage']), ...asRecord(usage['tool_usage']) };
  return Object.keys(tools).length === 0 ? usage : { ...usage, tool_usage: tools };
}
