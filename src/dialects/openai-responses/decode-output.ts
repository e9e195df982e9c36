import { argumentsOf } from '../neutral/arguments.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../neutral/message.ts';
import { asText, items, type JsonRecord, member } from '../record.ts';
import { decodeAnnotation } from './citations.ts';
import { foreign } from './input-content.ts';
import { inExtras, listOf, Members, ownExtras, present } from './members.ts';

/**
 * An item that the model made: SDK types `ResponseOutputMessage`, `ResponseFunctionToolCall`, `ResponseReasoningItem`,
 * and anything else as a foreign part. `follows`: the part before is one of a message too.
 *
 * A message's own members stand in the extras of its first part: its `id`, the others (`phase`, …) as `item`. An empty
 * `item` says only that another message begins.
 */
export function decodeOutputItem(item: unknown, follows: boolean): readonly AssistantPart[] {
  switch (member(item, 'type')) {
    case undefined:
    case 'message':
      return decodeMessage(item, follows);
    case 'function_call':
      return [decodeCall(item)];
    case 'reasoning':
      return [decodeReasoning(item)];
    default:
      return [foreign(item)];
  }
}

/** Whether a part belongs to a message item. */
export function isSaid(part: AssistantPart | undefined): boolean {
  return part?.type === 'text' || part?.type === 'refusal';
}

function decodeMessage(item: unknown, follows: boolean): readonly AssistantPart[] {
  const members = new Members(item).drop('type').drop('role').drop('content').drop('status', 'completed');
  const id = members.take('id', asText);
  const { rest } = members;
  const hasMore = Object.keys(rest).length > 0;
  const own = { ...present({ id }), ...(hasMore || (follows && id === undefined) ? { item: rest } : {}) };
  const content = member(item, 'content');
  const parts =
    typeof content === 'string'
      ? [{ type: 'text', text: content } as const]
      : items(content).map(decodeOutputPart);
  const first = parts.findIndex(isSaid);
  return parts.map((part, index) =>
    index === first && part.type !== 'foreign' && Object.keys(own).length > 0
      ? { ...part, ...inExtras({ ...ownExtras(part.extras), ...own }) }
      : part,
  );
}

/** SDK types `ResponseOutputText`, `ResponseOutputRefusal`; some write their own earlier turns as `input_text`. */
export function decodeOutputPart(part: unknown): AssistantPart {
  const members = new Members(part).drop('type', 'output_text', 'refusal');
  switch (member(part, 'type')) {
    case 'output_text':
    case 'input_text': {
      const text = members.take('text', asText);
      const citations = members.take('annotations', listOf)?.map(decodeAnnotation);
      if (text === undefined) return foreign(part);
      return { type: 'text', text, ...present({ citations }), ...members.extras };
    }
    case 'refusal': {
      const text = members.take('refusal', asText);
      return text === undefined ? foreign(part) : { type: 'refusal', text, ...members.extras };
    }
    default:
      return foreign(part);
  }
}

function decodeCall(item: unknown): ToolCallPart {
  const members = new Members(item).drop('type').drop('status', 'completed');
  return {
    type: 'tool-call',
    id: members.take('call_id', asText) ?? '',
    name: members.take('name', asText) ?? '',
    arguments: argumentsOf(members.take('arguments', asText) ?? ''),
    ...members.extras,
  };
}

/** Ours in any case: Responses take back only reasoning of their own. */
function decodeReasoning(item: unknown): ReasoningPart {
  const members = new Members(item).drop('type').drop('status', 'completed');
  if (isPlain(item)) members.drop('summary');
  return { type: 'reasoning', text: shownReasoning(item), ...inExtras(members.rest) };
}

/** What of its reasoning a model shows: the summary, else the reasoning itself, as open models tell it. */
export function shownReasoning(item: unknown): string {
  const textOf = (key: string): string =>
    items(member(item, key))
      .map((part) => asText(member(part, 'text')) ?? '')
      .join('\n\n');
  return textOf('summary') || textOf('content');
}

/** Whether the shown text alone says all of it. */
function isPlain(item: unknown): boolean {
  const summary = items(member(item, 'summary'));
  return (
    items(member(item, 'content')).length === 0 &&
    summary.length <= 1 &&
    summary.every((part) => isSummaryText(part))
  );
}

function isSummaryText(part: unknown): boolean {
  const { type, text, ...more }: JsonRecord = new Members(part).rest;
  return type === 'summary_text' && typeof text === 'string' && Object.keys(more).length === 0;
}
