import { joined, type AnswerPart, type StopReason } from './answer.ts';
import { listOf, numberOf, objectOf, parseJson, textOf, type JsonObject } from './json.ts';
import { contentText, toolTokens } from './openai-chat.ts';
import type { Prompt } from './prompt.ts';
import type { Protocol, Turn } from './protocol.ts';
import { errorType } from './provider-error.ts';
import { sseFrame, wireEvent, type WireEvent } from './wire-event.ts';
import { countTokens, tokensPerAttachment } from './word-count.ts';

/**
 * Anthropic Messages, also on Vertex; Bedrock frames the same events otherwise.
 * Source: platform.claude.com/docs/en/build-with-claude/streaming, Nov 2026; shapes checked against the types of
 * @anthropic-ai/sdk 1.12.
 */
export const anthropicMessages: Protocol = {
  family: 'anthropic',
  streamType: 'text/event-stream; charset=utf-8',
  idPrefix: 'msg_',
  read: readPrompt,
  plain: message,
  events,
  inBandError: (error, status) =>
    wireEvent(
      {
        type: 'error',
        error: { type: errorType('anthropic', status, error), message: error.message ?? 'Overloaded' },
      },
      { name: 'error' },
    ),
  scripted: (data) => {
    const type = textOf(objectOf(data)['type']);
    const isEnd = type === 'message_delta' || type === 'message_stop';
    const pieces = type === 'content_block_delta' ? 1 : 0;
    return wireEvent(data, { ...(type === '' ? {} : { name: type }), pieces, terminal: isEnd });
  },
  frame: sseFrame,
};

const stopReasons: Readonly<Record<StopReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'stop-sequence': 'stop_sequence',
  'content-filter': 'refusal',
  refusal: 'refusal',
};

function readPrompt(body: JsonObject, model: string | undefined): Prompt {
  const messages = listOf(body['messages']).map(objectOf);
  const users = messages.filter((turn) => turn['role'] === 'user' && contentText(turn['content']) !== '');
  const format = objectOf(objectOf(body['output_config'])['format']);
  const legacyFormat = objectOf(body['output_format']);
  return {
    model: model ?? textOf(body['model']),
    stream: body['stream'] === true,
    lastUserText: contentText(users.at(-1)?.['content']),
    toolResult: trailingToolResult(messages.at(-1)),
    tools: listOf(body['tools'])
      .map(objectOf)
      .filter((tool) => 'input_schema' in tool)
      .map((tool) => ({ name: textOf(tool['name']), schema: tool['input_schema'] })),
    toolChoice: toolChoiceOf(objectOf(body['tool_choice'])),
    schema: format['schema'] ?? legacyFormat['schema'],
    stopSequences: listOf(body['stop_sequences']).map(textOf),
    maxOutputTokens: numberOf(body['max_tokens']),
    inputTokens:
      blockTokens(body['system']) +
      messages.reduce((sum, turn) => sum + blockTokens(turn['content']), 0) +
      toolTokens(body['tools']),
    choices: 1,
  };
}

function toolChoiceOf(choice: JsonObject): Prompt['toolChoice'] {
  switch (choice['type']) {
    case 'none':
      return 'none';
    case 'any':
      return 'required';
    case 'tool':
      return { name: textOf(choice['name']) };
    default:
      return 'auto';
  }
}

function blockTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content);
  return listOf(content).reduce<number>((sum, value) => {
    const block = objectOf(value);
    switch (block['type']) {
      case 'text':
        return sum + countTokens(textOf(block['text']));
      case 'thinking':
        return sum + countTokens(textOf(block['thinking']));
      case 'tool_use':
        return sum + 1 + countTokens(JSON.stringify(block['input']));
      case 'tool_result':
        return sum + blockTokens(block['content']);
      default:
        return sum + tokensPerAttachment;
    }
  }, 0);
}

function trailingToolResult(last: JsonObject | undefined): string | undefined {
  const results = listOf(last?.['content'])
    .map(objectOf)
    .filter((block) => block['type'] === 'tool_result');
  return results.length === 0 ? undefined : results.map((block) => contentText(block['content'])).join('\n');
}

function message(turn: Turn): JsonObject {
  const { answer } = turn;
  return {
    ...shell(turn),
    content: answer.parts.map((part) => block(turn, part, joined(part))),
    stop_reason: stopReasons[answer.stopReason],
    stop_sequence: answer.stopSequence ?? null,
    ...(turn.usage === undefined ? {} : { usage: usageOf(turn, turn.usage.outputTokens) }),
  };
}

function shell(turn: Turn): JsonObject {
  return {
    id: turn.id,
    type: 'message',
    role: 'assistant',
    model: turn.model,
    container: null,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

function block(turn: Turn, part: AnswerPart, text: string): JsonObject {
  switch (part.kind) {
    case 'tool':
      return {
        type: 'tool_use',
        id: part.id ?? turn.nextId('toolu_'),
        name: part.name,
        input: text === '' ? {} : (parseJson(text) ?? {}),
        caller: { type: 'direct' },
      };
    case 'reasoning':
      return { type: 'thinking', thinking: text, signature: text === '' ? '' : signature };
    case 'text':
    case 'refusal':
      return { type: 'text', text, citations: null };
  }
}

const signature = 'c3RhbmQtaW4=';

/** Anthropic's input count leaves the cached tokens out. */
function usageOf({ usage }: Turn, outputTokens: number): JsonObject {
  const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage ?? {};
  return {
    input_tokens: inputTokens - cachedInputTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    cache_creation: { ephemeral_5m_input_tokens: cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens === 0 ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: 'global',
    speed: 'standard',
  };
}

function* events(turn: Turn): Generator<WireEvent, void, undefined> {
  const { answer, usage } = turn;
  const event = (data: JsonObject, extra: Partial<WireEvent> = {}) =>
    wireEvent(data, { ...extra, name: textOf(data['type']) });

  const startUsage = usage === undefined ? {} : { usage: usageOf(turn, Math.min(1, usage.outputTokens)) };
  yield event({ type: 'message_start', message: { ...shell(turn), ...startUsage } });
  yield event({ type: 'ping' });
  for (const [index, part] of answer.parts.entries()) {
    yield event({ type: 'content_block_start', index, content_block: block(turn, part, '') });
    for (const piece of part.pieces) {
      yield event({ type: 'content_block_delta', index, delta: deltaOf(part, piece) }, { pieces: 1 });
    }
    if (part.kind === 'reasoning') {
      yield event({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature } });
    }
    yield event({ type: 'content_block_stop', index });
  }
  const {
    input_tokens,
    cache_creation_input_tokens,
    cache_read_input_tokens,
    output_tokens,
    output_tokens_details,
  } = usageOf(turn, usage?.outputTokens ?? 0);
  const endUsage = {
    input_tokens,
    cache_creation_input_tokens,
    cache_read_input_tokens,
    output_tokens,
    output_tokens_details,
    server_tool_use: null,
  };
  yield event(
    {
      type: 'message_delta',
      delta: {
        container: null,
        stop_details: null,
        stop_reason: stopReasons[answer.stopReason],
        stop_sequence: answer.stopSequence ?? null,
      },
      ...(usage === undefined ? {} : { usage: endUsage }),
    },
    { terminal: true },
  );
  yield event({ type: 'message_stop' }, { terminal: true });
}

function deltaOf(part: AnswerPart, piece: string): JsonObject {
  switch (part.kind) {
    case 'tool':
      return { type: 'input_json_delta', partial_json: piece };
    case 'reasoning':
      return { type: 'thinking_delta', thinking: piece };
    case 'text':
    case 'refusal':
      return { type: 'text_delta', text: piece };
  }
}
