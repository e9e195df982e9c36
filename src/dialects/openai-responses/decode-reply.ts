import type { Extras } from '../neutral/extras.ts';
import type { Translated } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import type { NeutralReply } from '../neutral/reply.ts';
import { asRecord, asText, depthLimit, items, member, withoutMembers } from '../record.ts';
import { decodeOutputItem, isSaid } from './decode-output.ts';
import { echoed } from './echo.ts';
import { Members } from './members.ts';
import { decodeStop, endingOf } from './stop.ts';
import { responseUsage } from './usage.ts';

/** OpenAI API reference, "The response object", November 2026. */
export function decodeReply(json: unknown): Translated<NeutralReply> {
  const content: AssistantPart[] = [];
  for (const item of items(member(json, 'output'))) {
    content.push(...decodeOutputItem(withoutState(item), isSaid(content.at(-1))));
  }
  const value = {
    id: asText(member(json, 'id')),
    model: asText(member(json, 'model')),
    content,
    stop: decodeStop(json, endingOf(content)),
    usage: responseUsage(json),
    ...replyExtras(json),
  };
  return { value, losses: [] };
}

/** Items of an answer are done or, with the whole answer, cut: their state is told once, by the stop reason. */
export function withoutState(item: unknown): unknown {
  switch (member(item, 'type')) {
    case 'message':
    case 'function_call':
    case 'reasoning':
      return withoutMembers(item, 'status');
    default:
      return item;
  }
}

/** What a response says beyond our words. Not what it repeats of the request, nor that something did not happen. */
export function replyExtras(response: unknown): { readonly extras?: Extras } {
  const members = new Members(response);
  for (const name of [...told, ...echoed]) members.drop(name);
  for (const [name, value] of Object.entries(members.rest)) {
    const rest = name === 'tool_usage' ? withoutMembers(value, 'web_search') : value;
    if (saysNothing(rest)) members.drop(name);
    else members.put(name, rest);
  }
  const reason = asText(member(member(response, 'incomplete_details'), 'reason'));
  if (reason === 'max_output_tokens' || reason === 'content_filter') members.drop('incomplete_details');
  const status = member(response, 'status');
  if (status === 'completed' || status === 'incomplete') members.drop('status');
  return members.extras;
}

/** Told in our own words, or no part of the answer: `billing` (who pays) OpenAI sends though its SDK has no such type. */
const told = [
  'billing',
  'id',
  'object',
  'created_at',
  'completed_at',
  'model',
  'output',
  'output_text',
  'usage',
  'service_tier',
];

function saysNothing(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  if (depth > depthLimit) return false;
  return Object.values(asRecord(value) ?? items(value)).every((inner) => saysNothing(inner, depth + 1));
}
