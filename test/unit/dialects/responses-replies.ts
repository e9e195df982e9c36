import type { Usage } from '../../../src/core/usage.ts';
import type { Asked } from '../../../src/core/translation.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import { own } from './responses-requests.ts';

export const asked: Asked = {
  body: { model: 'smart', instructions: 'Be brief.', input: 'Hi', temperature: 0.5, store: false },
  id: 'abc-1',
  createdAt: 1_790_000_000_500,
};

const whole = (output: readonly unknown[], more: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1790000000,
  status: 'completed',
  completed_at: 1790000001,
  error: null,
  incomplete_details: null,
  instructions: 'Be brief.',
  metadata: { a: 'b' },
  model: 'gpt-5.6-sol',
  output,
  parallel_tool_calls: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  usage: null,
  ...more,
});

const said = (content: readonly unknown[], more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content,
  ...more,
});
const spoken = (text: string, annotations: readonly unknown[] = []) => ({
  type: 'output_text',
  text,
  annotations,
  logprobs: [],
});
const called = (n: number, text: string) => ({
  id: `fc_${n}`,
  type: 'function_call',
  status: 'completed',
  call_id: `call_${n}`,
  name: 'weather',
  arguments: text,
});

const answer = (content: NeutralReply['content'], more: Partial<NeutralReply> = {}): NeutralReply => ({
  id: 'resp_1',
  model: 'gpt-5.6-sol',
  content,
  stop: { reason: 'stop' },
  usage: undefined,
  ...more,
});

const counted: Usage = {
  inputTokens: 200,
  outputTokens: 50,
  cachedInputTokens: 128,
  cacheWriteTokens: 30,
  cacheWriteTokensByTtl: { ttl_30m_tokens: 20, ttl_12h_tokens: 10 },
  reasoningTokens: 32,
  serverToolRequests: { web_search_requests: 2 },
  serviceTier: 'flex',
  provenance: 'reported',
};
const countedNatively = {
  service_tier: 'flex',
  tool_usage: { web_search: { num_requests: 2 } },
  usage: {
    input_tokens: 200,
    input_tokens_details: {
      cached_tokens: 128,
      cache_write_tokens: 30,
      cache_write_tokens_details: { ttl_30m_tokens: 20, ttl_12h_tokens: 10 },
    },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 32 },
    total_tokens: 250,
  },
};

/** Responses, in kind as OpenAI's API reference shows them (November 2026), and what they mean. */
export const decodedReplies: Readonly<Record<string, { native: unknown; neutral: NeutralReply }>> = {
  'a text, with usage in every detail': {
    native: whole([said([spoken('Hello')])], countedNatively),
    neutral: answer([{ type: 'text', text: 'Hello', ...own({ id: 'msg_1' }) }], { usage: counted }),
  },
  'reasoning, a text with citations and parallel calls': {
    native: whole([
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Two.' }],
        encrypted_content: 'x',
      },
      said([
        spoken('See here', [
          { type: 'url_citation', url: 'https://example.org', title: 'T', start_index: 4, end_index: 8 },
          { type: 'file_citation', file_id: 'file-1', filename: 'a.txt', index: 3 },
        ]),
      ]),
      called(1, '{"city":"Ulm"}'),
      called(2, '{"city":"Bonn"}'),
    ]),
    neutral: answer(
      [
        { type: 'reasoning', text: 'Two.', ...own({ id: 'rs_1', encrypted_content: 'x' }) },
        {
          type: 'text',
          text: 'See here',
          citations: [
            { type: 'url', url: 'https://example.org', title: 'T', start: 4, end: 8 },
            {
              type: 'document',
              title: 'a.txt',
              ...own({ type: 'file_citation', file_id: 'file-1', index: 3 }),
            },
          ],
          ...own({ id: 'msg_1' }),
        },
        {
          type: 'tool-call',
          id: 'call_1',
          name: 'weather',
          arguments: { city: 'Ulm' },
          ...own({ id: 'fc_1' }),
        },
        {
          type: 'tool-call',
          id: 'call_2',
          name: 'weather',
          arguments: { city: 'Bonn' },
          ...own({ id: 'fc_2' }),
        },
      ],
      { stop: { reason: 'tool-calls' } },
    ),
  },
  'a refusal': {
    native: whole([said([{ type: 'refusal', refusal: 'No.' }])]),
    neutral: answer([{ type: 'refusal', text: 'No.', ...own({ id: 'msg_1' }) }], {
      stop: { reason: 'refusal' },
    }),
  },
  'one cut by the output limit, though it calls': {
    native: whole([called(1, '{"ci')], {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    }),
    neutral: answer(
      [{ type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"ci', ...own({ id: 'fc_1' }) }],
      { stop: { reason: 'length' } },
    ),
  },
  'one that ended for a reason of its own': {
    native: whole([], { status: 'incomplete', incomplete_details: { reason: 'steered' } }),
    neutral: answer([], {
      stop: { reason: 'other' },
      ...own({ incomplete_details: { reason: 'steered' } }),
    }),
  },
  'a tool of the provider, a failure, and what is new': {
    native: whole([{ type: 'web_search_call', id: 'ws_1', status: 'completed' }], {
      status: 'failed',
      error: { code: 'server_error', message: 'Broken.' },
      moderation: null,
      billing: { payer: 'developer' },
      verdict: { grade: 'a' },
      tool_usage: { image_gen: { input_tokens: 0 }, web_search: { num_requests: 0 } },
    }),
    neutral: answer(
      [
        {
          type: 'foreign',
          dialect: 'openai-responses',
          value: { type: 'web_search_call', id: 'ws_1', status: 'completed' },
        },
      ],
      {
        stop: { reason: 'other' },
        ...own({
          status: 'failed',
          error: { code: 'server_error', message: 'Broken.' },
          verdict: { grade: 'a' },
        }),
      },
    ),
  },
  'no response at all': {
    native: 'Bad gateway',
    neutral: { id: undefined, model: undefined, content: [], stop: { reason: 'other' }, usage: undefined },
  },
};

/** The members of every response to `asked`. */
const basis = {
  id: 'resp_abc-1',
  object: 'response',
  created_at: 1_790_000_000,
  model: 'claude-sonnet-5-5',
  status: 'completed',
  error: null,
  incomplete_details: null,
  access_programs: null,
  background: false,
  instructions: 'Be brief.',
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  store: false,
  temperature: 0.5,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  output: [],
  usage: null,
};

const foreign = (content: NeutralReply['content'], more: Partial<NeutralReply> = {}): NeutralReply => ({
  id: 'msg_9',
  model: 'claude-sonnet-5-5',
  content,
  stop: { reason: 'stop' },
  usage: undefined,
  ...more,
});

/** The way back. `losses` are paths. */
export const encodedReplies: Readonly<
  Record<string, { neutral: NeutralReply; native: unknown; losses: readonly string[] }>
> = {
  'another’s answer becomes a whole response with ids of its own': {
    neutral: foreign(
      [
        { type: 'reasoning', text: 'Hm.', extras: { 'anthropic-messages': { signature: 'c2ln' } } },
        { type: 'text', text: 'Let me', citations: [{ type: 'url', url: 'https://e.org', title: 'E' }] },
        { type: 'foreign', dialect: 'anthropic-messages', value: { type: 'server_tool_use' } },
        { type: 'text', text: ' look.' },
        { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: { city: 'Ulm' } },
      ],
      { stop: { reason: 'tool-calls' }, usage: counted },
    ),
    native: {
      ...basis,
      ...countedNatively,
      output: [
        { id: 'rs_abc-1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        {
          id: 'msg_abc-1_1',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [
            {
              type: 'output_text',
              text: 'Let me',
              annotations: [
                { type: 'url_citation', url: 'https://e.org', title: 'E', start_index: 0, end_index: 6 },
              ],
            },
            { type: 'output_text', text: ' look.', annotations: [] },
          ],
        },
        {
          id: 'fc_abc-1_2',
          type: 'function_call',
          status: 'completed',
          call_id: 'toolu_1',
          name: 'weather',
          arguments: '{"city":"Ulm"}',
        },
      ],
    },
    losses: ['content.2.server_tool_use', 'content.0.signature'],
  },
  'an answer cut short is incomplete, and so is its last message': {
    neutral: foreign([{ type: 'text', text: 'Hel' }], {
      stop: { reason: 'length' },
      usage: { outputTokens: 3, audioOutputTokens: 1, provenance: 'reported' },
    }),
    native: {
      ...basis,
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { input_tokens_details: {}, output_tokens: 3, output_tokens_details: {} },
      output: [
        {
          id: 'msg_abc-1_0',
          type: 'message',
          status: 'incomplete',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Hel', annotations: [] }],
        },
      ],
    },
    losses: ['usage.audioOutputTokens'],
  },
  'a stop sequence is told nowhere': {
    neutral: foreign([], { stop: { reason: 'stop-sequence', sequence: 'END' } }),
    native: basis,
    losses: ['stop.sequence', 'stop.reason'],
  },
  'a refusal in the model’s words is complete, one without is told as filtered': {
    neutral: foreign([], { stop: { reason: 'refusal' } }),
    native: { ...basis, status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
    losses: ['stop.reason'],
  },
  'a pause is an end without a reason': {
    neutral: foreign([{ type: 'refusal', text: 'No.' }], {
      stop: { reason: 'pause' },
      extras: { 'anthropic-messages': { container: { id: 'c' } } },
    }),
    native: {
      ...basis,
      status: 'incomplete',
      incomplete_details: {},
      output: [
        {
          id: 'msg_abc-1_0',
          type: 'message',
          status: 'incomplete',
          role: 'assistant',
          content: [{ type: 'refusal', refusal: 'No.' }],
        },
      ],
    },
    losses: ['container', 'stop.reason'],
  },
  'what came from Responses goes back as it was': {
    neutral: {
      id: 'resp_1',
      model: 'claude-sonnet-5-5',
      content: [
        { type: 'text', text: 'A', ...own({ id: 'msg_7', item: { phase: 'commentary' } }) },
        { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"ci', ...own({ id: 'fc_7' }) },
      ],
      stop: { reason: 'other' },
      usage: undefined,
      ...own({ status: 'failed', error: { code: 'server_error', message: 'Broken.' }, billing: { a: 1 } }),
    },
    native: {
      ...basis,
      id: 'resp_1',
      status: 'failed',
      error: { code: 'server_error', message: 'Broken.' },
      billing: { a: 1 },
      output: [
        {
          id: 'msg_7',
          type: 'message',
          status: 'completed',
          phase: 'commentary',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'A', annotations: [] }],
        },
        {
          id: 'fc_7',
          type: 'function_call',
          status: 'incomplete',
          call_id: 'call_1',
          name: 'f',
          arguments: '{"ci',
        },
      ],
    },
    losses: [],
  },
};

type Native = { readonly type: string; readonly [name: string]: unknown };
const at = (output_index: number, id: string) => ({ item_id: id, output_index });
const begun: Native = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt-5.6-sol', output: [] },
};
const completed = (more: object = {}): Native => ({
  type: 'response.completed',
  response: whole([], more),
});
const start: NeutralEvent = { type: 'start', id: 'resp_1', model: 'gpt-5.6-sol', usage: undefined };
const finish = (more: Partial<Extract<NeutralEvent, { type: 'finish' }>> = {}): NeutralEvent => ({
  type: 'finish',
  stop: { reason: 'stop' },
  usage: undefined,
  ...more,
});

/** Streams, in kind as OpenAI's reference shows them, and what they mean. */
export const decodedStreams: Readonly<
  Record<string, { native: readonly Native[]; neutral: readonly unknown[] }>
> = {
  'text with an annotation, and usage at the end': {
    native: [
      begun,
      { type: 'response.in_progress', response: { id: 'resp_1' } },
      { type: 'response.output_item.added', output_index: 0, item: said([], { status: 'in_progress' }) },
      { type: 'response.content_part.added', ...at(0, 'msg_1'), content_index: 0, part: spoken('') },
      { type: 'response.output_text.delta', ...at(0, 'msg_1'), content_index: 0, delta: 'See' },
      { type: 'response.output_text.delta', ...at(0, 'msg_1'), content_index: 0, delta: ' here' },
      {
        type: 'response.output_text.annotation.added',
        ...at(0, 'msg_1'),
        content_index: 0,
        annotation_index: 0,
        annotation: { type: 'url_citation', url: 'https://e.org', title: 'E', start_index: 4, end_index: 8 },
      },
      { type: 'response.output_text.done', ...at(0, 'msg_1'), content_index: 0, text: 'See here' },
      {
        type: 'response.content_part.done',
        ...at(0, 'msg_1'),
        content_index: 0,
        part: spoken('See here', [
          { type: 'url_citation', url: 'https://e.org', title: 'E', start_index: 4, end_index: 8 },
        ]),
      },
      { type: 'response.output_item.done', output_index: 0, item: said([spoken('See here')]) },
      completed(countedNatively),
    ],
    neutral: [
      start,
      { type: 'text-delta', part: 0, text: '' },
      { type: 'text-delta', part: 0, text: 'See' },
      { type: 'text-delta', part: 0, text: ' here' },
      {
        type: 'citation',
        part: 0,
        citation: { type: 'url', url: 'https://e.org', title: 'E', start: 4, end: 8 },
      },
      { type: 'part-end', part: 0, ...own({ id: 'msg_1' }) },
      finish({ usage: counted }),
    ],
  },
  'reasoning in several summaries, then parallel calls that overlap': {
    native: [
      begun,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'rs_1', type: 'reasoning', summary: [] },
      },
      { type: 'response.reasoning_summary_text.delta', ...at(0, 'rs_1'), summary_index: 0, delta: 'One.' },
      { type: 'response.reasoning_summary_text.delta', ...at(0, 'rs_1'), summary_index: 1, delta: 'Two.' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: {
          id: 'rs_1',
          type: 'reasoning',
          summary: [
            { type: 'summary_text', text: 'One.' },
            { type: 'summary_text', text: 'Two.' },
          ],
        },
      },
      { type: 'response.output_item.added', output_index: 1, item: called(1, '') },
      { type: 'response.output_item.added', output_index: 2, item: called(2, '') },
      { type: 'response.function_call_arguments.delta', ...at(2, 'fc_2'), delta: '{"b":' },
      { type: 'response.function_call_arguments.delta', ...at(1, 'fc_1'), delta: '{}' },
      { type: 'response.function_call_arguments.delta', ...at(2, 'fc_2'), delta: '2}' },
      { type: 'response.output_item.done', output_index: 1, item: called(1, '{}') },
      { type: 'response.output_item.done', output_index: 2, item: called(2, '{"b":2}') },
      completed(),
    ],
    neutral: [
      start,
      { type: 'reasoning-delta', part: 0, text: '' },
      { type: 'reasoning-delta', part: 0, text: 'One.' },
      { type: 'reasoning-delta', part: 0, text: '\n\nTwo.' },
      {
        type: 'part-end',
        part: 0,
        ...own({
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'One.' },
            { type: 'summary_text', text: 'Two.' },
          ],
        }),
      },
      { type: 'tool-call-start', part: 1, id: 'call_1', name: 'weather' },
      { type: 'tool-call-start', part: 2, id: 'call_2', name: 'weather' },
      { type: 'tool-call-delta', part: 2, text: '{"b":' },
      { type: 'tool-call-delta', part: 1, text: '{}' },
      { type: 'tool-call-delta', part: 2, text: '2}' },
      { type: 'tool-call', part: 1, id: 'call_1', name: 'weather', arguments: {}, ...own({ id: 'fc_1' }) },
      {
        type: 'tool-call',
        part: 2,
        id: 'call_2',
        name: 'weather',
        arguments: { b: 2 },
        ...own({ id: 'fc_2' }),
      },
      finish({ stop: { reason: 'tool-calls' } }),
    ],
  },
  'a refusal': {
    native: [
      begun,
      { type: 'response.output_item.added', output_index: 0, item: said([]) },
      { type: 'response.refusal.delta', ...at(0, 'msg_1'), content_index: 0, delta: 'No.' },
      { type: 'response.refusal.done', ...at(0, 'msg_1'), content_index: 0, refusal: 'No.' },
      {
        type: 'response.content_part.done',
        ...at(0, 'msg_1'),
        content_index: 0,
        part: { type: 'refusal', refusal: 'No.' },
      },
      completed(),
    ],
    neutral: [
      start,
      { type: 'refusal-delta', part: 0, text: '' },
      { type: 'refusal-delta', part: 0, text: 'No.' },
      { type: 'part-end', part: 0, ...own({ id: 'msg_1' }) },
      finish({ stop: { reason: 'refusal' } }),
    ],
  },
  'one cut by the output limit whose parts are not ended': {
    native: [
      begun,
      { type: 'response.output_text.delta', ...at(0, 'msg_1'), content_index: 0, delta: 'Hel' },
      { type: 'response.output_item.added', output_index: 1, item: called(1, '') },
      { type: 'response.function_call_arguments.delta', ...at(1, 'fc_1'), delta: '{"ci' },
      {
        type: 'response.incomplete',
        response: whole([], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
      },
    ],
    neutral: [
      start,
      { type: 'text-delta', part: 0, text: '' },
      { type: 'text-delta', part: 0, text: 'Hel' },
      { type: 'tool-call-start', part: 1, id: 'call_1', name: 'weather' },
      { type: 'tool-call-delta', part: 1, text: '{"ci' },
      { type: 'part-end', part: 0 },
      { type: 'tool-call', part: 1, id: 'call_1', name: 'weather', arguments: '{"ci' },
      finish({ stop: { reason: 'length' } }),
    ],
  },
  'what was not told in pieces is told whole, by its item or by the response': {
    native: [
      begun,
      { type: 'response.output_item.done', output_index: 0, item: said([spoken('A')]) },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { id: 'ws_1', type: 'web_search_call', status: 'completed' },
      },
      {
        type: 'response.completed',
        response: whole([
          said([spoken('A')]),
          { id: 'ws_1', type: 'web_search_call', status: 'completed' },
          called(1, '{"a": 1}'),
        ]),
      },
      { type: 'response.output_text.delta', ...at(9, 'msg_9'), content_index: 0, delta: 'late' },
    ],
    neutral: [
      start,
      { type: 'text-delta', part: 0, text: '' },
      { type: 'text-delta', part: 0, text: 'A' },
      { type: 'part-end', part: 0, ...own({ id: 'msg_1' }) },
      {
        type: 'foreign',
        part: 1,
        value: {
          type: 'foreign',
          dialect: 'openai-responses',
          value: { id: 'ws_1', type: 'web_search_call', status: 'completed' },
        },
      },
      { type: 'tool-call-start', part: 2, id: 'call_1', name: 'weather' },
      { type: 'tool-call-delta', part: 2, text: '{"a": 1}' },
      {
        type: 'tool-call',
        part: 2,
        id: 'call_1',
        name: 'weather',
        arguments: { a: 1 },
        ...own({ id: 'fc_1' }),
      },
      finish({ stop: { reason: 'tool-calls' } }),
    ],
  },
};

const message = (status: string, content: readonly unknown[]) => ({
  id: 'msg_abc-1_0',
  status,
  type: 'message',
  role: 'assistant',
  content,
});
const here = { item_id: 'msg_abc-1_0', output_index: 0 };
const text = (value: string, annotations: readonly unknown[] = []) => ({
  type: 'output_text',
  text: value,
  annotations,
});
const cited = { type: 'url_citation', url: 'https://e.org', title: '', start_index: 0, end_index: 2 };
const running = { ...basis, status: 'in_progress' };
const opening: readonly Native[] = [
  { type: 'response.created', response: running },
  { type: 'response.in_progress', response: running },
];
const begins: NeutralEvent = {
  type: 'start',
  id: 'msg_9',
  model: 'claude-sonnet-5-5',
  usage: { inputTokens: 5, provenance: 'reported' },
};
const calling = (output_index: number, id: string, status: string, args: string) => ({
  id: `fc_abc-1_${output_index}`,
  status,
  type: 'function_call',
  call_id: id,
  name: 'f',
  arguments: args,
});

/** The way back; every event gets its sequence number besides. */
export const encodedStreams: Readonly<
  Record<string, { neutral: readonly NeutralEvent[]; native: readonly Native[]; losses: readonly string[] }>
> = {
  'two texts and a citation are one message, done when nothing more can join it': {
    neutral: [
      begins,
      { type: 'text-delta', part: 0, text: 'Hi' },
      { type: 'citation', part: 0, citation: { type: 'url', url: 'https://e.org' } },
      { type: 'part-end', part: 0, extras: { 'anthropic-messages': { x: 1 } } },
      { type: 'refusal-delta', part: 1, text: 'No.' },
      { type: 'part-end', part: 1 },
      finish({ usage: { outputTokens: 2, provenance: 'reported' } }),
    ],
    native: [
      ...opening,
      { type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) },
      { type: 'response.content_part.added', ...here, content_index: 0, part: text('') },
      { type: 'response.output_text.delta', ...here, content_index: 0, delta: 'Hi', logprobs: [] },
      {
        type: 'response.output_text.annotation.added',
        ...here,
        content_index: 0,
        annotation_index: 0,
        annotation: cited,
      },
      { type: 'response.output_text.done', ...here, content_index: 0, text: 'Hi', logprobs: [] },
      { type: 'response.content_part.done', ...here, content_index: 0, part: text('Hi', [cited]) },
      {
        type: 'response.content_part.added',
        ...here,
        content_index: 1,
        part: { type: 'refusal', refusal: '' },
      },
      { type: 'response.refusal.delta', ...here, content_index: 1, delta: 'No.' },
      { type: 'response.refusal.done', ...here, content_index: 1, refusal: 'No.' },
      {
        type: 'response.content_part.done',
        ...here,
        content_index: 1,
        part: { type: 'refusal', refusal: 'No.' },
      },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: message('completed', [text('Hi', [cited]), { type: 'refusal', refusal: 'No.' }]),
      },
      {
        type: 'response.completed',
        response: {
          ...basis,
          usage: {
            input_tokens: 5,
            input_tokens_details: {},
            output_tokens: 2,
            output_tokens_details: {},
            total_tokens: 7,
          },
          output: [message('completed', [text('Hi', [cited]), { type: 'refusal', refusal: 'No.' }])],
        },
      },
    ],
    losses: ['content.0.x'],
  },
  'reasoning and overlapping calls are items of their own, done when they end': {
    neutral: [
      begins,
      { type: 'reasoning-delta', part: 0, text: 'Hm.' },
      { type: 'part-end', part: 0 },
      { type: 'tool-call-start', part: 1, id: 'c1', name: 'f' },
      { type: 'tool-call-start', part: 2, id: 'c2', name: 'f' },
      { type: 'tool-call-delta', part: 2, text: '{"b": 2}' },
      { type: 'tool-call', part: 2, id: 'c2', name: 'f', arguments: { b: 2 } },
      { type: 'tool-call', part: 1, id: 'c1', name: 'f', arguments: {} },
      finish({ stop: { reason: 'tool-calls' } }),
    ],
    native: [
      ...opening,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'rs_abc-1_0', type: 'reasoning', summary: [] },
      },
      {
        type: 'response.reasoning_summary_part.added',
        ...at(0, 'rs_abc-1_0'),
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      },
      {
        type: 'response.reasoning_summary_text.delta',
        ...at(0, 'rs_abc-1_0'),
        summary_index: 0,
        delta: 'Hm.',
      },
      { type: 'response.reasoning_summary_text.done', ...at(0, 'rs_abc-1_0'), summary_index: 0, text: 'Hm.' },
      {
        type: 'response.reasoning_summary_part.done',
        ...at(0, 'rs_abc-1_0'),
        summary_index: 0,
        part: { type: 'summary_text', text: 'Hm.' },
      },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { id: 'rs_abc-1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      },
      { type: 'response.output_item.added', output_index: 1, item: calling(1, 'c1', 'in_progress', '') },
      { type: 'response.output_item.added', output_index: 2, item: calling(2, 'c2', 'in_progress', '') },
      { type: 'response.function_call_arguments.delta', ...at(2, 'fc_abc-1_2'), delta: '{"b": 2}' },
      {
        type: 'response.function_call_arguments.done',
        ...at(2, 'fc_abc-1_2'),
        arguments: '{"b": 2}',
        name: 'f',
      },
      {
        type: 'response.output_item.done',
        output_index: 2,
        item: calling(2, 'c2', 'completed', '{"b": 2}'),
      },
      { type: 'response.function_call_arguments.delta', ...at(1, 'fc_abc-1_1'), delta: '{}' },
      { type: 'response.function_call_arguments.done', ...at(1, 'fc_abc-1_1'), arguments: '{}', name: 'f' },
      { type: 'response.output_item.done', output_index: 1, item: calling(1, 'c1', 'completed', '{}') },
      {
        type: 'response.completed',
        response: {
          ...basis,
          usage: { input_tokens: 5, input_tokens_details: {}, output_tokens_details: {} },
          output: [
            { id: 'rs_abc-1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
            calling(1, 'c1', 'completed', '{}'),
            calling(2, 'c2', 'completed', '{"b": 2}'),
          ],
        },
      },
    ],
    losses: [],
  },
  'one cut by the output limit is incomplete to its last message': {
    neutral: [
      { ...begins, usage: undefined },
      { type: 'text-delta', part: 0, text: 'Hel' },
      { type: 'part-end', part: 0 },
      { type: 'foreign', part: 1, value: { type: 'foreign', dialect: 'openai-chat', value: { type: 'a' } } },
      finish({ stop: { reason: 'length' } }),
    ],
    native: [
      ...opening,
      { type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) },
      { type: 'response.content_part.added', ...here, content_index: 0, part: text('') },
      { type: 'response.output_text.delta', ...here, content_index: 0, delta: 'Hel', logprobs: [] },
      { type: 'response.output_text.done', ...here, content_index: 0, text: 'Hel', logprobs: [] },
      { type: 'response.content_part.done', ...here, content_index: 0, part: text('Hel') },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: message('incomplete', [text('Hel')]),
      },
      {
        type: 'response.incomplete',
        response: {
          ...basis,
          status: 'incomplete',
          incomplete_details: { reason: 'max_output_tokens' },
          output: [message('incomplete', [text('Hel')])],
        },
      },
    ],
    losses: ['content.1.a'],
  },
};
