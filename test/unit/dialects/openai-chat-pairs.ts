import type { Loss } from '../../../src/core/translation.ts';
import type { Asked } from '../../../src/dialects/neutral/codec.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';

/** One way of one thing: what goes in, what comes out, what is told as lost. */
interface Pair<From, To> {
  readonly title: string;
  readonly from: From;
  readonly to: To;
  readonly losses?: readonly Loss[];
}

export const asked: Asked = { body: { model: 'gpt-6-sol' }, id: 'id-1', createdAt: 1_795_000_000_500 };
const closed = { type: 'object', additionalProperties: false };
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    strict: true,
  },
};
const { name, description, parameters, strict } = weather.function;
const neutralWeather = { name, description, parameters, strict };
const hello = [{ role: 'user', content: 'Hello' }] as const;

export const decodedRequests: readonly Pair<unknown, NeutralRequest>[] = [
  {
    title: 'instructions of both kinds, turns, and the caller',
    from: {
      model: 'gpt-6-sol',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', content: 'Hello', name: 'ada' },
        { role: 'assistant', content: 'Hello!', refusal: null },
        { role: 'user', content: null },
      ],
      safety_identifier: 'user-7',
      stream: true,
      stream_options: { include_usage: true },
    },
    to: {
      model: 'gpt-6-sol',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', content: 'Hello', name: 'ada' },
        { role: 'assistant', content: 'Hello!' },
        { role: 'user', content: '' },
      ],
      endUserId: 'user-7',
    },
  },
  {
    title: 'images by address and inline, files inline and by id, and audio',
    from: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'high' } },
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AA=' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
            { type: 'file', file: { file_id: 'file-abc' } },
            { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
          ],
        },
      ],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'text',
              text: 'What is this?',
              extras: { 'openai-chat': { cache_control: { type: 'ephemeral' } } },
            },
            {
              type: 'image',
              source: { type: 'url', url: 'https://example.com/a.png' },
              extras: { 'openai-chat': { 'image_url.detail': 'high' } },
            },
            { type: 'image', source: { type: 'base64', data: '/9j/4AA=', mediaType: 'image/jpeg' } },
            {
              type: 'file',
              source: { type: 'base64', data: 'JVBE', mediaType: 'application/pdf' },
              name: 'a.pdf',
            },
            { type: 'file', source: { type: 'id', id: 'file-abc', dialect: 'openai-chat' } },
            {
              type: 'foreign',
              dialect: 'openai-chat',
              value: { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
            },
          ],
        },
      ],
    },
  },
  {
    title: 'parallel tool calls and their results, with arguments that are no JSON and ids that are numbers',
    from: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } },
            { id: 2, function: { name: 'weather', arguments: '{"city' } },
            { type: 'function', function: { name: 'now', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
        { role: 'tool', tool_call_id: 2, content: [{ type: 'text', text: 'Sun' }] },
        { role: 'tool', content: 'Noon' },
      ],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'call_1', name: 'weather', arguments: { city: 'Ulm' } },
            { type: 'tool-call', id: '2', name: 'weather', arguments: '{"city' },
            { type: 'tool-call', id: 'call_0_2', name: 'now', arguments: {} },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'Rain' },
        { role: 'tool', toolCallId: '2', content: [{ type: 'text', text: 'Sun' }] },
        { role: 'tool', toolCallId: 'call_0_2', content: 'Noon' },
      ],
    },
  },
  {
    title: 'tools of the application, and one that only this format has, in its place',
    from: {
      model: 'm',
      messages: hello,
      tools: [
        weather,
        { type: 'custom', custom: { name: 'shell' } },
        { type: 'function', function: { name: 'now' } },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
    },
    to: {
      model: 'm',
      messages: hello,
      tools: [neutralWeather, { name: 'now', parameters: { type: 'object', properties: {} } }],
      toolChoice: { name: 'weather' },
      parallelToolCalls: false,
      extras: { 'openai-chat': { 'tools.1': { type: 'custom', custom: { name: 'shell' } } } },
    },
  },
  {
    title: 'the older functions, whose calls have no ids and never come in parallel',
    from: {
      model: 'm',
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '{"city":"Ulm"}' } },
        { role: 'function', name: 'weather', content: 'Rain' },
      ],
      functions: [weather.function],
      function_call: { name: 'weather' },
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: 'call_0', name: 'weather', arguments: { city: 'Ulm' } }],
        },
        { role: 'tool', toolCallId: 'call_0', content: 'Rain' },
      ],
      tools: [neutralWeather],
      toolChoice: { name: 'weather' },
      parallelToolCalls: false,
    },
  },
  {
    title: 'allowed tools, whose mode is the choice and whose list is an extra',
    from: {
      model: 'm',
      messages: hello,
      tools: [weather],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function' }] },
      },
    },
    to: {
      model: 'm',
      messages: hello,
      tools: [neutralWeather],
      toolChoice: 'required',
      extras: {
        'openai-chat': {
          tool_choice: {
            type: 'allowed_tools',
            allowed_tools: { mode: 'required', tools: [{ type: 'function' }] },
          },
        },
      },
    },
  },
  {
    title: 'a schema of the answer, limits, sampling, effort, and what is not known',
    from: {
      model: 'm',
      messages: hello,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'city', description: 'A city', schema: closed, strict: true },
      },
      max_completion_tokens: 100,
      stop: 'END',
      temperature: 0,
      top_p: 0.9,
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      reasoning_effort: 'high',
      user: 'user-7',
      n: 2,
      logit_bias: { 50256: -100 },
      top_k: 40,
      metadata: null,
    },
    to: {
      model: 'm',
      messages: hello,
      output: {
        type: 'json-schema',
        name: 'city',
        description: 'A city',
        schema: closed,
        strict: true,
      },
      maxOutputTokens: 100,
      stopSequences: ['END'],
      temperature: 0,
      topP: 0.9,
      seed: 7,
      frequencyPenalty: 0.1,
      presencePenalty: -0.1,
      reasoning: { effort: 'high' },
      endUserId: 'user-7',
      extras: { 'openai-chat': { n: 2, logit_bias: { 50256: -100 }, top_k: 40 } },
    },
  },
  {
    title: 'reasoning of compatible servers that is handed back, by the members it came in',
    from: {
      model: 'm',
      messages: [
        { role: 'assistant', content: 'A', reasoning_content: 'Think A' },
        { role: 'assistant', content: 'B', reasoning: 'Think B' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'Think C' }] },
            { type: 'text', text: 'C' },
          ],
          prefix: true,
        },
      ],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Think A', extras: { 'openai-chat': {} } },
            { type: 'text', text: 'A' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Think B', extras: { 'openai-chat': { reasoning: 'Think B' } } },
            { type: 'text', text: 'B' },
          ],
        },
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'Think C',
              extras: { 'openai-chat': { thinking: [{ type: 'text', text: 'Think C' }] } },
            },
            { type: 'text', text: 'C' },
          ],
          extras: { 'openai-chat': { prefix: true } },
        },
      ],
    },
  },
  {
    title: 'what is no request at all',
    from: 'Hello',
    to: { model: '', messages: [] },
    losses: [{ path: '', reason: 'The request is no JSON object.' }],
  },
  {
    title: 'messages that are none, pictures among instructions, and roles nobody knows',
    from: {
      model: 'm',
      messages: [
        'Hello',
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image_url', image_url: { url: 'u' } },
          ],
        },
        { role: 'critic', content: 'Bad.' },
      ],
    },
    to: {
      model: 'm',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Look.' }] },
        { role: 'user', content: 'Bad.', extras: { 'openai-chat': { role: 'critic' } } },
      ],
    },
    losses: [
      { path: 'messages.0', reason: 'It is no message; it was left out.' },
      { path: 'messages.1.content.1.image_url', reason: 'Instructions hold only text; it was left out.' },
    ],
  },
];

const left = (path: string, dialect: string): Loss => ({
  path,
  reason: `Only ${dialect} has it; it was left out.`,
});

export const encodedRequests: readonly Pair<NeutralRequest, unknown>[] = [
  {
    title: 'turns, tools, options',
    from: {
      model: 'gpt-6-sol',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.' },
            { type: 'tool-call', id: 'call_1', name: 'weather', arguments: { city: 'Ulm' } },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'Rain' },
      ],
      tools: [neutralWeather],
      toolChoice: { name: 'weather' },
      parallelToolCalls: true,
      output: { type: 'json-schema', schema: { type: 'object' } },
      maxOutputTokens: 100,
      stopSequences: ['END'],
      temperature: 0.5,
      reasoning: { effort: 'xhigh' },
      endUserId: 'user-7',
    },
    to: {
      model: 'gpt-6-sol',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
      ],
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: true,
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object' } } },
      max_completion_tokens: 100,
      stop: ['END'],
      temperature: 0.5,
      reasoning_effort: 'xhigh',
      safety_identifier: 'user-7',
    },
  },
  {
    title: 'results right behind their calls, and their pictures in a user message behind the last of them',
    from: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'a', name: 'shot', arguments: {} },
            { type: 'tool-call', id: 'b', name: 'shot', arguments: {} },
          ],
        },
        {
          role: 'tool',
          toolCallId: 'a',
          content: [
            { type: 'text', text: 'Done.' },
            { type: 'image', source: { type: 'base64', data: 'AAAA', mediaType: 'image/png' } },
          ],
        },
        { role: 'user', content: 'Go on.' },
        {
          role: 'tool',
          toolCallId: 'b',
          content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/b.png' } }],
        },
      ],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'shot', arguments: '{}' } },
            { id: 'b', type: 'function', function: { name: 'shot', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'Done.' }] },
        { role: 'tool', tool_call_id: 'b', content: 'The result is in the next user message.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'From the result of tool call b:' },
            { type: 'image_url', image_url: { url: 'https://example.com/b.png' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'From the result of tool call a:' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
        { role: 'user', content: 'Go on.' },
      ],
    },
  },
  {
    title: 'documents: inline ones get a name, plain ones become text, others have no place',
    from: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'file', source: { type: 'base64', data: 'JVBE', mediaType: 'application/pdf' } },
            { type: 'file', source: { type: 'text', text: 'Minutes' }, name: 'Meeting' },
            { type: 'file', source: { type: 'url', url: 'https://example.com/a.pdf' } },
            { type: 'image', source: { type: 'id', id: 'file_1', dialect: 'anthropic-messages' } },
          ],
        },
      ],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'file',
              file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBE' },
            },
            { type: 'text', text: 'Minutes' },
          ],
        },
      ],
    },
    losses: [
      {
        path: 'messages.0.content.1.name',
        reason: 'A document of plain text is a text here, without a name.',
      },
      {
        path: 'messages.0.content.2.source',
        reason: 'There is no file by web address here; it was left out.',
      },
      { path: 'messages.0.content.3.source', reason: 'There is no image by id here; it was left out.' },
    ],
  },
  {
    title: 'a thinking budget as the nearest effort, and options that have no place',
    from: {
      model: 'm',
      messages: hello,
      reasoning: { budgetTokens: 8192, show: true },
      topK: 40,
      stopSequences: ['1', '2', '3', '4', '5'],
      toolChoice: 'required',
      parallelToolCalls: false,
      extras: { 'anthropic-messages': { container: 'c' }, 'openai-chat': { store: true } },
    },
    to: {
      model: 'm',
      messages: hello,
      stop: ['1', '2', '3', '4'],
      reasoning_effort: 'medium',
      store: true,
    },
    losses: [
      left('container', 'anthropic-messages'),
      { path: 'stopSequences.4', reason: 'Four are the most; it was left out.' },
      {
        path: 'reasoning.budgetTokens',
        reason: 'Thinking is asked for by effort, not by tokens: medium was asked for.',
      },
      { path: 'reasoning.show', reason: "Whether thinking is shown is the server's choice here." },
      { path: 'topK', reason: 'There is no top-k sampling here; it was left out.' },
      { path: 'toolChoice', reason: 'There is no tool to choose; it was left out.' },
    ],
  },
  {
    title: 'what only others have: signed thinking, their own tools with the results, failures, citations',
    from: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm', extras: { 'anthropic-messages': { signature: 's' } } },
            { type: 'text', text: 'So', citations: [{ type: 'document', documentIndex: 0 }] },
            { type: 'tool-call', id: 'a', name: 'weather', arguments: {} },
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c', name: 'shell', input: 'ls' },
            },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: 'No such city', isError: true },
        { role: 'tool', toolCallId: 'c', content: 'a.txt' },
      ],
      tools: [{ ...neutralWeather, extras: { 'anthropic-messages': { defer_loading: true } } }],
    },
    to: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: 'So',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: 'No such city' },
      ],
      tools: [weather],
    },
    losses: [
      { path: 'messages.0.content.0.reasoning', reason: 'Turns hold no reasoning; it was left out.' },
      {
        path: 'messages.0.content.1.citations',
        reason: 'Turns hold no citations; they were left out.',
      },
      left('messages.0.content.3.custom_tool_call', 'openai-responses'),
      { path: 'messages.1.isError', reason: 'Results do not tell failures; the text still does.' },
      { path: 'messages.2', reason: 'It answers a tool call that was left out; it was left out too.' },
      left('tools.0.defer_loading', 'anthropic-messages'),
    ],
  },
];

const usage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 20, audio_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 3 },
};
const neutralUsage = {
  inputTokens: 100,
  outputTokens: 50,
  cachedInputTokens: 40,
  cacheWriteTokens: 20,
  reasoningTokens: 30,
  audioInputTokens: 5,
  audioOutputTokens: 3,
  serviceTier: 'priority',
  provenance: 'reported',
} as const;

const completion = (message: unknown, finish_reason: unknown, more: object = {}): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_795_000_000,
  model: 'gpt-6-sol',
  choices: [{ index: 0, message, logprobs: null, finish_reason }],
  ...more,
});
const answer = (content: NeutralReply['content'], reason: NeutralReply['stop']['reason']): NeutralReply => ({
  id: 'chatcmpl-1',
  model: 'gpt-6-sol',
  content,
  stop: { reason },
  usage: undefined,
});
const twoCalls = [
  { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } },
  { id: 'call_2', type: 'function', function: { name: 'now', arguments: '{}' } },
];
const neutralCalls = [
  { type: 'tool-call', id: 'call_1', name: 'weather', arguments: { city: 'Ulm' } },
  { type: 'tool-call', id: 'call_2', name: 'now', arguments: {} },
] as const;
const annotation = {
  type: 'url_citation',
  url_citation: { start_index: 3, end_index: 7, title: 'Ulm', url: 'https://example.com/ulm' },
};
const citation = { type: 'url', url: 'https://example.com/ulm', title: 'Ulm', start: 3, end: 7 } as const;
const audio = { id: 'audio_1', data: 'UklG', transcript: 'Hi', expires_at: 1_795_000_600 };
const neutralAudio = { type: 'foreign', dialect: 'openai-chat', value: { type: 'audio', audio } } as const;

export const decodedReplies: readonly Pair<unknown, NeutralReply>[] = [
  {
    title: 'text with citations, usage of every kind, and what is not known',
    from: completion(
      { role: 'assistant', content: 'In Ulm it rains.', refusal: null, annotations: [annotation] },
      'stop',
      { usage, service_tier: 'priority', system_fingerprint: 'fp_1' },
    ),
    to: {
      ...answer([{ type: 'text', text: 'In Ulm it rains.', citations: [citation] }], 'stop'),
      usage: neutralUsage,
      extras: { 'openai-chat': { system_fingerprint: 'fp_1' } },
    },
  },
  {
    title: 'parallel tool calls, also where a server says "stop" to them',
    from: completion({ role: 'assistant', content: '', tool_calls: twoCalls }, 'stop'),
    to: answer(neutralCalls, 'tool-calls'),
  },
  {
    title: 'a refusal, which ends with "stop"',
    from: completion({ role: 'assistant', content: null, refusal: 'I cannot.' }, 'stop'),
    to: answer([{ type: 'refusal', text: 'I cannot.' }], 'refusal'),
  },
  {
    title: 'reasoning of compatible servers, marked where they want it back',
    from: completion({ role: 'assistant', content: 'Four', reasoning_content: 'Two and two' }, 'length'),
    to: answer(
      [
        { type: 'reasoning', text: 'Two and two', extras: { 'openai-chat': {} } },
        { type: 'text', text: 'Four' },
      ],
      'length',
    ),
  },
  {
    title: 'signed details of reasoning, and a call of a tool that is no function',
    from: completion(
      {
        role: 'assistant',
        content: null,
        reasoning: 'Hm',
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }],
        tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } }],
      },
      'tool_calls',
    ),
    to: answer(
      [
        {
          type: 'reasoning',
          text: 'Hm',
          extras: {
            'openai-chat': {
              reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }],
            },
          },
        },
        {
          type: 'foreign',
          dialect: 'openai-chat',
          value: { id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } },
        },
      ],
      'tool-calls',
    ),
  },
  {
    title: 'audio, an older function call without an id, and a reason nobody knows',
    from: completion(
      { role: 'assistant', content: null, audio, function_call: { name: 'now', arguments: '{}' } },
      'insufficient_system_resource',
    ),
    to: {
      ...answer(
        [{ type: 'tool-call', id: 'call_chatcmpl-1_0', name: 'now', arguments: {} }, neutralAudio],
        'other',
      ),
      extras: { 'openai-chat': { 'choices.0.finish_reason': 'insufficient_system_resource' } },
    },
  },
  {
    title: 'the first of several choices, with what its server adds and the stop sequence it hit',
    from: {
      ...(completion(null, null) as object),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'One', executed_tools: [{ type: 'search' }] },
          finish_reason: 'stop',
          stop_reason: 'END',
          native_finish_reason: 'eos',
        },
        { index: 1, message: { role: 'assistant', content: 'Two' }, finish_reason: 'stop' },
      ],
    },
    to: {
      ...answer([{ type: 'text', text: 'One' }], 'stop'),
      stop: { reason: 'stop-sequence', sequence: 'END' },
      extras: {
        'openai-chat': {
          'choices.0.native_finish_reason': 'eos',
          'choices.0.message.executed_tools': [{ type: 'search' }],
        },
      },
    },
    losses: [{ path: 'choices.1', reason: 'An answer is one choice; it was left out.' }],
  },
  {
    title: 'a body without choices',
    from: { id: 7, error: { message: 'No' } },
    to: {
      id: '7',
      model: undefined,
      content: [],
      stop: { reason: 'other' },
      usage: undefined,
      extras: { 'openai-chat': { error: { message: 'No' } } },
    },
  },
];

export const encodedReplies: readonly (Pair<NeutralReply, unknown> & { readonly asked?: Asked })[] = [
  {
    title: 'text of several parts as one, with citations counted from its beginning, and usage of every kind',
    from: {
      ...answer(
        [
          { type: 'text', text: 'Well. ' },
          { type: 'text', text: 'In Ulm it rains.', citations: [citation, { type: 'document' }] },
        ],
        'stop',
      ),
      usage: neutralUsage,
    },
    to: completion(
      {
        role: 'assistant',
        content: 'Well. In Ulm it rains.',
        refusal: null,
        annotations: [
          { ...annotation, url_citation: { ...annotation.url_citation, start_index: 9, end_index: 13 } },
        ],
      },
      'stop',
      { usage, service_tier: 'priority' },
    ),
    losses: [{ path: 'content.1.citations.1', reason: 'Only web pages are cited here; it was left out.' }],
  },
  {
    title: 'reasoning and parallel tool calls of another provider',
    from: {
      ...answer(
        [
          { type: 'reasoning', text: 'Hm', extras: { 'anthropic-messages': { signature: 's' } } },
          ...neutralCalls,
        ],
        'tool-calls',
      ),
      id: undefined,
      model: undefined,
    },
    to: {
      ...(completion(
        { role: 'assistant', content: null, refusal: null, reasoning_content: 'Hm', tool_calls: twoCalls },
        'tool_calls',
      ) as object),
      id: 'chatcmpl-id-1',
    },
    losses: [left('content.0.signature', 'anthropic-messages')],
  },
  {
    title: 'the first call alone to whoever asked with the older functions',
    from: answer(neutralCalls, 'tool-calls'),
    asked: { ...asked, body: { functions: [weather.function] } },
    to: completion(
      { role: 'assistant', content: null, refusal: null, function_call: twoCalls[0]?.function },
      'function_call',
    ),
    losses: [{ path: 'content.1', reason: 'The older functions are called one at a time; it was left out.' }],
  },
  {
    title: 'a refusal in words, and what a pause and a stop sequence have no word for',
    from: {
      ...answer([{ type: 'refusal', text: 'I cannot.' }], 'pause'),
      stop: { reason: 'pause', sequence: 'END' },
      usage: {
        inputTokens: 9,
        cacheWriteTokens: 2,
        cacheWriteTokensByTtl: { ephemeral_1h: 2 },
        serverToolRequests: { web_search_requests: 1 },
        provenance: 'reported',
      },
      extras: { 'anthropic-messages': { container: { id: 'c' } } },
    },
    to: completion({ role: 'assistant', content: null, refusal: 'I cannot.' }, 'stop', {
      usage: {
        prompt_tokens: 9,
        prompt_tokens_details: { cache_write_tokens: 2 },
        server_tool_use: { web_search_requests: 1 },
      },
    }),
    losses: [
      left('container', 'anthropic-messages'),
      { path: 'stop.sequence', reason: 'Which stop sequence was hit is not told here.' },
      { path: 'stop.reason', reason: 'There is no word for "pause" here; "stop" was told.' },
      {
        path: 'usage.cacheWriteTokensByTtl',
        reason: 'Written tokens are one number here, without their lifetimes.',
      },
    ],
  },
  {
    title: 'a refusal without words as filtered content',
    from: answer([], 'refusal'),
    to: completion({ role: 'assistant', content: null, refusal: null }, 'content_filter'),
  },
];

/** Chunks of one choice, by their deltas; whatever else a chunk shall be, as it is. */
const chunk = (delta: unknown, finish_reason: string | null = null, more: object = {}): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_795_000_000,
  model: 'gpt-6-sol',
  ...more,
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
});
const usageChunk = (counts: unknown, more: object = {}): unknown => ({
  ...(chunk({}) as object),
  ...more,
  choices: [],
  usage: counts,
});
const call = (index: number, delta: object): unknown => chunk({ tool_calls: [{ index, ...delta }] });
const start: NeutralEvent = { type: 'start', id: 'chatcmpl-1', model: 'gpt-6-sol', usage: undefined };
const finish = (
  reason: NeutralReply['stop']['reason'],
  more: Partial<Extract<NeutralEvent, { type: 'finish' }>> = {},
): NeutralEvent => ({ type: 'finish', stop: { reason }, usage: undefined, ...more });
const counts = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const neutralCounts = { inputTokens: 9, outputTokens: 3, provenance: 'reported' } as const;
const callEvents = (part: number, id: string, name: string, ...texts: string[]): NeutralEvent[] => [
  { type: 'tool-call-start', part, id, name },
  ...texts.map((text): NeutralEvent => ({ type: 'tool-call-delta', part, text })),
  { type: 'tool-call', part, id, name, arguments: JSON.parse(texts.join('') || '{}') as unknown },
];

export const decodedStreams: readonly Pair<readonly unknown[], readonly NeutralEvent[]>[] = [
  {
    title: 'text, whose finish waits for the usage behind it',
    from: [
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
      usageChunk(counts),
      '[DONE]',
    ],
    to: [
      start,
      { type: 'text-delta', part: 0, text: 'Hel' },
      { type: 'text-delta', part: 0, text: 'lo' },
      { type: 'part-end', part: 0 },
      finish('stop', { usage: neutralCounts }),
    ],
  },
  {
    title: 'parallel tool calls in fragments, the first ended by the second',
    from: [
      chunk({ role: 'assistant', content: null }),
      call(0, { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      call(0, { function: { arguments: '{"city":' } }),
      call(0, { function: { arguments: '"Ulm"}' } }),
      call(1, { id: 'call_2', type: 'function', function: { name: 'now', arguments: '' } }),
      chunk({}, 'tool_calls', { usage: counts }),
      '[DONE]',
    ],
    to: [
      start,
      ...callEvents(0, 'call_1', 'weather', '{"city":', '"Ulm"}'),
      ...callEvents(1, 'call_2', 'now'),
      finish('tool-calls', { usage: neutralCounts }),
    ],
  },
  {
    title: 'fragments of two calls in turns',
    from: [
      call(0, { id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call(1, { id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { function: { arguments: ':2}' } }),
      chunk({}, 'tool_calls'),
    ],
    to: [
      start,
      { type: 'tool-call-start', part: 0, id: 'a', name: 'f' },
      { type: 'tool-call-delta', part: 0, text: '{"x"' },
      { type: 'tool-call-start', part: 1, id: 'b', name: 'g' },
      { type: 'tool-call-delta', part: 1, text: '{"y"' },
      { type: 'tool-call-delta', part: 0, text: ':1}' },
      { type: 'tool-call-delta', part: 1, text: ':2}' },
      { type: 'tool-call', part: 0, id: 'a', name: 'f', arguments: { x: 1 } },
      { type: 'tool-call', part: 1, id: 'b', name: 'g', arguments: { y: 2 } },
      finish('tool-calls'),
    ],
  },
  {
    title: 'whole calls without an index, and under the same one',
    from: [
      chunk({
        tool_calls: [
          { id: 'a', function: { name: 'f', arguments: '{}' } },
          { id: 'b', function: { name: 'g', arguments: '{"y":2}' } },
        ],
      }),
      call(0, { id: 'c', function: { name: 'h', arguments: '{}' } }),
      call(0, { id: 'd', function: { name: 'h', arguments: '{}' } }),
      chunk({}, 'stop'),
    ],
    to: [
      start,
      ...callEvents(0, 'a', 'f', '{}'),
      ...callEvents(1, 'b', 'g', '{"y":2}'),
      ...callEvents(2, 'c', 'h', '{}'),
      ...callEvents(3, 'd', 'h', '{}'),
      finish('tool-calls'),
    ],
  },
  {
    title: 'a call whose id and name come with every fragment, and one that gets no id',
    from: [
      call(0, { id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call(0, { id: 'a', function: { name: 'f', arguments: ':1}' } }),
      call(1, { function: { name: 'g', arguments: '{}' } }),
      chunk({}, 'tool_calls'),
    ],
    to: [
      start,
      ...callEvents(0, 'a', 'f', '{"x"', ':1}'),
      ...callEvents(1, 'call_chatcmpl-1_1', 'g', '{}'),
      finish('tool-calls'),
    ],
  },
  {
    title: 'reasoning and then text, in either member',
    from: [
      chunk({ role: 'assistant', reasoning_content: 'Hm' }),
      chunk({ content: 'A', reasoning_content: null }),
      chunk({ content: '', reasoning: 'Oh' }),
      chunk({ content: 'B' }),
      chunk({}, 'stop', { usage: counts }),
    ],
    to: [
      start,
      { type: 'reasoning-delta', part: 0, text: 'Hm' },
      { type: 'part-end', part: 0, extras: { 'openai-chat': {} } },
      { type: 'text-delta', part: 1, text: 'A' },
      { type: 'part-end', part: 1 },
      { type: 'reasoning-delta', part: 2, text: 'Oh' },
      { type: 'part-end', part: 2 },
      { type: 'text-delta', part: 3, text: 'B' },
      { type: 'part-end', part: 3 },
      finish('stop', { usage: neutralCounts }),
    ],
  },
  {
    title: "a refusal, with members only this format has, behind Azure's nameless first chunk",
    from: [
      { id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      chunk({ refusal: 'I can' }, null, { system_fingerprint: 'fp_1' }),
      chunk({ refusal: 'not.', channel: 'final' }),
      chunk({}, 'stop'),
      '[DONE]',
    ],
    to: [
      start,
      { type: 'refusal-delta', part: 0, text: 'I can' },
      { type: 'refusal-delta', part: 0, text: 'not.' },
      { type: 'part-end', part: 0 },
      finish('refusal', {
        extras: {
          'openai-chat': {
            prompt_filter_results: [{ prompt_index: 0 }],
            system_fingerprint: 'fp_1',
            'choices.0.message.channel': 'final',
          },
        },
      }),
    ],
  },
  {
    title: 'citations, audio, a call of free text, and the older function call',
    from: [
      chunk({ content: 'In Ulm it rains.' }),
      chunk({ annotations: [annotation] }),
      chunk({ audio: { id: 'audio_1', transcript: 'H', data: 'Uk' } }),
      chunk({ audio: { transcript: 'i', data: 'lG' } }),
      chunk({ audio: { expires_at: 1_795_000_600 } }),
      call(0, { id: 'c', type: 'custom', custom: { name: 'shell', input: 'l' } }),
      call(0, { custom: { input: 's' } }),
      chunk({}, 'stop'),
    ],
    to: [
      start,
      { type: 'text-delta', part: 0, text: 'In Ulm it rains.' },
      { type: 'citation', part: 0, citation },
      { type: 'part-end', part: 0 },
      {
        type: 'foreign',
        part: 1,
        value: {
          type: 'foreign',
          dialect: 'openai-chat',
          value: { id: 'c', type: 'custom', custom: { name: 'shell', input: 'ls' } },
        },
      },
      { type: 'foreign', part: 2, value: neutralAudio },
      finish('tool-calls'),
    ],
  },
  {
    title: 'an older function call, and usage where Groq puts it',
    from: [
      chunk({ function_call: { name: 'now', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      chunk({}, 'function_call', { x_groq: { usage: counts } }),
    ],
    to: [
      start,
      ...callEvents(0, 'call_chatcmpl-1_0', 'now', '{}'),
      finish('tool-calls', {
        usage: neutralCounts,
        extras: { 'openai-chat': { x_groq: { usage: counts } } },
      }),
    ],
  },
  {
    title: 'further choices, which are told as lost',
    from: [
      chunk({ content: 'One' }),
      { id: 'chatcmpl-1', choices: [{ index: 1, delta: { content: 'Two' } }] },
      { id: 'chatcmpl-1', choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] },
      chunk({}, 'stop'),
      '[DONE]',
    ],
    to: [start, { type: 'text-delta', part: 0, text: 'One' }, { type: 'part-end', part: 0 }, finish('stop')],
    losses: [{ path: 'choices.1', reason: 'An answer is one choice; it was left out.' }],
  },
  {
    title: 'a stream that was cut has no finish',
    from: [chunk({ content: 'Hel' })],
    to: [start, { type: 'text-delta', part: 0, text: 'Hel' }],
  },
];

const role = chunk({ role: 'assistant', content: null });

export const encodedStreams: readonly (Pair<readonly NeutralEvent[], readonly unknown[]> & {
  readonly asked?: Asked;
})[] = [
  {
    title: 'text with usage that is told in two places',
    from: [
      { ...start, usage: { inputTokens: 9, cachedInputTokens: 4, provenance: 'reported' } },
      { type: 'text-delta', part: 0, text: 'Hel' },
      { type: 'text-delta', part: 0, text: 'lo' },
      { type: 'part-end', part: 0 },
      finish('stop', { usage: { outputTokens: 3, serviceTier: 'flex', provenance: 'reported' } }),
    ],
    to: [
      role,
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop', { service_tier: 'flex' }),
      usageChunk({ ...counts, prompt_tokens_details: { cached_tokens: 4 } }),
      '[DONE]',
    ],
  },
  {
    title: 'tool calls numbered among themselves, one behind the other even where they overlap',
    from: [
      start,
      { type: 'text-delta', part: 0, text: 'So' },
      { type: 'part-end', part: 0 },
      { type: 'tool-call-start', part: 1, id: 'call_1', name: 'weather' },
      { type: 'tool-call-start', part: 2, id: 'call_2', name: 'now' },
      { type: 'tool-call', part: 2, id: 'call_2', name: 'now', arguments: {} },
      { type: 'tool-call-delta', part: 1, text: '{"city":"Ulm"}' },
      { type: 'tool-call', part: 1, id: 'call_1', name: 'weather', arguments: { city: 'Ulm' } },
      finish('tool-calls'),
    ],
    to: [
      role,
      chunk({ content: 'So' }),
      call(0, { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      call(0, { function: { arguments: '{"city":"Ulm"}' } }),
      call(1, { id: 'call_2', type: 'function', function: { name: 'now', arguments: '' } }),
      call(1, { function: { arguments: '{}' } }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ],
  },
  {
    title: 'reasoning, a refusal and citations, with what others add told as lost',
    from: [
      start,
      { type: 'reasoning-delta', part: 0, text: 'Hm' },
      { type: 'part-end', part: 0, extras: { 'anthropic-messages': { signature: 's' } } },
      { type: 'text-delta', part: 1, text: 'Well. ' },
      { type: 'part-end', part: 1 },
      { type: 'text-delta', part: 2, text: 'In Ulm it rains.' },
      { type: 'citation', part: 2, citation },
      { type: 'citation', part: 2, citation: { type: 'document', documentIndex: 0 } },
      { type: 'part-end', part: 2 },
      { type: 'refusal-delta', part: 3, text: 'No more.' },
      { type: 'part-end', part: 3 },
      {
        type: 'foreign',
        part: 4,
        value: { type: 'foreign', dialect: 'openai-responses', value: { type: 'web_search_call' } },
      },
      finish('refusal', { extras: { 'anthropic-messages': { container: {} } } }),
    ],
    to: [
      role,
      chunk({ reasoning_content: 'Hm' }),
      chunk({ content: 'Well. ' }),
      chunk({ content: 'In Ulm it rains.' }),
      chunk({ refusal: 'No more.' }),
      chunk({
        annotations: [
          { ...annotation, url_citation: { ...annotation.url_citation, start_index: 9, end_index: 13 } },
        ],
      }),
      chunk({}, 'stop'),
      '[DONE]',
    ],
    losses: [
      left('content.0.signature', 'anthropic-messages'),
      left('content.4.web_search_call', 'openai-responses'),
      left('container', 'anthropic-messages'),
      { path: 'content.2.citations.1', reason: 'Only web pages are cited here; it was left out.' },
    ],
  },
  {
    title: 'the first call alone to whoever asked with the older functions',
    asked: { ...asked, body: { model: 'gpt-6-sol', functions: [weather.function] } },
    from: [
      start,
      ...callEvents(0, 'call_1', 'weather', '{"city":"Ulm"}'),
      ...callEvents(1, 'call_2', 'now', '{}'),
      finish('tool-calls'),
    ],
    to: [
      role,
      chunk({ function_call: { name: 'weather', arguments: '' } }),
      chunk({ function_call: { arguments: '{"city":"Ulm"}' } }),
      chunk({}, 'function_call'),
      '[DONE]',
    ],
    losses: [{ path: 'content.1', reason: 'The older functions are called one at a time; it was left out.' }],
  },
  {
    title: 'audio and a call of free text, as they came from this format',
    from: [
      { ...start, id: undefined, model: undefined },
      {
        type: 'foreign',
        part: 0,
        value: {
          type: 'foreign',
          dialect: 'openai-chat',
          value: { id: 'c', type: 'custom', custom: { name: 'shell', input: 'ls' } },
        },
      },
      { type: 'foreign', part: 1, value: neutralAudio },
      finish('tool-calls', {
        extras: { 'openai-chat': { system_fingerprint: 'fp_1', 'choices.0.message.channel': 'final' } },
      }),
    ],
    to: [
      chunk({ role: 'assistant', content: null }),
      call(0, { id: 'c', type: 'custom', custom: { name: 'shell', input: 'ls' } }),
      chunk({ audio }),
      chunk({ channel: 'final' }, 'tool_calls', { system_fingerprint: 'fp_1' }),
      '[DONE]',
    ].map((each) => (typeof each === 'string' ? each : { ...(each as object), id: 'chatcmpl-id-1' })),
  },
  {
    title: 'a stream that was cut, without an end',
    from: [start, { type: 'text-delta', part: 0, text: 'Hel' }],
    to: [role, chunk({ content: 'Hel' })],
  },
];
