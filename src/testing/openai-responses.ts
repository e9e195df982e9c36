import { joined, type AnswerPart } from './answer.ts';
import { listOf, numberOf, objectOf, textOf, type JsonObject } from './json.ts';
import { contentText, contentTokens, toolChoiceOf, toolTokens } from './openai-chat.ts';
import type { Prompt } from './prompt.ts';
import type { Protocol, Turn } from './protocol.ts';
import { openaiError } from './provider-error.ts';
import { sseFrame, wireEvent, type WireEvent } from './wire-event.ts';
import { countTokens, tokensPerAttachment } from './word-count.ts';

/**
 * OpenAI Responses.
 * Source: platform.openai.com/docs/api-reference/responses-streaming, Nov 2026; the order of events is the one that
 * the accumulator of openai 7.57 demands.
 */
export const openaiResponses: Protocol = {
  family: 'openai',
  streamType: 'text/event-stream; charset=utf-8',
  idPrefix: 'resp_',
  read: readPrompt,
  plain: (turn) => response(turn, itemsOf(turn)),
  events,
  inBandError: (error, status, sequence) => {
    const { message, code, type, param } = openaiError(status, error);
    return wireEvent(
      { type: 'error', code: code ?? type, message, param, sequence_number: sequence },
      { name: 'error' },
    );
  },
  scripted: (data) => {
    const type = textOf(objectOf(data)['type']);
    const terminal = /^response\.(completed|incomplete|failed)$/.test(type);
    return wireEvent(data, {
      ...(type === '' ? {} : { name: type }),
      pieces: type.endsWith('.delta') ? 1 : 0,
      terminal,
    });
  },
  frame: sseFrame,
};

function readPrompt(body: JsonObject, model: string | undefined): Prompt {
  const input =
    typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : listOf(body['input']);
  const items = input.map(objectOf);
  const users = items.filter((item) => item['role'] === 'user');
  const format = objectOf(objectOf(body['text'])['format']);
  return {
    model: model ?? textOf(body['model']),
    stream: body['stream'] === true,
    lastUserText: contentText(users.at(-1)?.['content']),
    toolResult: trailingToolResult(items),
    tools: listOf(body['tools'])
      .map(objectOf)
      .filter((tool) => tool['type'] === 'function')
      .map((tool) => ({ name: textOf(tool['name']), schema: tool['parameters'] })),
    toolChoice: toolChoiceOf(body['tool_choice']),
    schema:
      format['type'] === 'json_schema' ? format['schema'] : format['type'] === 'json_object' || undefined,
    stopSequences: [],
    maxOutputTokens: numberOf(body['max_output_tokens']),
    inputTokens:
      countTokens(textOf(body['instructions'])) +
      items.reduce((sum, item) => sum + itemTokens(item), 0) +
      toolTokens(body['tools']),
    choices: 1,
  };
}

function itemTokens(item: JsonObject): number {
  switch (item['type']) {
    case 'function_call':
      return 1 + countTokens(textOf(item['arguments']));
    case 'function_call_output':
      return contentTokens(item['output']);
    case 'reasoning':
    case 'item_reference':
      return 0;
    default:
      return 'content' in item ? contentTokens(item['content']) : tokensPerAttachment;
  }
}

function trailingToolResult(items: readonly JsonObject[]): string | undefined {
  const last = items.findLastIndex((item) => item['type'] !== 'function_call_output');
  const results = items.slice(last + 1);
  return results.length === 0 ? undefined : results.map((item) => contentText(item['output'])).join('\n');
}

/** An output item with the ids it keeps through a stream. */
interface Item {
  readonly id: string;
  readonly callId: string;
  readonly parts: readonly AnswerPart[];
}

/** Reasoning and tool calls are items of their own; texts and refusals are parts of one message. */
function itemsOf(turn: Turn): readonly Item[] {
  const items: Item[] = [];
  let message: AnswerPart[] | undefined;
  for (const part of turn.answer.parts) {
    if (part.kind === 'tool' || part.kind === 'reasoning') {
      const isTool = part.kind === 'tool';
      const callId = isTool ? (part.id ?? turn.nextId('call_')) : '';
      items.push({ id: turn.nextId(isTool ? 'fc_' : 'rs_'), callId, parts: [part] });
      message = undefined;
    } else if (message === undefined) {
      message = [part];
      items.push({ id: turn.nextId('msg_'), callId: '', parts: message });
    } else {
      message.push(part);
    }
  }
  return items;
}

type Status = 'in_progress' | 'completed' | 'incomplete';

function outputItem(item: Item, status: Status): JsonObject {
  const [first] = item.parts;
  const isStart = status === 'in_progress';
  if (first?.kind === 'tool') {
    return {
      id: item.id,
      type: 'function_call',
      status,
      call_id: item.callId,
      name: first.name,
      arguments: isStart ? '' : joined(first),
    };
  }
  if (first?.kind === 'reasoning') {
    const summary = isStart ? [] : [{ type: 'summary_text', text: joined(first) }];
    return { id: item.id, type: 'reasoning', summary };
  }
  const content = isStart ? [] : item.parts.map((part) => contentPart(part, joined(part)));
  return { id: item.id, type: 'message', status, role: 'assistant', content };
}

function contentPart(part: AnswerPart, text: string): JsonObject {
  return part.kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs: [] };
}

function endStatus(turn: Turn): Status {
  const { stopReason } = turn.answer;
  return stopReason === 'length' || stopReason === 'content-filter' ? 'incomplete' : 'completed';
}

function response(turn: Turn, items: readonly Item[], begun = false): JsonObject {
  const { request, answer } = turn;
  const status = begun ? 'in_progress' : endStatus(turn);
  const reason = answer.stopReason === 'length' ? 'max_output_tokens' : 'content_filter';
  return {
    id: turn.id,
    object: 'response',
    created_at: Math.floor(turn.nowMs / 1000),
    status,
    background: request['background'] ?? false,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason } : null,
    instructions: request['instructions'] ?? null,
    max_output_tokens: request['max_output_tokens'] ?? null,
    model: turn.model,
    output: begun ? [] : items.map((item) => outputItem(item, endStatus(turn))),
    parallel_tool_calls: request['parallel_tool_calls'] ?? true,
    previous_response_id: request['previous_response_id'] ?? null,
    reasoning: request['reasoning'] ?? { effort: null, summary: null },
    service_tier: 'default',
    store: request['store'] ?? true,
    temperature: request['temperature'] ?? 1,
    text: request['text'] ?? { format: { type: 'text' } },
    tool_choice: request['tool_choice'] ?? 'auto',
    tools: request['tools'] ?? [],
    top_p: request['top_p'] ?? 1,
    truncation: request['truncation'] ?? 'disabled',
    usage: begun ? null : usageOf(turn),
    metadata: request['metadata'] ?? {},
  };
}

function usageOf({ usage }: Turn): JsonObject | null {
  if (usage === undefined) return null;
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

function* events(turn: Turn): Generator<WireEvent, void, undefined> {
  const items = itemsOf(turn);
  let sequence = 0;
  const event = (type: string, data: JsonObject, extra: Partial<WireEvent> = {}) =>
    wireEvent({ type, ...data, sequence_number: sequence++ }, { ...extra, name: type });

  const begun = response(turn, items, true);
  yield event('response.created', { response: begun });
  yield event('response.in_progress', { response: begun });
  for (const [index, item] of items.entries()) {
    yield event('response.output_item.added', { output_index: index, item: outputItem(item, 'in_progress') });
    for (const [partIndex, part] of item.parts.entries())
      yield* partEvents(event, item, index, part, partIndex);
    yield event('response.output_item.done', {
      output_index: index,
      item: outputItem(item, endStatus(turn)),
    });
  }
  yield event(`response.${endStatus(turn)}`, { response: response(turn, items) }, { terminal: true });
}

type MakeEvent = (type: string, data: JsonObject, extra?: Partial<WireEvent>) => WireEvent;

function* partEvents(
  event: MakeEvent,
  item: Item,
  outputIndex: number,
  part: AnswerPart,
  contentIndex: number,
): Generator<WireEvent, void, undefined> {
  const where = { item_id: item.id, output_index: outputIndex };
  const one = { pieces: 1 };
  switch (part.kind) {
    case 'tool':
      for (const delta of part.pieces)
        yield event('response.function_call_arguments.delta', { ...where, delta }, one);
      yield event('response.function_call_arguments.done', {
        ...where,
        name: part.name,
        arguments: joined(part),
      });
      return;
    case 'reasoning': {
      const at = { ...where, summary_index: 0 };
      yield event('response.reasoning_summary_part.added', {
        ...at,
        part: { type: 'summary_text', text: '' },
      });
      for (const delta of part.pieces)
        yield event('response.reasoning_summary_text.delta', { ...at, delta }, one);
      yield event('response.reasoning_summary_text.done', { ...at, text: joined(part) });
      yield event('response.reasoning_summary_part.done', {
        ...at,
        part: { type: 'summary_text', text: joined(part) },
      });
      return;
    }
    case 'refusal': {
      const at = { ...where, content_index: contentIndex };
      yield event('response.content_part.added', { ...at, part: contentPart(part, '') });
      for (const delta of part.pieces) yield event('response.refusal.delta', { ...at, delta }, one);
      yield event('response.refusal.done', { ...at, refusal: joined(part) });
      yield event('response.content_part.done', { ...at, part: contentPart(part, joined(part)) });
      return;
    }
    case 'text': {
      const at = { ...where, content_index: contentIndex };
      yield event('response.content_part.added', { ...at, part: contentPart(part, '') });
      for (const delta of part.pieces)
        yield event('response.output_text.delta', { ...at, delta, logprobs: [] }, one);
      yield event('response.output_text.done', { ...at, text: joined(part), logprobs: [] });
      yield event('response.content_part.done', { ...at, part: contentPart(part, joined(part)) });
    }
  }
}
