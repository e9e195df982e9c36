import type { Loss } from '../../../src/core/translation.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';

/** What Responses alone know, as the codec keeps it. */
export const own = (members: object) => ({ extras: { 'openai-responses': { ...members } } });

const weather = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const pixel = 'iVBORw0KGgo=';

/** Bodies of `POST /responses`, in kind as OpenAI's guides show them (November 2026), and what they mean. */
export const decodedRequests: Readonly<Record<string, { native: unknown; neutral: NeutralRequest }>> = {
  'a string of input is a user turn, instructions are a system prompt': {
    native: { model: 'gpt-5.6-sol', instructions: 'Be brief.', input: 'Hi', stream: true },
    neutral: {
      model: 'gpt-5.6-sol',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    },
  },
  'system and developer messages keep their place, and the first is marked as no instructions': {
    native: {
      model: 'm',
      input: [
        { role: 'system', content: 'You are Ada.' },
        { role: 'developer', content: [{ type: 'input_text', text: 'Speak German.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        { role: 'system', content: 'You are Ada.', ...own({}) },
        { role: 'developer', content: [{ type: 'text', text: 'Speak German.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    },
  },
  'images and files by address, by content and by id': {
    native: {
      model: 'm',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'https://example.org/a.png', detail: 'high' },
            { type: 'input_image', image_url: `data:image/png;base64,${pixel}` },
            { type: 'input_image', file_id: 'file-1', detail: 'auto' },
            { type: 'input_file', file_url: 'https://example.org/a.pdf' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
            { type: 'input_file', filename: 'b.pdf', file_data: 'JVBERi0=' },
            { type: 'input_file', file_id: 'file-2' },
          ],
        },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'image',
              source: { type: 'url', url: 'https://example.org/a.png' },
              ...own({ detail: 'high' }),
            },
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: pixel } },
            { type: 'image', source: { type: 'id', id: 'file-1', dialect: 'openai-responses' } },
            { type: 'file', source: { type: 'url', url: 'https://example.org/a.pdf' } },
            {
              type: 'file',
              source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
              name: 'a.pdf',
            },
            {
              type: 'file',
              source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
              name: 'b.pdf',
            },
            { type: 'file', source: { type: 'id', id: 'file-2', dialect: 'openai-responses' } },
          ],
        },
      ],
    },
  },
  'what the model made between two turns of others is one turn': {
    native: {
      model: 'm',
      input: [
        { role: 'user', content: 'Weather in Ulm and Bonn?' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Two calls.' }],
          encrypted_content: 'gAAA',
        },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          phase: 'commentary',
          content: [{ type: 'output_text', text: 'I look.', annotations: [] }],
        },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'weather',
          arguments: '{"city":"Ulm"}',
          status: 'completed',
        },
        { type: 'function_call', call_id: 'call_2', name: 'weather', arguments: '{"city":"Bo' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
        {
          type: 'function_call_output',
          id: 'fco_2',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'Sun' },
            { type: 'input_image', image_url: 'https://example.org/sun.png', detail: 'low' },
          ],
        },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        { role: 'user', content: 'Weather in Ulm and Bonn?' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Two calls.', ...own({ id: 'rs_1', encrypted_content: 'gAAA' }) },
            { type: 'text', text: 'I look.', ...own({ id: 'msg_1', item: { phase: 'commentary' } }) },
            {
              type: 'tool-call',
              id: 'call_1',
              name: 'weather',
              arguments: { city: 'Ulm' },
              ...own({ id: 'fc_1' }),
            },
            { type: 'tool-call', id: 'call_2', name: 'weather', arguments: '{"city":"Bo' },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'Rain' },
        {
          role: 'tool',
          toolCallId: 'call_2',
          content: [
            { type: 'text', text: 'Sun' },
            {
              type: 'image',
              source: { type: 'url', url: 'https://example.org/sun.png' },
              ...own({ detail: 'low' }),
            },
          ],
          ...own({ id: 'fco_2' }),
        },
      ],
    },
  },
  'refusals, and messages side by side, of earlier turns': {
    native: {
      model: 'm',
      input: [
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'Do harm.' },
        {
          role: 'assistant',
          content: [
            { type: 'refusal', refusal: 'No.' },
            { type: 'output_text', text: 'Sorry.' },
          ],
        },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Anything else?' }] },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'Do harm.' },
        {
          role: 'assistant',
          content: [
            { type: 'refusal', text: 'No.' },
            { type: 'text', text: 'Sorry.' },
            { type: 'text', text: 'Anything else?', ...own({ item: {} }) },
          ],
        },
      ],
    },
  },
  'reasoning that open models show, and several summaries, are kept beside their text': {
    native: {
      model: 'm',
      input: [
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        {
          type: 'reasoning',
          id: 'rs_2',
          summary: [
            { type: 'summary_text', text: 'One.' },
            { type: 'summary_text', text: 'Two.' },
          ],
        },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'Hm.',
              ...own({ content: [{ type: 'reasoning_text', text: 'Hm.' }] }),
            },
            {
              type: 'reasoning',
              text: 'One.\n\nTwo.',
              ...own({
                id: 'rs_2',
                summary: [
                  { type: 'summary_text', text: 'One.' },
                  { type: 'summary_text', text: 'Two.' },
                ],
              }),
            },
          ],
        },
      ],
    },
  },
  'items and content that only Responses have stay as they are, on the side that made them': {
    native: {
      model: 'm',
      input: [
        { type: 'item_reference', id: 'msg_0' },
        { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }] },
        { type: 'custom_tool_call', call_id: 'c1', name: 'shell', input: 'ls' },
        { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
      ],
    },
    neutral: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'item_reference', id: 'msg_0' },
            },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'custom_tool_call', call_id: 'c1', name: 'shell', input: 'ls' },
            },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: {
                type: 'web_search_call',
                id: 'ws_1',
                status: 'completed',
                action: { type: 'search', query: 'q' },
              },
            },
          ],
        },
      ],
    },
  },
  'functions are tools, the provider’s own tools are not; allowed tools are a mode elsewhere': {
    native: {
      model: 'm',
      input: 'Hi',
      tools: [
        { type: 'web_search', search_context_size: 'low' },
        { type: 'function', name: 'weather', description: 'Looks.', parameters: weather, strict: true },
        { type: 'function', name: 'now', parameters: null, defer_loading: true },
      ],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'weather' }],
      },
      parallel_tool_calls: false,
    },
    neutral: {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [
        { name: 'weather', description: 'Looks.', parameters: weather, strict: true },
        { name: 'now', parameters: { type: 'object', properties: {} }, ...own({ defer_loading: true }) },
      ],
      toolChoice: 'required',
      parallelToolCalls: false,
      ...own({
        tools: [{ type: 'web_search', search_context_size: 'low' }],
        tool_choice: {
          type: 'allowed_tools',
          mode: 'required',
          tools: [{ type: 'function', name: 'weather' }],
        },
      }),
    },
  },
  'structured output, sampling, reasoning and the end user': {
    native: {
      model: 'm',
      input: 'Hi',
      tool_choice: { type: 'function', name: 'weather' },
      text: {
        format: { type: 'json_schema', name: 'city', schema: weather, strict: true, description: 'A city.' },
        verbosity: 'low',
      },
      max_output_tokens: 300,
      temperature: 0.2,
      top_p: 0.9,
      reasoning: { effort: 'high', summary: 'detailed' },
      safety_identifier: 'user-hash',
      user: 'old-name',
    },
    neutral: {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      toolChoice: { name: 'weather' },
      output: { type: 'json-schema', name: 'city', schema: weather, strict: true, description: 'A city.' },
      reasoning: { effort: 'high', show: true },
      maxOutputTokens: 300,
      temperature: 0.2,
      topP: 0.9,
      endUserId: 'user-hash',
      ...own({ user: 'old-name', text: { verbosity: 'low' }, reasoning: { summary: 'detailed' } }),
    },
  },
  'what the provider keeps between calls, and everything unknown, is for Responses alone': {
    native: {
      model: 'm',
      previous_response_id: 'resp_0',
      conversation: { id: 'conv_1' },
      prompt: { id: 'pmpt_1', version: '2' },
      store: false,
      background: true,
      include: ['reasoning.encrypted_content'],
      metadata: { a: 'b' },
      service_tier: 'flex',
      text: { format: { type: 'json_object' } },
      tool_choice: { type: 'web_search' },
      user: 'u-1',
      tomorrow: { x: 1 },
      truncation: null,
    },
    neutral: {
      model: 'm',
      messages: [],
      output: { type: 'json' },
      endUserId: 'u-1',
      ...own({
        previous_response_id: 'resp_0',
        conversation: { id: 'conv_1' },
        prompt: { id: 'pmpt_1', version: '2' },
        store: false,
        background: true,
        include: ['reasoning.encrypted_content'],
        metadata: { a: 'b' },
        service_tier: 'flex',
        tool_choice: { type: 'web_search' },
        tomorrow: { x: 1 },
      }),
    },
  },
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The way back, with what had no place. */
export const encodedRequests: Readonly<
  Record<
    string,
    { neutral: NeutralRequest; stream?: boolean; native: unknown; losses: readonly Loss['path'][] }
  >
> = {
  'the opening system prompt is the instructions; later ones are messages': {
    neutral: {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Speak German.' },
        { role: 'developer', content: [{ type: 'text', text: 'Now.' }] },
      ],
    },
    stream: true,
    native: {
      model: 'm',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Speak German.' },
        { role: 'developer', content: [{ type: 'input_text', text: 'Now.' }] },
      ],
      stream: true,
    },
    losses: [],
  },
  'settings with a place': {
    neutral: {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ name: 'weather', description: 'Looks.', parameters: weather }],
      toolChoice: { name: 'weather' },
      parallelToolCalls: true,
      output: { type: 'json-schema', schema: weather },
      maxOutputTokens: 64,
      temperature: 0,
      topP: 1,
      reasoning: { effort: 'low', show: true },
      endUserId: 'u-1',
    },
    native: {
      model: 'm',
      input: [{ role: 'user', content: 'Hi' }],
      tools: [
        { type: 'function', name: 'weather', description: 'Looks.', parameters: weather, strict: false },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: true,
      text: { format: { type: 'json_schema', name: 'answer', schema: weather } },
      max_output_tokens: 64,
      temperature: 0,
      top_p: 1,
      reasoning: { summary: 'auto', effort: 'low' },
      safety_identifier: 'u-1',
    },
    losses: [],
  },
  'settings without one': {
    neutral: {
      model: 'm',
      messages: [],
      stopSequences: ['END'],
      topK: 5,
      seed: 1,
      frequencyPenalty: 0.1,
      presencePenalty: 0.1,
      reasoning: { budgetTokens: 2000 },
      output: { type: 'json' },
      extras: {
        'openai-chat': { logit_bias: { 5: 1 } },
        'anthropic-messages': { thinking: { type: 'adaptive' } },
      },
    },
    native: {
      model: 'm',
      text: { format: { type: 'json_object' } },
      reasoning: { effort: 'medium' },
    },
    losses: [
      'logit_bias',
      'thinking',
      'stopSequences',
      'topK',
      'seed',
      'frequencyPenalty',
      'presencePenalty',
      'reasoning.budgetTokens',
    ],
  },
  'turns of another format: its reasoning, marks and parts are left out': {
    neutral: {
      model: 'm',
      messages: [
        { role: 'user', name: 'ada', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', extras: { 'anthropic-messages': { signature: 'c2ln' } } },
            {
              type: 'text',
              text: 'I look.',
              citations: [
                { type: 'url', url: 'https://example.org', quote: 'so' },
                { type: 'document', documentIndex: 0 },
              ],
              extras: { 'anthropic-messages': { cache_control: { type: 'ephemeral' } } },
            },
            { type: 'foreign', dialect: 'anthropic-messages', value: { type: 'server_tool_use' } },
            { type: 'refusal', text: 'No.' },
            { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: { city: 'Ulm' } },
          ],
        },
        { role: 'tool', toolCallId: 'toolu_1', content: 'No such city', isError: true },
        {
          role: 'tool',
          toolCallId: 'toolu_2',
          content: [{ type: 'foreign', dialect: 'anthropic-messages', value: { type: 'search_result' } }],
        },
        { role: 'system', content: [], extras: { 'anthropic-messages': { tool_addition: {} } } },
      ],
    },
    native: {
      model: 'm',
      input: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            {
              type: 'output_text',
              text: 'I look.',
              annotations: [
                {
                  type: 'url_citation',
                  url: 'https://example.org',
                  title: '',
                  start_index: 0,
                  end_index: 7,
                },
              ],
            },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        { type: 'function_call', call_id: 'toolu_1', name: 'weather', arguments: '{"city":"Ulm"}' },
        { type: 'function_call_output', call_id: 'toolu_1', output: 'No such city' },
        { type: 'function_call_output', call_id: 'toolu_2', output: '' },
      ],
    },
    losses: [
      'messages.0.name',
      'messages.1.content.0',
      'messages.1.content.2.server_tool_use',
      'messages.1.content.1.cache_control',
      'messages.1.content.1.citations.0.quote',
      'messages.1.content.1.citations.1',
      'messages.2.isError',
      'messages.3.content.0.search_result',
      'messages.4.tool_addition',
    ],
  },
  'sources that Responses cannot read are left out, plain text becomes a file': {
    neutral: {
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Read.' },
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: pixel } },
            { type: 'image', source: { type: 'id', id: 'file_9', dialect: 'anthropic-messages' } },
            { type: 'file', source: { type: 'text', text: 'Grüße' } },
            { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
            { type: 'file', source: { type: 'url', url: 'https://example.org/a.pdf' }, name: 'A' },
            { type: 'foreign', dialect: 'openai-chat', value: { type: 'input_audio' } },
          ],
        },
      ],
    },
    native: {
      model: 'm',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Read.' },
            { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
            {
              type: 'input_file',
              filename: 'document.txt',
              file_data: `data:text/plain;base64,${base64('Grüße')}`,
            },
            {
              type: 'input_file',
              filename: 'document.pdf',
              file_data: 'data:application/pdf;base64,JVBERi0=',
            },
            { type: 'input_file', file_url: 'https://example.org/a.pdf', filename: 'A' },
          ],
        },
      ],
    },
    losses: ['messages.0.content.2.source', 'messages.0.content.6.input_audio'],
  },
  'what came from Responses goes back as it was': {
    neutral: {
      model: 'm',
      messages: [
        { role: 'system', content: 'You are Ada.', ...own({}) },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'One.', ...own({ id: 'rs_1', encrypted_content: 'gAAA' }) },
            { type: 'text', text: 'A', ...own({ id: 'msg_1', item: { phase: 'commentary' } }) },
            { type: 'text', text: 'B', ...own({ item: {} }) },
            {
              type: 'foreign',
              dialect: 'openai-responses',
              value: { type: 'custom_tool_call', call_id: 'c1', name: 'shell', input: 'ls' },
            },
          ],
        },
      ],
      tools: [{ name: 'now', parameters: {}, ...own({}) }],
      toolChoice: 'auto',
      ...own({
        previous_response_id: 'resp_0',
        stream_options: { include_obfuscation: false },
        tools: [{ type: 'web_search' }],
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'web_search' }] },
        text: { verbosity: 'low' },
        reasoning: { context: 'all_turns' },
      }),
    },
    native: {
      model: 'm',
      input: [
        { role: 'system', content: 'You are Ada.' },
        {
          type: 'reasoning',
          id: 'rs_1',
          encrypted_content: 'gAAA',
          summary: [{ type: 'summary_text', text: 'One.' }],
        },
        {
          type: 'message',
          id: 'msg_1',
          phase: 'commentary',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'A', annotations: [] }],
        },
        { role: 'assistant', content: [{ type: 'output_text', text: 'B', annotations: [] }] },
        { type: 'custom_tool_call', call_id: 'c1', name: 'shell', input: 'ls' },
      ],
      tools: [{ type: 'function', name: 'now', parameters: {} }, { type: 'web_search' }],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'web_search' }] },
      previous_response_id: 'resp_0',
      text: { verbosity: 'low' },
      reasoning: { context: 'all_turns' },
    },
    losses: [],
  },
  'kept summaries, choices and shown reasoning give way to what was changed since': {
    neutral: {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: '[redacted]',
              ...own({
                id: 'rs_1',
                summary: [
                  { type: 'summary_text', text: 'Se' },
                  { type: 'summary_text', text: 'cret' },
                ],
                content: [{ type: 'reasoning_text', text: 'Secret' }],
              }),
            },
          ],
        },
      ],
      toolChoice: 'none',
      reasoning: { effort: 'low', show: false },
      ...own({
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] },
        reasoning: { summary: 'detailed' },
      }),
    },
    native: {
      model: 'm',
      input: [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: '[redacted]' }] }],
      tool_choice: 'none',
      reasoning: { effort: 'low' },
    },
    losses: [],
  },
};
