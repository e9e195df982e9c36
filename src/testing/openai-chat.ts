import { joined, type AnswerPart, type StopReason } from './answer.ts';
import { listOf, numberOf, objectOf, textOf, type JsonObject } from './json.ts';
import type { Prompt } from './prompt.ts';
import type { Protocol, Turn } from './protocol.ts';
import { openaiError } from './provider-error.ts';
import { sseFrame, wireEvent, type WireEvent } from './wire-event.ts';
import { countTokens, tokensPerAttachment } from './word-count.ts';

/**
 * OpenAI chat completions, also on Azure and on everything that imitates it.
 * Source: platform.openai.com/docs/api-reference/chat, Nov 2026; shapes checked against the types of openai 7.57.
 */
export const openaiChat: Protocol = {
  family: 'openai',
  streamType: 'text/event-stream; charset=utf-8',
  idPrefix: 'chatcmpl-',
  read: readPrompt,
  plain: completion,
  events,
  inBandError: (error, status) => wireEvent({ error: openaiError(status, error) }),
  scripted: (data) => wireEvent(data, { pieces: 1, terminal: data === '[DONE]' }),
  frame: sseFrame,
};

const finishReasons: Readonly<Record<StopReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'stop-sequence': 'stop',
  'content-filter': 'content_filter',
  refusal: 'stop',
};

function readPrompt(body: JsonObject, model: string | undefined): Prompt {
  const messages = listOf(body['messages']).map(objectOf);
  const users = messages.filter((message) => message['role'] === 'user');
  const format = objectOf(body['response_format']);
  const stop = body['stop'];
  return {
    model: model ?? textOf(body['model']),
    stream: body['stream'] === true,
    lastUserText: contentText(users.at(-1)?.['content']),
    toolResult: trailingToolResult(messages),
    tools: listOf(body['tools']).map((tool) => {
      const definition = objectOf(objectOf(tool)['function']);
      return { name: textOf(definition['name']), schema: definition['parameters'] };
    }),
    toolChoice: toolChoiceOf(body['tool_choice']),
    schema:
      format['type'] === 'json_schema'
        ? objectOf(format['json_schema'])['schema']
        : format['type'] === 'json_object' || undefined,
    stopSequences: typeof stop === 'string' ? [stop] : listOf(stop).map(textOf),
    maxOutputTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
    inputTokens:
      messages.reduce((sum, message) => sum + messageTokens(message), 0) + toolTokens(body['tools']),
    choices: numberOf(body['n']) ?? 1,
  };
}

/** Words of the tools' definitions as JSON. */
export function toolTokens(tools: unknown): number {
  return listOf(tools).reduce<number>((sum, tool) => sum + countTokens(JSON.stringify(tool)), 0);
}

/** The text of a message's content: a string, or the joined texts of its parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(objectOf(part)['text']))
    .filter((text) => text !== '')
    .join('\n');
}

/** Tokens of a message's content: words of its texts, a flat count for everything else. */
export function contentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content);
  return listOf(content).reduce<number>((sum, part) => {
    const text = objectOf(part)['text'];
    return sum + (typeof text === 'string' ? countTokens(text) : tokensPerAttachment);
  }, 0);
}

/** OpenAI's and Azure's ways to say which tool. */
export function toolChoiceOf(choice: unknown): Prompt['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice;
  const named = objectOf(choice);
  const name = textOf(named['name']) || textOf(objectOf(named['function'])['name']);
  return name === '' ? 'auto' : { name };
}

function messageTokens(message: JsonObject): number {
  const calls = listOf(message['tool_calls']).map((call) => objectOf(objectOf(call)['function']));
  return (
    contentTokens(message['content']) +
    calls.reduce((sum, call) => sum + 1 + countTokens(textOf(call['arguments'])), 0)
  );
}

function trailingToolResult(messages: readonly JsonObject[]): string | undefined {
  const last = messages.findLastIndex((message) => message['role'] !== 'tool');
  const results = messages.slice(last + 1);
  return results.length === 0
    ? undefined
    : results.map((result) => contentText(result['content'])).join('\n');
}

function completion(turn: Turn): JsonObject {
  const { answer, prompt } = turn;
  const calls = answer.parts.filter((part) => part.kind === 'tool');
  const reasoning = textOfKind(answer.parts, 'reasoning');
  const choice = (index: number) => ({
    index,
    message: {
      role: 'assistant',
      content: textOfKind(answer.parts, 'text'),
      refusal: textOfKind(answer.parts, 'refusal'),
      annotations: [],
      ...(reasoning === null ? {} : { reasoning_content: reasoning }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map((call) => ({
              id: call.id ?? turn.nextId('call_'),
              type: 'function',
              function: { name: call.name, arguments: joined(call) },
            })),
          }),
    },
    logprobs: null,
    finish_reason: finishReasons[answer.stopReason],
  });
  return {
    id: turn.id,
    object: 'chat.completion',
    created: Math.floor(turn.nowMs / 1000),
    model: turn.model,
    choices: Array.from({ length: prompt.choices }, (_, index) => choice(index)),
    ...(turn.usage === undefined ? {} : { usage: usageOf(turn) }),
    service_tier: 'default',
    system_fingerprint: 'fp_stand_in',
  };
}

function textOfKind(parts: readonly AnswerPart[], kind: AnswerPart['kind']): string | null {
  const texts = parts.filter((part) => part.kind === kind).map(joined);
  return texts.length === 0 ? null : texts.join('');
}

function usageOf({ usage }: Turn): JsonObject | null {
  if (usage === undefined) return null;
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      audio_tokens: 0,
      ...(usage.cacheWriteTokens === 0 ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function* events(turn: Turn): Generator<WireEvent, void, undefined> {
  const wantsUsage =
    objectOf(turn.request['stream_options'])['include_usage'] === true && turn.usage !== undefined;
  const indexes = Array.from({ length: turn.prompt.choices }, (_, index) => index);
  const chunk = (
    index: number,
    delta: JsonObject,
    extra: Partial<WireEvent> = {},
    finish: string | null = null,
  ) =>
    wireEvent(
      {
        id: turn.id,
        object: 'chat.completion.chunk',
        created: Math.floor(turn.nowMs / 1000),
        model: turn.model,
        service_tier: 'default',
        system_fingerprint: 'fp_stand_in',
        choices: [{ index, delta, logprobs: null, finish_reason: finish }],
        ...(wantsUsage ? { usage: null } : {}),
      },
      extra,
    );

  for (const index of indexes) yield chunk(index, { role: 'assistant', content: '', refusal: null });
  for (const index of indexes) {
    let toolIndex = 0;
    for (const part of turn.answer.parts) {
      if (part.kind === 'tool') {
        const call = { index: toolIndex, id: part.id ?? turn.nextId('call_'), type: 'function' };
        yield chunk(index, { tool_calls: [{ ...call, function: { name: part.name, arguments: '' } }] });
        for (const piece of part.pieces) {
          yield chunk(
            index,
            { tool_calls: [{ index: toolIndex, function: { arguments: piece } }] },
            { pieces: 1 },
          );
        }
        toolIndex += 1;
      } else {
        const field =
          part.kind === 'text' ? 'content' : part.kind === 'refusal' ? 'refusal' : 'reasoning_content';
        for (const piece of part.pieces) yield chunk(index, { [field]: piece }, { pieces: 1 });
      }
    }
  }
  for (const index of indexes) {
    yield chunk(index, {}, { terminal: true }, finishReasons[turn.answer.stopReason]);
  }
  if (wantsUsage) {
    const { data } = chunk(0, {});
    yield wireEvent({ ...objectOf(data), choices: [], usage: usageOf(turn) }, { terminal: true });
  }
  yield wireEvent('[DONE]', { terminal: true });
}
