import { recordedExchanges } from '../recordings/exchanges.ts';
import { generatedRows } from '../translation/generate.ts';
import type { Format } from './finder.ts';

export interface Request {
  readonly format: Format;
  readonly body: object;
}

const formats: Readonly<Record<string, Format>> = {
  'openai.chat': 'chat',
  'openai.responses': 'responses',
  'openai.embeddings': 'embeddings',
  'anthropic.messages': 'messages',
  chat: 'chat',
  responses: 'responses',
  anthropic: 'messages',
};

/** What was recorded, with what is made for those formats that were not, and for more of those that were. */
export function requestsToMutate(seed: number, made: number): readonly Request[] {
  const recorded = (recordedExchanges() ?? []).map(({ operation, request }) => ({
    format: formats[operation],
    body: request.body,
  }));
  const generated = generatedRows(seed, made).requests.map(({ format, body }) => ({
    format: formats[format],
    body,
  }));
  return [...written, ...generated, ...recorded].flatMap(({ format, body }) =>
    format === undefined ? [] : [{ format, body }],
  );
}

const schema = { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] };

const written: readonly Request[] = [
  { format: 'embeddings', body: { model: 'text-embedding-3-small', input: 'Hello', dimensions: 256 } },
  {
    format: 'embeddings',
    body: { model: 'text-embedding-3-small', input: ['one', 'two'], encoding_format: 'float', user: 'a' },
  },
  { format: 'embeddings', body: { model: 'text-embedding-3-small', input: [[1, 2, 3], [4]] } },
  { format: 'neutral', body: { model: 'openai/gpt-5-mini', messages: 'Hello' } },
  {
    format: 'neutral',
    body: {
      model: 'anthropic/claude-sonnet-5',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Look first.' },
            {
              type: 'tool-call',
              id: 'call_1',
              name: 'look',
              arguments: { at: 'it', deep: [1, { x: true }] },
            },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'A lake.' },
      ],
      tools: [{ name: 'look', description: 'To look.', parameters: schema }],
      toolChoice: 'auto',
      maxOutputTokens: 100,
      temperature: 0,
      seed: 7,
      stopSequences: ['END'],
      endUserId: 'someone',
    },
  },
  {
    format: 'neutral',
    body: {
      model: 'openai/gpt-5-mini',
      messages: [{ role: 'user', content: 'Hello' }],
      output: { type: 'json-schema', name: 'answer', schema },
      extras: { 'openai-chat': { logit_bias: { '50256': -100 }, user: 'someone' }, 'anthropic-messages': {} },
    },
  },
];
