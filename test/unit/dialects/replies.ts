/** Replies as the providers send them, written for these tests. */

const chatUsage = {
  prompt_tokens: 120,
  completion_tokens: 45,
  total_tokens: 165,
  prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 10, audio_tokens: 0, image_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 3, accepted_prediction_tokens: 0 },
};

const chat = (choices: unknown[], more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1790000000,
  model: 'gpt-5.6-sol',
  choices,
  usage: chatUsage,
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  ...more,
});

const said = (content: string | null, more: object = {}) => ({
  role: 'assistant',
  content,
  refusal: null,
  ...more,
});

export const completion = {
  text: chat([{ index: 0, message: said('Hello, "world"\n'), logprobs: null, finish_reason: 'stop' }]),
  'tool calls': chat([
    {
      index: 0,
      message: said(null, {
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } },
          { id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } },
        ],
      }),
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ]),
  'two choices with log probabilities': chat([
    {
      index: 0,
      message: said('One'),
      logprobs: { content: [{ token: 'One', logprob: -0.1, bytes: null, top_logprobs: [] }], refusal: null },
      finish_reason: 'stop',
    },
    { index: 1, message: said('Two'), logprobs: null, finish_reason: 'length' },
  ]),
  refusal: chat([
    {
      index: 0,
      message: { ...said(null), refusal: 'I cannot do that.' },
      logprobs: null,
      finish_reason: 'stop',
    },
  ]),
  'reasoning of an open model': chat([
    {
      index: 0,
      message: said('4', { reasoning_content: 'Two and two.' }),
      logprobs: null,
      finish_reason: 'stop',
    },
  ]),
};

const responseOf = (output: unknown[], more: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1790000000,
  status: 'completed',
  completed_at: 1790000001,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model: 'gpt-5.6-sol',
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  service_tier: 'flex',
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tool_usage: { web_search: { num_requests: 2 } },
  tools: [
    {
      type: 'function',
      name: 'f',
      parameters: { type: 'object', properties: { usage: { type: 'string' } } },
    },
  ],
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
  user: null,
  metadata: {},
  ...more,
});

const messageItem = (content: unknown[]) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content,
});

export const response = {
  text: responseOf([messageItem([{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }])]),
  'reasoning, text with a citation, and a call': responseOf([
    {
      id: 'rs_1',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Thinking' }],
      encrypted_content: 'abc',
    },
    messageItem([
      {
        type: 'output_text',
        text: 'See here',
        annotations: [
          { type: 'url_citation', url: 'https://example.org', title: 'T', start_index: 4, end_index: 8 },
        ],
        logprobs: [],
      },
      { type: 'refusal', refusal: 'No more.' },
    ]),
    {
      id: 'fc_1',
      type: 'function_call',
      status: 'completed',
      call_id: 'call_1',
      name: 'f',
      arguments: '{"a":1}',
    },
    { id: 'ct_1', type: 'custom_tool_call', call_id: 'call_2', name: 'shell', input: 'ls -l' },
  ]),
  'cut by the output limit': responseOf(
    [messageItem([{ type: 'output_text', text: 'Hel', annotations: [], logprobs: [] }])],
    {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    },
  ),
  'an open reasoning model': responseOf([
    { id: 'rs_1', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    messageItem([{ type: 'output_text', text: '4', annotations: [], logprobs: [] }]),
  ]),
};

const messageOf = (content: unknown[], stop_reason: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  content,
  stop_reason,
  stop_sequence: null,
  stop_details: null,
  usage: {
    input_tokens: 10,
    cache_creation_input_tokens: 300,
    cache_read_input_tokens: 2000,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 77,
    output_tokens_details: { thinking_tokens: 40 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    service_tier: 'priority',
  },
});

export const message = {
  text: messageOf([{ type: 'text', text: 'Hello, "world"\n', citations: null }], 'end_turn'),
  'thinking and tools': messageOf(
    [
      { type: 'thinking', thinking: 'Let me see.', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'I will look.', citations: null },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ulm', days: [1, 2] } },
      { type: 'tool_use', id: 'toolu_2', name: 'time', input: {} },
    ],
    'tool_use',
  ),
  citations: messageOf(
    [
      {
        type: 'text',
        text: 'It is so.',
        citations: [
          {
            type: 'char_location',
            cited_text: 'so',
            document_index: 0,
            document_title: null,
            start_char_index: 0,
            end_char_index: 2,
          },
        ],
      },
    ],
    'end_turn',
  ),
};
