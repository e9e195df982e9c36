import type { Wire } from './wire.ts';

/** What is answered, before it is written in any format. */
export interface Answer {
  readonly id: string;
  readonly reasoning: string | undefined;
  readonly text: string | undefined;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly args: Wire }[];
  readonly isCut: boolean;
  /** `input` with what was cached, `output` with the reasoning. */
  readonly usage: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
  };
  /** Whether it has members that only its format knows. */
  readonly own: boolean;
}

type Cut = (text: string) => readonly string[];

const frame = (answer: Answer, object: string): Wire => ({
  id: `chatcmpl-${answer.id}`,
  object,
  created: 1,
  model: 'gpt-5-mini',
});

function finishReason({ isCut, calls }: Answer): string {
  return isCut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
}

function chatUsage({ usage }: Answer): Wire {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}

const chatCalls = ({ calls }: Answer): readonly Wire[] =>
  calls.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));

export function completion(answer: Answer): Wire {
  const calls = chatCalls(answer);
  return {
    ...frame(answer, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text ?? null,
          ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        finish_reason: finishReason(answer),
      },
    ],
    usage: chatUsage(answer),
    ...(answer.own ? { system_fingerprint: 'fp_1' } : {}),
  };
}

export function chatChunks(answer: Answer, cut: Cut): readonly Wire[] {
  const chunk = (delta: Wire, finish_reason: string | null = null): Wire => ({
    ...frame(answer, 'chat.completion.chunk'),
    ...(answer.own ? { system_fingerprint: 'fp_1' } : {}),
    choices: [{ index: 0, delta, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...cut(answer.reasoning ?? '').map((piece) => chunk({ reasoning_content: piece })),
    ...cut(answer.text ?? '').map((piece) => chunk({ content: piece })),
    ...answer.calls.flatMap(({ id, name, args }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...cut(JSON.stringify(args)).map((piece) =>
        chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ]),
    chunk({}, finishReason(answer)),
    { ...frame(answer, 'chat.completion.chunk'), choices: [], usage: chatUsage(answer) },
  ];
}

function stopReason({ isCut, calls }: Answer): string {
  return isCut ? 'max_tokens' : calls.length > 0 ? 'tool_use' : 'end_turn';
}

/** Here the input leaves out what was cached. */
function anthropicUsage({ usage, own }: Answer): Wire {
  return {
    input_tokens: usage.input - usage.cached,
    cache_read_input_tokens: usage.cached,
    cache_creation_input_tokens: 0,
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.reasoning },
    ...(own ? { inference_geo: 'eu' } : {}),
  };
}

function blocks(answer: Answer): readonly Wire[] {
  return [
    ...(answer.reasoning === undefined
      ? []
      : [{ type: 'thinking', thinking: answer.reasoning, signature: 'c2lnbmVk' }]),
    ...(answer.text === undefined ? [] : [{ type: 'text', text: answer.text, citations: null }]),
    ...answer.calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
  ];
}

export function anthropicMessage(answer: Answer): Wire {
  return {
    id: `msg_${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: blocks(answer),
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: anthropicUsage(answer),
  };
}

export function anthropicEvents(answer: Answer, cut: Cut): readonly Wire[] {
  const { output_tokens: _output, ...input } = anthropicUsage(answer);
  const message = {
    ...anthropicMessage(answer),
    content: [],
    stop_reason: null,
    usage: { ...input, output_tokens: 1 },
  };
  return [
    { type: 'message_start', message },
    { type: 'ping' },
    ...blocks(answer).flatMap((block, index) => {
      const [empty, deltas] = inPieces(block, cut);
      return [
        { type: 'content_block_start', index, content_block: empty },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
    }),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    },
    { type: 'message_stop' },
  ];
}

function inPieces(block: Wire, cut: Cut): readonly [empty: Wire, deltas: readonly Wire[]] {
  switch (block['type']) {
    case 'thinking':
      return [
        { ...block, thinking: '', signature: '' },
        [
          ...cut(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block['signature'] },
        ],
      ];
    case 'text':
      return [
        { ...block, text: '' },
        cut(String(block['text'])).map((text) => ({ type: 'text_delta', text })),
      ];
    default:
      return [
        { ...block, input: {} },
        cut(JSON.stringify(block['input'])).map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        })),
      ];
  }
}
