import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { Loss } from '../../../src/dialects/neutral/loss.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';

/** Requests and replies as Anthropic's documentation shows them, and what they mean, written for these tests. */

const own = (members: Record<string, unknown>) => ({ extras: { 'anthropic-messages': members } });
const left = (path: string, reason: string): Loss => ({ path, reason });
const asked = { model: 'claude-opus-5-5', max_tokens: 1024 };
const limit = { model: 'claude-opus-5-5', maxOutputTokens: 1024 };
/** A schema as this API has it. */
const closed = { type: 'object', properties: {}, additionalProperties: false };
const hello = { role: 'user', content: 'Hello' } as const;

interface RequestPair {
  readonly native: unknown;
  readonly neutral: NeutralRequest;
}

/** Native requests that mean the neutral one, and come back as they were unless `again` says how. */
export const decodedRequests: Readonly<Record<string, RequestPair & { readonly again?: unknown }>> = {
  'a text and a system prompt': {
    native: { ...asked, system: 'Be brief.', messages: [hello] },
    neutral: { ...limit, messages: [{ role: 'system', content: 'Be brief.' }, hello] },
  },
  'system blocks with a cache mark': {
    native: {
      ...asked,
      system: [
        { type: 'text', text: 'You answer.' },
        { type: 'text', text: 'All of the law.', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [hello],
    },
    neutral: {
      ...limit,
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'You answer.' },
            {
              type: 'text',
              text: 'All of the law.',
              ...own({ cache_control: { type: 'ephemeral', ttl: '1h' } }),
            },
          ],
        },
        hello,
      ],
    },
  },
  'a system message and a change of tools within the conversation': {
    native: {
      ...asked,
      messages: [
        hello,
        {
          role: 'system',
          clear_at: 'next_user_message',
          content: [
            { type: 'text', text: 'Annotate types.' },
            { type: 'tool_addition', tool: { type: 'tool_reference', name: 'refund' } },
          ],
        },
      ],
    },
    neutral: {
      ...limit,
      messages: [
        hello,
        {
          role: 'system',
          content: [{ type: 'text', text: 'Annotate types.' }],
          ...own({
            clear_at: 'next_user_message',
            tool_addition: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'refund' } }],
          }),
        },
      ],
    },
  },
  'images and documents of every source': {
    native: {
      ...asked,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
            { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
            { type: 'image', source: { type: 'file', file_id: 'file_1' } },
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' },
              title: 'Law',
              context: 'In force',
              citations: { enabled: true },
            },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grass is green.' } },
            { type: 'document', source: { type: 'url', url: 'https://a.example/c.pdf' } },
            { type: 'document', source: { type: 'file', file_id: 'file_2' } },
            { type: 'document', source: { type: 'content', content: 'Chunk' } },
            { type: 'container_upload', file_id: 'file_3' },
          ],
        },
      ],
    },
    neutral: {
      ...limit,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' } },
            { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
            { type: 'image', source: { type: 'id', id: 'file_1', dialect: 'anthropic-messages' } },
            {
              type: 'file',
              source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' },
              name: 'Law',
              ...own({ context: 'In force', citations: { enabled: true } }),
            },
            { type: 'file', source: { type: 'text', text: 'Grass is green.' } },
            { type: 'file', source: { type: 'url', url: 'https://a.example/c.pdf' } },
            { type: 'file', source: { type: 'id', id: 'file_2', dialect: 'anthropic-messages' } },
            {
              type: 'foreign',
              dialect: 'anthropic-messages',
              value: { type: 'document', source: { type: 'content', content: 'Chunk' } },
            },
            {
              type: 'foreign',
              dialect: 'anthropic-messages',
              value: { type: 'container_upload', file_id: 'file_3' },
            },
          ],
        },
      ],
    },
  },
  'signed thinking, parallel calls and their results': {
    native: {
      ...asked,
      messages: [
        hello,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Two cities.', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'xyz' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ulm' } },
            { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Bonn' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_2',
              content: [{ type: 'text', text: 'No such city' }],
              is_error: true,
              cache_control: { type: 'ephemeral' },
            },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
    },
    neutral: {
      ...limit,
      messages: [
        hello,
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Two cities.', ...own({ signature: 'c2ln' }) },
            {
              type: 'foreign',
              dialect: 'anthropic-messages',
              value: { type: 'redacted_thinking', data: 'xyz' },
            },
            { type: 'text', text: 'I look.' },
            { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: { city: 'Ulm' } },
            { type: 'tool-call', id: 'toolu_2', name: 'weather', arguments: { city: 'Bonn' } },
          ],
        },
        { role: 'tool', toolCallId: 'toolu_1', content: 'Rain' },
        {
          role: 'tool',
          toolCallId: 'toolu_2',
          content: [{ type: 'text', text: 'No such city' }],
          isError: true,
          ...own({ cache_control: { type: 'ephemeral' } }),
        },
        { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
      ],
    },
  },
  'tools of both kinds, a choice and no parallel calls': {
    native: {
      ...asked,
      messages: [hello],
      tools: [
        {
          name: 'weather',
          description: 'Tells it',
          input_schema: { type: 'object', properties: { city: { type: 'string' } } },
          strict: true,
          cache_control: { type: 'ephemeral' },
        },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      ],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
    },
    neutral: {
      ...limit,
      messages: [hello],
      tools: [
        {
          name: 'weather',
          description: 'Tells it',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
          strict: true,
          ...own({ cache_control: { type: 'ephemeral' } }),
        },
      ],
      toolChoice: { name: 'weather' },
      parallelToolCalls: false,
      ...own({ tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] }),
    },
  },
  'a schema, adaptive thinking with an effort, stops, a user and what only this API has': {
    native: {
      ...asked,
      messages: [hello],
      output_config: {
        format: { type: 'json_schema', schema: closed },
        effort: 'xhigh',
        task_budget: { type: 'tokens', total: 20_000 },
      },
      thinking: { type: 'adaptive', display: 'summarized' },
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
    },
    neutral: {
      ...limit,
      messages: [hello],
      output: { type: 'json-schema', schema: closed },
      reasoning: { effort: 'xhigh', show: true },
      stopSequences: ['END'],
      endUserId: 'u1',
      ...own({
        service_tier: 'standard_only',
        output_config: { task_budget: { type: 'tokens', total: 20_000 } },
      }),
    },
  },
  'thinking on a budget': {
    native: {
      ...asked,
      max_tokens: 4096,
      messages: [hello],
      thinking: { type: 'enabled', budget_tokens: 2048 },
    },
    neutral: { ...limit, maxOutputTokens: 4096, messages: [hello], reasoning: { budgetTokens: 2048 } },
  },
  'no thinking, with an effort for the rest': {
    native: { ...asked, messages: [hello], thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
    neutral: {
      ...limit,
      messages: [hello],
      reasoning: { effort: 'none' },
      ...own({ output_config: { effort: 'low' } }),
    },
  },
  'an effort that says nothing of thinking': {
    native: { ...asked, messages: [hello], output_config: { effort: 'low' } },
    neutral: { ...limit, messages: [hello], reasoning: { effort: 'low', effortOnly: true } },
  },
  'thinking of a kind that came later': {
    native: { ...asked, messages: [hello], thinking: { type: 'between_tools' } },
    neutral: { ...limit, messages: [hello], ...own({ thinking: { type: 'between_tools' } }) },
  },
  'the sampling of the older API version, which is not sent on': {
    native: { ...asked, messages: [hello], temperature: 1, top_k: 40, stream: true },
    neutral: { ...limit, messages: [hello], temperature: 1, topK: 40 },
    again: { ...asked, messages: [hello], stream: true },
  },
};

interface EncodedRequest extends RequestPair {
  readonly losses: readonly Loss[];
}

const unsigned = 'Thinking that anthropic-messages has not signed is refused; it was left out.';
const noParameter = 'The API takes no such parameter; it was left out.';

/** Neutral requests from elsewhere, and what is sent of them. */
export const encodedRequests: Readonly<Record<string, EncodedRequest>> = {
  'a limit is asked for where none is named': {
    neutral: { model: 'm', messages: [hello] },
    native: { model: 'm', max_tokens: 16_384, messages: [hello] },
    losses: [],
  },
  'the limit leaves room for an answer after the thinking': {
    neutral: { model: 'm', messages: [hello], reasoning: { budgetTokens: 30_000 } },
    native: {
      model: 'm',
      max_tokens: 46_384,
      messages: [hello],
      thinking: { type: 'enabled', budget_tokens: 30_000 },
    },
    losses: [],
  },
  'instructions before the conversation are joined, in order': {
    neutral: {
      ...limit,
      messages: [{ role: 'system', content: 'One.' }, { role: 'developer', content: 'Two.' }, hello],
    },
    native: {
      ...asked,
      system: [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.' },
      ],
      messages: [hello],
    },
    losses: [],
  },
  'later instructions come after the user’s turn that they precede': {
    neutral: {
      ...limit,
      messages: [
        hello,
        { role: 'assistant', content: 'Hi' },
        { role: 'developer', content: 'Be rude.' },
        { role: 'user', content: 'How are you?' },
      ],
    },
    native: {
      ...asked,
      messages: [
        hello,
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'How are you?' },
        { role: 'system', content: 'Be rude.' },
      ],
    },
    losses: [left('messages.2', 'Instructions come after the user’s turn; it was moved there.')],
  },
  'a model that takes no later instructions gets them before the conversation': {
    neutral: {
      ...limit,
      model: 'claude-sonnet-4-5-20250929',
      messages: [hello, { role: 'system', content: 'Be rude.' }],
    },
    native: {
      ...asked,
      model: 'claude-sonnet-4-5-20250929',
      system: 'Be rude.',
      messages: [hello],
    },
    losses: [left('messages.1', 'Instructions have no place there; it was put before the conversation.')],
  },
  'turns in a row are one, results come first and in the turn after their call': {
    neutral: {
      ...limit,
      messages: [
        { role: 'user', content: 'One' },
        { role: 'user', content: [{ type: 'text', text: 'Two' }] },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'f', arguments: {} }] },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'b', name: 'f', arguments: '' }] },
        { role: 'tool', toolCallId: 'b', content: '' },
        { role: 'user', content: 'Quick' },
        { role: 'assistant', content: 'One moment' },
        { role: 'tool', toolCallId: 'a', content: 'A' },
      ],
    },
    native: {
      ...asked,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'One' },
            { type: 'text', text: 'Two' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'f', input: {} },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'b', content: '' },
            { type: 'tool_result', tool_use_id: 'a', content: 'A' },
            { type: 'text', text: 'Quick' },
          ],
        },
        { role: 'assistant', content: 'One moment' },
      ],
    },
    losses: [],
  },
  'ids that the API refuses are changed alike in call and result, arguments that are no object wrapped': {
    neutral: {
      ...limit,
      messages: [
        hello,
        { role: 'assistant', content: [{ type: 'tool-call', id: 'f:0', name: 'f', arguments: [1, 2] }] },
        { role: 'tool', toolCallId: 'f:0', content: 'done' },
      ],
    },
    native: {
      ...asked,
      messages: [
        hello,
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'f_0_7c26090b', name: 'f', input: { arguments: [1, 2] } }],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'f_0_7c26090b', content: 'done' }] },
      ],
    },
    losses: [
      left(
        'messages.1.content.0.arguments',
        'A tool’s input must be an object; what was given stands in it as `arguments`.',
      ),
    ],
  },
  'what is not signed, held elsewhere, blank or of another format is left out': {
    neutral: {
      ...limit,
      messages: [
        {
          role: 'user',
          name: 'ada',
          content: [
            { type: 'text', text: ' \n' },
            { type: 'text', text: 'Look' },
            { type: 'file', source: { type: 'id', id: 'file-1', dialect: 'openai-chat' } },
            { type: 'image', source: { type: 'base64', mediaType: 'image/bmp', data: 'aGk=' } },
            { type: 'file', source: { type: 'base64', mediaType: 'text/csv', data: 'YSxi' }, name: 'a.csv' },
            { type: 'foreign', dialect: 'openai-chat', value: { type: 'input_audio' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm', extras: { 'openai-responses': { encrypted_content: 'x' } } },
            { type: 'refusal', text: 'No.' },
            { type: 'text', text: 'See.', citations: [{ type: 'url', url: 'https://a.example' }] },
          ],
        },
        { role: 'user', content: '' },
      ],
      extras: { 'openai-chat': { logit_bias: { 5: 1 } } },
    },
    native: {
      ...asked,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'a,b' },
              title: 'a.csv',
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'No.' },
            { type: 'text', text: 'See.' },
          ],
        },
      ],
    },
    losses: [
      left('logit_bias', 'Only openai-chat has it; it was left out.'),
      left('messages.0.name', 'A turn has no name here; it was left out.'),
      left('messages.0.content.0', 'Text of white space alone is refused; it was left out.'),
      left(
        'messages.0.content.2.source',
        'The file is held by another provider (openai-chat); it was left out.',
      ),
      left('messages.0.content.3.source', 'Images of this type are not taken; it was left out.'),
      left('messages.0.content.5.input_audio', 'Only openai-chat has it; it was left out.'),
      left('messages.1.content.0.encrypted_content', 'Only openai-responses has it; it was left out.'),
      left('messages.1.content.0', unsigned),
      left(
        'messages.1.content.2.citations.0',
        'Only citations of anthropic-messages can be sent to it; it was left out.',
      ),
    ],
  },
  'sampling, penalties and a seed are left out; what asks for the default is no loss': {
    neutral: {
      ...limit,
      messages: [hello],
      temperature: 1.7,
      topP: 1,
      topK: 3,
      seed: 7,
      frequencyPenalty: 0,
      presencePenalty: 0.5,
    },
    native: { ...asked, messages: [hello] },
    losses: [
      left('temperature', noParameter),
      left('topK', noParameter),
      left('seed', noParameter),
      left('presencePenalty', noParameter),
    ],
  },
  'an effort of reasoning asks for thinking too, and a forced call without tools for nothing': {
    neutral: {
      ...limit,
      messages: [hello],
      reasoning: { effort: 'minimal' },
      toolChoice: 'required',
      output: { type: 'json' },
      stopSequences: ['\n', 'END'],
    },
    native: {
      ...asked,
      messages: [hello],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
      stop_sequences: ['END'],
    },
    losses: [
      left('output', 'JSON can be asked for only with a schema; it was left out.'),
      left('toolChoice', 'There is no tool to choose; it was left out.'),
      left('reasoning.effort', 'There is no minimal effort; it was asked for low.'),
      left('stopSequences.0', 'A stop sequence of white space alone is refused; it was left out.'),
    ],
  },
  'a budget that is too small, a schema with words of its own, a tool without a schema, no parallel calls': {
    neutral: {
      ...limit,
      maxOutputTokens: 2000,
      messages: [hello],
      reasoning: { budgetTokens: 500 },
      output: { type: 'json-schema', schema: {}, name: 'n', description: 'd', strict: false },
      tools: [{ name: 'f', parameters: {} }],
      parallelToolCalls: false,
    },
    native: {
      ...asked,
      max_tokens: 2000,
      messages: [hello],
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 1024 },
      output_config: { format: { type: 'json_schema', schema: {} } },
    },
    losses: [
      left('output.description', 'A format has no description here; it was left out.'),
      left('output.strict', 'The answer is always held to the schema.'),
      left('reasoning.budgetTokens', 'It must be at least 1024 and below the output limit; it was changed.'),
    ],
  },
  'no room for a budget, or a forced call, means no thinking on one': {
    neutral: {
      ...limit,
      messages: [hello],
      reasoning: { budgetTokens: 2000, effort: 'high' },
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: 'required',
    },
    native: {
      ...asked,
      messages: [hello],
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any' },
      output_config: { effort: 'high' },
    },
    losses: [
      left(
        'reasoning.budgetTokens',
        'It cannot think on a budget when it must call a tool; it was left out.',
      ),
    ],
  },
  'a conversation that the model begins gets a turn before it': {
    neutral: { ...limit, messages: [{ role: 'assistant', content: 'Hi' }] },
    native: {
      ...asked,
      messages: [
        { role: 'user', content: '.' },
        { role: 'assistant', content: 'Hi' },
      ],
    },
    losses: [left('messages', 'The user must begin; a turn that says nothing was put before.')],
  },
};

const counts = {
  input_tokens: 10,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 2000,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  output_tokens: 77,
  output_tokens_details: { thinking_tokens: 40 },
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
  service_tier: 'priority',
  inference_geo: null,
  speed: null,
};
const usage = {
  inputTokens: 2310,
  outputTokens: 77,
  cachedInputTokens: 2000,
  cacheWriteTokens: 300,
  cacheWriteTokensByTtl: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  reasoningTokens: 40,
  serverToolRequests: { web_search_requests: 2, web_fetch_requests: 0 },
  serviceTier: 'priority',
  provenance: 'reported',
} as const;
const few = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  input_tokens: 12,
  output_tokens: 6,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  speed: null,
};
const credit = { status: { type: 'redeemed' } };
const fewUsage = { inputTokens: 12, outputTokens: 6, provenance: 'reported' } as const;

const message = (content: unknown[], more: object) => ({
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-5-5',
  container: null,
  diagnostics: null,
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  stop_details: null,
  usage: few,
  ...more,
});
const answer = { id: 'msg_01', model: 'claude-opus-5-5', usage: fewUsage };

interface ReplyPair {
  readonly native: unknown;
  readonly neutral: NeutralReply;
}

/** Replies that mean the neutral one, and come back as they were. */
export const decodedReplies: Readonly<Record<string, ReplyPair>> = {
  'a text, all counts of usage and a stop sequence': {
    native: message([{ type: 'text', text: 'Hello', citations: null }], {
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
      usage: { ...counts, inference_geo: 'eu', fallback_credit: credit },
    }),
    neutral: {
      ...answer,
      content: [{ type: 'text', text: 'Hello' }],
      stop: { reason: 'stop-sequence', sequence: 'END' },
      usage: { ...usage, inferenceGeo: 'eu' },
      ...own({ usage: { fallback_credit: credit } }),
    },
  },
  'thinking, a call of ours and one of a server’s tools': {
    native: message(
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        {
          type: 'server_tool_use',
          id: 'srv_1',
          name: 'web_search',
          input: { query: 'q' },
          caller: { type: 'direct' },
        },
        { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [], caller: { type: 'direct' } },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      ],
      { stop_reason: 'tool_use', container: { id: 'c1', expires_at: 'later' } },
    ),
    neutral: {
      ...answer,
      content: [
        { type: 'reasoning', text: 'Hm.', ...own({ signature: 'c2ln' }) },
        {
          type: 'foreign',
          dialect: 'anthropic-messages',
          value: {
            type: 'server_tool_use',
            id: 'srv_1',
            name: 'web_search',
            input: { query: 'q' },
            caller: { type: 'direct' },
          },
        },
        {
          type: 'foreign',
          dialect: 'anthropic-messages',
          value: {
            type: 'web_search_tool_result',
            tool_use_id: 'srv_1',
            content: [],
            caller: { type: 'direct' },
          },
        },
        { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: { a: 1 } },
      ],
      stop: { reason: 'tool-calls' },
      ...own({ container: { id: 'c1', expires_at: 'later' } }),
    },
  },
  'a refusal with its category and explanation': {
    native: message([], {
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'cyber', explanation: 'It could do harm.' },
    }),
    neutral: {
      ...answer,
      content: [
        {
          type: 'refusal',
          text: 'It could do harm.',
          ...own({ stop_details: { type: 'refusal', category: 'cyber' } }),
        },
      ],
      stop: { reason: 'refusal' },
    },
  },
  'a refusal without words, a pause that is not known': {
    native: message([], {
      stop_reason: 'compaction',
      stop_details: { type: 'refusal', category: 'bio', explanation: null },
    }),
    neutral: {
      ...answer,
      content: [],
      stop: { reason: 'other' },
      ...own({
        stop_details: { type: 'refusal', category: 'bio', explanation: null },
        stop_reason: 'compaction',
      }),
    },
  },
  'citations of every kind': {
    native: message(
      [
        {
          type: 'text',
          text: 'So it is.',
          citations: [
            {
              type: 'char_location',
              cited_text: 'so',
              document_index: 1,
              document_title: 'Law',
              start_char_index: 3,
              end_char_index: 5,
            },
            {
              type: 'web_search_result_location',
              cited_text: 'it',
              encrypted_index: 'enc',
              title: null,
              url: 'https://a.example',
            },
            {
              type: 'search_result_location',
              cited_text: 'is',
              source: 'kb-7',
              title: 'Handbook',
              search_result_index: 0,
              start_block_index: 0,
              end_block_index: 1,
            },
          ],
        },
      ],
      { stop_reason: 'model_context_window_exceeded' },
    ),
    neutral: {
      ...answer,
      content: [
        {
          type: 'text',
          text: 'So it is.',
          citations: [
            {
              type: 'document',
              title: 'Law',
              quote: 'so',
              documentIndex: 1,
              ...own({ char_location: { start_char_index: 3, end_char_index: 5 } }),
            },
            {
              type: 'url',
              url: 'https://a.example',
              quote: 'it',
              ...own({ web_search_result_location: { encrypted_index: 'enc' } }),
            },
            {
              type: 'document',
              title: 'Handbook',
              quote: 'is',
              ...own({
                search_result_location: {
                  source: 'kb-7',
                  search_result_index: 0,
                  start_block_index: 0,
                  end_block_index: 1,
                },
              }),
            },
          ],
        },
      ],
      stop: { reason: 'context' },
    },
  },
};

interface EncodedReply extends ReplyPair {
  readonly losses: readonly Loss[];
}

/** Replies of other providers, as messages; `ask` is the id that stands in. */
export const encodedReplies: Readonly<Record<string, EncodedReply>> = {
  'an id of its own, calls that ended with a plain stop, usage with details that have no place': {
    neutral: {
      id: 'chatcmpl-1',
      model: undefined,
      content: [{ type: 'tool-call', id: 'call_1', name: 'f', arguments: { a: 1 } }],
      stop: { reason: 'stop' },
      usage: {
        inputTokens: 100,
        outputTokens: 20,
        cachedInputTokens: 64,
        audioInputTokens: 3,
        audioOutputTokens: 0,
        serviceTier: 'flex',
        cacheWriteTokensByTtl: { ttl_30m_tokens: 4 },
        provenance: 'reported',
      },
      extras: { 'openai-chat': { system_fingerprint: 'fp' } },
    },
    native: message(
      [{ type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } }],
      {
        id: 'msg_ask',
        model: 'claude-asked',
        stop_reason: 'tool_use',
        usage: { ...few, input_tokens: 36, cache_read_input_tokens: 64, output_tokens: 20 },
      },
    ),
    losses: [
      left('system_fingerprint', 'Only openai-chat has it; it was left out.'),
      left('usage.audioInputTokens', 'The usage has no place for it; it was left out.'),
      left('usage.cacheWriteTokensByTtl.ttl_30m_tokens', 'The usage has no place for it; it was left out.'),
      left('usage.serviceTier', 'The usage has no place for it; it was left out.'),
    ],
  },
  'a refusal, citations, reasoning that is not signed, and no usage': {
    neutral: {
      id: undefined,
      model: 'gpt-6-sol',
      content: [
        { type: 'reasoning', text: 'Hm' },
        {
          type: 'text',
          text: 'See',
          citations: [
            { type: 'url', url: 'https://a.example', title: 'A', start: 0, end: 3 },
            { type: 'document', title: 'b.pdf' },
          ],
        },
        { type: 'text', text: '' },
        { type: 'refusal', text: 'No.' },
      ],
      stop: { reason: 'stop' },
      usage: undefined,
    },
    native: message(
      [
        {
          type: 'text',
          text: 'See',
          citations: [
            {
              type: 'web_search_result_location',
              url: 'https://a.example',
              title: 'A',
              cited_text: '',
              encrypted_index: '',
            },
          ],
        },
        { type: 'text', text: 'No.', citations: null },
      ],
      {
        id: 'msg_ask',
        model: 'gpt-6-sol',
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: null, explanation: null },
        usage: { ...few, input_tokens: 0, output_tokens: 0 },
      },
    ),
    losses: [
      left('usage', 'Zero stands for the counts that are not known.'),
      left('content.0', unsigned),
      left('content.1.citations.0.start', 'A citation holds for its whole text block.'),
      left(
        'content.1.citations.1',
        'A citation needs a place that anthropic-messages knows; it was left out.',
      ),
    ],
  },
};

interface StreamPair {
  readonly native: readonly unknown[];
  readonly neutral: readonly NeutralEvent[];
}

const begun = (input: object) => ({
  type: 'message_start',
  message: message([], { stop_reason: null, usage: { ...few, ...input } }),
});
const started = (inputUsage: object): NeutralEvent => ({
  type: 'start',
  id: 'msg_01',
  model: 'claude-opus-5-5',
  usage: { ...inputUsage, provenance: 'reported' },
});
const delta = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of });
const block = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
});
const stopped = (index: number) => ({ type: 'content_block_stop', index });
const ended = (stop_reason: string, of: object, more: object = {}) => [
  {
    type: 'message_delta',
    delta: { container: null, stop_reason, stop_sequence: null, stop_details: null, ...more },
    usage: of,
  },
  { type: 'message_stop' },
];
const text = { type: 'text', text: '', citations: null };

/** Streams that mean these neutral events. */
export const decodedStreams: Readonly<Record<string, StreamPair>> = {
  'text, a ping, and counts that the last delta corrects': {
    native: [
      begun({ input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 }),
      block(0, text),
      { type: 'ping' },
      delta(0, { type: 'text_delta', text: 'Hel' }),
      delta(0, { type: 'text_delta', text: 'lo' }),
      stopped(0),
      ...ended('max_tokens', { input_tokens: 30, output_tokens: 15 }),
    ],
    neutral: [
      started({ inputTokens: 30, cachedInputTokens: 5 }),
      { type: 'text-delta', part: 0, text: '' },
      { type: 'text-delta', part: 0, text: 'Hel' },
      { type: 'text-delta', part: 0, text: 'lo' },
      { type: 'part-end', part: 0 },
      {
        type: 'finish',
        stop: { reason: 'length' },
        usage: { inputTokens: 35, outputTokens: 15, cachedInputTokens: 5, provenance: 'reported' },
      },
    ],
  },
  'signed thinking, then parallel calls': {
    native: [
      begun({}),
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      stopped(0),
      block(1, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '' }),
      delta(1, { type: 'input_json_delta', partial_json: '{"a": ' }),
      delta(1, { type: 'input_json_delta', partial_json: '1}' }),
      stopped(1),
      block(2, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
      stopped(2),
      ...ended('tool_use', { output_tokens: 9 }),
    ],
    neutral: [
      started({ inputTokens: 12 }),
      { type: 'reasoning-delta', part: 0, text: '' },
      { type: 'reasoning-delta', part: 0, text: 'Hm.' },
      { type: 'part-end', part: 0, ...own({ signature: 'c2ln' }) },
      { type: 'tool-call-start', part: 1, id: 'toolu_1', name: 'f' },
      { type: 'tool-call-delta', part: 1, text: '' },
      { type: 'tool-call-delta', part: 1, text: '{"a": ' },
      { type: 'tool-call-delta', part: 1, text: '1}' },
      { type: 'tool-call', part: 1, id: 'toolu_1', name: 'f', arguments: { a: 1 } },
      { type: 'tool-call-start', part: 2, id: 'toolu_2', name: 'g' },
      { type: 'tool-call', part: 2, id: 'toolu_2', name: 'g', arguments: {} },
      {
        type: 'finish',
        stop: { reason: 'tool-calls' },
        usage: { inputTokens: 12, outputTokens: 9, provenance: 'reported' },
      },
    ],
  },
  'a server’s tool, a citation and a refusal': {
    native: [
      begun({}),
      block(0, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
      stopped(0),
      block(1, { type: 'text', text: '', citations: [] }),
      delta(1, {
        type: 'citations_delta',
        citation: {
          type: 'web_search_result_location',
          url: 'https://a.example',
          title: 'A',
          cited_text: 'a',
          encrypted_index: 'enc',
        },
      }),
      delta(1, { type: 'text_delta', text: 'So' }),
      stopped(1),
      ...ended(
        'refusal',
        { output_tokens: 2 },
        { stop_details: { type: 'refusal', category: 'bio', explanation: 'No.' } },
      ),
    ],
    neutral: [
      started({ inputTokens: 12 }),
      {
        type: 'foreign',
        part: 0,
        value: {
          type: 'foreign',
          dialect: 'anthropic-messages',
          value: { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'q' } },
        },
      },
      { type: 'text-delta', part: 1, text: '' },
      {
        type: 'citation',
        part: 1,
        citation: {
          type: 'url',
          url: 'https://a.example',
          title: 'A',
          quote: 'a',
          ...own({ web_search_result_location: { encrypted_index: 'enc' } }),
        },
      },
      { type: 'text-delta', part: 1, text: 'So' },
      { type: 'part-end', part: 1 },
      { type: 'refusal-delta', part: 2, text: 'No.' },
      { type: 'part-end', part: 2, ...own({ stop_details: { type: 'refusal', category: 'bio' } }) },
      {
        type: 'finish',
        stop: { reason: 'refusal' },
        usage: { inputTokens: 12, outputTokens: 2, provenance: 'reported' },
      },
    ],
  },
};

interface EncodedStream extends StreamPair {
  readonly losses: readonly Loss[];
}

const late: NeutralEvent = { type: 'start', id: 'resp_1', model: 'gpt-6-sol', usage: undefined };
const lateStart = {
  type: 'message_start',
  message: message([], {
    id: 'msg_ask',
    model: 'gpt-6-sol',
    stop_reason: null,
    usage: { ...few, input_tokens: 0, output_tokens: 0 },
  }),
};

/** Events of other providers, as a stream of this one. */
export const encodedStreams: Readonly<Record<string, EncodedStream>> = {
  'parallel calls that overlap follow one another, and the counts come at the end': {
    neutral: [
      late,
      { type: 'tool-call-start', part: 0, id: 'call_1', name: 'f' },
      { type: 'tool-call-start', part: 1, id: 'call_2', name: 'g' },
      { type: 'tool-call-delta', part: 1, text: '{"b":' },
      { type: 'tool-call-delta', part: 0, text: '{"a":1}' },
      { type: 'tool-call', part: 0, id: 'call_1', name: 'f', arguments: { a: 1 } },
      { type: 'tool-call-delta', part: 1, text: '2}' },
      { type: 'tool-call', part: 1, id: 'call_2', name: 'g', arguments: { b: 2 } },
      { type: 'finish', stop: { reason: 'tool-calls' }, usage: fewUsage },
    ],
    native: [
      lateStart,
      block(0, { type: 'tool_use', id: 'call_1', name: 'f', input: {}, caller: { type: 'direct' } }),
      delta(0, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      stopped(0),
      block(1, { type: 'tool_use', id: 'call_2', name: 'g', input: {}, caller: { type: 'direct' } }),
      delta(1, { type: 'input_json_delta', partial_json: '{"b":' }),
      delta(1, { type: 'input_json_delta', partial_json: '2}' }),
      stopped(1),
      ...ended('tool_use', { input_tokens: 12, output_tokens: 6 }),
    ],
    losses: [],
  },
  'thinking goes out with its signature, and not without one': {
    neutral: [
      late,
      { type: 'reasoning-delta', part: 0, text: 'Mine' },
      { type: 'part-end', part: 0, extras: { 'openai-responses': { encrypted_content: 'x' } } },
      { type: 'reasoning-delta', part: 1, text: 'Si' },
      { type: 'reasoning-delta', part: 1, text: 'gned' },
      { type: 'part-end', part: 1, ...own({ signature: 'c2ln' }) },
      { type: 'text-delta', part: 2, text: '' },
      { type: 'text-delta', part: 2, text: 'Yes' },
      { type: 'part-end', part: 2 },
      { type: 'text-delta', part: 3, text: '' },
      { type: 'part-end', part: 3 },
      { type: 'finish', stop: { reason: 'stop' }, usage: fewUsage },
    ],
    native: [
      lateStart,
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Signed' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      stopped(0),
      block(1, text),
      delta(1, { type: 'text_delta', text: 'Yes' }),
      stopped(1),
      ...ended('end_turn', { input_tokens: 12, output_tokens: 6 }),
    ],
    losses: [
      left('content.0.encrypted_content', 'Only openai-responses has it; it was left out.'),
      left('content.0', unsigned),
    ],
  },
  'a refusal in words, arguments that are no object, a part that only another format has': {
    neutral: [
      late,
      { type: 'refusal-delta', part: 0, text: 'N' },
      { type: 'refusal-delta', part: 0, text: 'o.' },
      { type: 'part-end', part: 0 },
      { type: 'tool-call-start', part: 1, id: 'call_1', name: 'f' },
      { type: 'tool-call-delta', part: 1, text: 'ls' },
      { type: 'tool-call-delta', part: 1, text: ' -l' },
      { type: 'tool-call', part: 1, id: 'call_1', name: 'f', arguments: 'ls -l' },
      {
        type: 'foreign',
        part: 2,
        value: { type: 'foreign', dialect: 'openai-responses', value: { type: 'web_search_call' } },
      },
      { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
    ],
    native: [
      lateStart,
      block(0, text),
      delta(0, { type: 'text_delta', text: 'No.' }),
      stopped(0),
      block(1, { type: 'tool_use', id: 'call_1', name: 'f', input: {}, caller: { type: 'direct' } }),
      delta(1, { type: 'input_json_delta', partial_json: '{"arguments":"ls -l"}' }),
      stopped(1),
      ...ended(
        'refusal',
        { input_tokens: 0, output_tokens: 0 },
        { stop_details: { type: 'refusal', category: null, explanation: null } },
      ),
    ],
    losses: [
      left(
        'content.1.arguments',
        'A tool’s input must be an object; what was given stands in it as `arguments`.',
      ),
      left('content.2.web_search_call', 'Only openai-responses has it; it was left out.'),
      left('usage', 'Zero stands for the counts that are not known.'),
    ],
  },
};
