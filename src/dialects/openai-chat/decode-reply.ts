import type { Loss, Translated } from '../neutral/loss.ts';
import type { AssistantPart, ReasoningPart, TextPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asRecord, asText, type JsonRecord, member } from '../record.ts';
import { withCitations } from './citations.ts';
import { assistantPart, contentItems, foreign } from './decode-content.ts';
import { fallbackCallId, functionCallPart, toolCallPart } from './decode-tool-call.ts';
import { isOwnCall } from './encode-tool-call.ts';
import { below, extrasOf } from './extras.ts';
import { decodeStop } from './finish-reason.ts';
import { asId, asList, Members } from './members.ts';
import { answeredExtras, reasoningText, takeReasoning } from './reasoning.ts';
import { chatUsage } from './usage.ts';

/**
 * An answer in neutral words. OpenAI API reference, "The chat completion object", November 2026 (`ChatCompletion` of the
 * openai SDK 7.57). Of several choices the first is the answer. Of `usage` that is kept which `Usage` knows; `created`
 * is told anew by whoever writes the answer down.
 */
export function decodeReply(json: unknown): Translated<NeutralReply> {
  const members = new Members(json);
  members.ignore('id', 'object', 'created', 'usage');
  const id = members.take('id', asId);
  const model = members.take('model', asText);
  const [first, ...others] = members.take('choices', asList) ?? [];
  const usage = chatUsage(json);
  if (usage?.serviceTier !== undefined) members.ignore('service_tier');

  const choice = new Members(first);
  choice.ignore('index');
  const word = choice.take('finish_reason', asText);
  const sequence = choice.take('stop_reason', asText);
  const { content, rest } = decodeMessage(choice.take('message', asRecord), id);
  const { stop, extras } = decodeStop(word, {
    calls: content.some((part) => part.type === 'tool-call' || (part.type === 'foreign' && isOwnCall(part))),
    refused: content.some(({ type }) => type === 'refusal'),
    sequence,
  });
  const losses = others.map((_, at): Loss => otherChoice(at + 1));
  const value: NeutralReply = {
    id,
    model,
    content,
    stop,
    usage,
    ...extrasOf(members.rest, below('choices.0', choice.rest), below('choices.0.message', rest), extras),
  };
  return { value, losses };
}

export function otherChoice(index: number): Loss {
  return { path: `choices.${index}`, reason: 'An answer is one choice; it was left out.' };
}

function decodeMessage(
  message: unknown,
  replyId: string | undefined,
): { readonly content: readonly AssistantPart[]; readonly rest: JsonRecord } {
  const members = new Members(message);
  members.ignore('role', 'content');
  const parts: AssistantPart[] = [];
  const shown = takeReasoning(members);
  const reasoning = reasoningText(shown);
  const handedBack = answeredExtras(shown);
  if (reasoning !== '' || shown.details.length > 0) {
    const part: ReasoningPart = { type: 'reasoning', text: reasoning };
    parts.push(handedBack === undefined ? part : { ...part, extras: handedBack });
  }
  for (const item of contentItems(member(message, 'content'))) {
    const part = assistantPart(item, 'answered');
    if (part.type !== 'text' || part.text !== '') parts.push(part);
  }
  const annotations = members.take('annotations', asList) ?? [];
  const others = annotate(parts, annotations);
  const refusal = members.take('refusal', asText);
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  for (const [index, call] of (members.take('tool_calls', asList) ?? []).entries()) {
    parts.push(toolCallPart(call, fallbackCallId(replyId, index)));
  }
  const called = members.take('function_call', asRecord);
  if (called !== undefined) parts.push(functionCallPart(called, fallbackCallId(replyId, 0)));
  const audio = members.take('audio', asRecord);
  if (audio !== undefined) parts.push(foreign({ type: 'audio', audio }));
  return {
    content: parts,
    rest: others.length === 0 ? members.rest : { ...members.rest, annotations: others },
  };
}

/** Puts citations to the text they count in, if that is one part. Gives the annotations that stay over. */
function annotate(parts: AssistantPart[], annotations: readonly unknown[]): readonly unknown[] {
  const texts = parts.filter((part): part is TextPart => part.type === 'text');
  const [text] = texts;
  if (text === undefined || texts.length > 1) return annotations;
  const { part, others } = withCitations(text, annotations);
  parts[parts.indexOf(text)] = part;
  return others;
}
