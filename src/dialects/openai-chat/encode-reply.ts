import type { Asked } from '../neutral/codec.ts';
import { type Extras, foreignExtras } from '../neutral/extras.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { ForeignPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { encodeCitation } from './citations.ts';
import { encodeToolCall, isOwnCall } from './encode-tool-call.ts';
import { encodeUsage } from './encode-usage.ts';
import { foreignLoss, own, ownExtras, withMembers, withOwnExtras } from './extras.ts';
import { encodeStop, unknownWord } from './finish-reason.ts';
import { defined } from './members.ts';

/** An answer as OpenAI gives it. Reasoning stands where compatible servers put it, in `reasoning_content`. */
export function encodeReply(reply: NeutralReply, asked: Asked): Translated<unknown> {
  const losses: Loss[] = [...foreignExtras(reply.extras, own, '')];
  const legacy = asksForFunctions(asked);
  const message = encodeContent(reply.content, legacy, losses);
  const refused = message['refusal'] !== null;
  const word = ownExtras(reply.extras)[unknownWord];
  const finish_reason = encodeStop(reply.stop, { legacy, refused, word }, losses);
  const completion = {
    ...replyFrame(reply.id, reply.model, asked),
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage: encodeUsage(reply.usage, losses),
    service_tier: reply.usage?.serviceTier,
  };
  return { value: withOwnExtras(defined(completion), reply.extras), losses };
}

/** Who made the request with the older `functions` reads no `tool_calls`. */
export function asksForFunctions({ body }: Asked): boolean {
  return items(member(body, 'functions')).length > 0 && !Array.isArray(member(body, 'tools'));
}

/** What an answer and each of its chunks begin with. */
export function replyFrame(id: string | undefined, model: string | undefined, asked: Asked): JsonRecord {
  return {
    id: id ?? `chatcmpl-${asked.id}`,
    created: Math.floor(asked.createdAt / 1000),
    model: model ?? asText(member(asked.body, 'model')) ?? '',
  };
}

function encodeContent(content: NeutralReply['content'], legacy: boolean, losses: Loss[]): JsonRecord {
  let text: string | null = null;
  let refusal = '';
  let reasoning = '';
  let others: JsonRecord = {};
  const calls: JsonRecord[] = [];
  const annotations: JsonRecord[] = [];
  for (const [at, part] of content.entries()) {
    const path = `content.${at}`;
    if (part.type !== 'foreign') losses.push(...foreignExtras(part.extras, own, path));
    switch (part.type) {
      case 'text': {
        const place = { offset: text?.length ?? 0, length: part.text.length };
        text = (text ?? '') + part.text;
        losses.push(...contentExtras(part.extras, path));
        for (const [index, citation] of (part.citations ?? []).entries()) {
          const annotation = encodeCitation(citation, place, `${path}.citations.${index}`, losses);
          if (annotation !== undefined) annotations.push(annotation);
        }
        break;
      }
      case 'reasoning':
        reasoning += part.text;
        others = withOwnExtras(others, part.extras);
        break;
      case 'refusal':
        refusal += part.text;
        losses.push(...contentExtras(part.extras, path));
        break;
      case 'tool-call':
        if (legacy && calls.length > 0) losses.push(secondCall(path));
        else calls.push(encodeToolCall(part));
        break;
      case 'foreign': {
        const { tool_calls, ...members } = foreignMembers(part, path, losses) ?? {};
        calls.push(...items(tool_calls).map((call) => asRecord(call) ?? {}));
        others = withMembers(others, members);
        break;
      }
      default:
        part satisfies never;
    }
  }
  return defined({
    role: 'assistant',
    content: text,
    refusal: refusal === '' ? null : refusal,
    reasoning_content: reasoning === '' ? undefined : reasoning,
    annotations: annotations.length === 0 ? undefined : annotations,
    function_call: legacy ? calls[0]?.['function'] : undefined,
    tool_calls: legacy || calls.length === 0 ? undefined : calls,
    ...others,
  });
}

/** An answer's content is one text, which has no members of its own. */
export function contentExtras(extras: Extras | undefined, path: string): readonly Loss[] {
  return Object.keys(ownExtras(extras)).map((name) => ({
    path: `${path}.${name}`,
    reason: 'An answer is one text here; it was left out.',
  }));
}

export function secondCall(path: string): Loss {
  return { path, reason: 'The older functions are called one at a time; it was left out.' };
}

/** Members of the message that hold a part only this format has; `undefined`, and told, for another's. */
export function foreignMembers(part: ForeignPart, path: string, losses: Loss[]): JsonRecord | undefined {
  if (isOwnCall(part)) return { tool_calls: [part.value] };
  const audio = part.dialect === own ? asRecord(member(part.value, 'audio')) : undefined;
  if (audio !== undefined) return { audio };
  if (part.dialect === own)
    losses.push({ path, reason: 'An answer holds text, calls and audio; it was left out.' });
  else losses.push(foreignLoss(part, path));
  return undefined;
}
