import * as fc from 'fast-check';
import type { Extras } from '../../../src/dialects/neutral/extras.ts';
import type { AssistantPart, Citation } from '../../../src/dialects/neutral/message.ts';
import type { NeutralReply, StopReason } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';

/** A request that uses every kind of turn and part. */
export const request: NeutralRequest = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'file', source: { type: 'text', text: 'Minutes' }, name: 'Meeting' },
      ],
      name: 'ada',
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Signed thought', extras: { 'anthropic-messages': { signature: 's' } } },
        { type: 'reasoning', text: 'Shown thought', extras: { 'openai-responses': { id: 'rs_1' } } },
        { type: 'text', text: 'Looking.' },
        { type: 'refusal', text: 'Not that.' },
        { type: 'tool-call', id: 'call_1', name: 'weather', arguments: { city: 'Ulm', days: [1, 'two'] } },
        {
          type: 'foreign',
          dialect: 'openai-responses',
          value: { type: 'custom_tool_call', call_id: 'c', name: 'shell', input: 'ls' },
        },
      ],
    },
    { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'Rain' }] },
    { role: 'tool', toolCallId: 'call_2', content: 'Sun', isError: true },
  ],
  tools: [{ name: 'weather', description: 'not this', parameters: { type: 'object' } }],
  maxOutputTokens: 100,
  extras: { 'openai-chat': { prediction: { type: 'content', content: 'Predicted' } } },
};

const text = fc.string({ maxLength: 20 });
const json = fc.jsonValue({ maxDepth: 3 });
const extras: fc.Arbitrary<Extras> = fc.dictionary(
  fc.constantFrom('openai-chat', 'openai-responses', 'anthropic-messages'),
  fc.dictionary(fc.string(), json, { minKeys: 1, maxKeys: 3 }),
  { minKeys: 1, maxKeys: 2 },
);
const count = fc.nat();
const citation: fc.Arbitrary<Citation> = fc.record(
  { type: fc.constantFrom('url', 'document'), url: text, title: text, start: count, end: count, extras },
  { requiredKeys: ['type'] },
);
/** What was no JSON stands as text; text that is JSON would be parsed. */
const args = json.filter((value) => typeof value === 'object' && value !== null);

const part: fc.Arbitrary<AssistantPart> = fc.oneof(
  fc.record(
    {
      type: fc.constant('text'),
      text,
      citations: fc.array(citation, { minLength: 1, maxLength: 3 }),
      extras,
    },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({ type: fc.constant('reasoning'), text, extras }, { requiredKeys: ['type', 'text'] }),
  fc.record({ type: fc.constant('refusal'), text, extras }, { requiredKeys: ['type', 'text'] }),
  fc.record(
    { type: fc.constant('tool-call'), id: text, name: text, arguments: args, extras },
    { requiredKeys: ['type', 'id', 'name', 'arguments'] },
  ),
  fc.record({
    type: fc.constant('foreign'),
    dialect: fc.constantFrom('openai-chat', 'openai-responses', 'anthropic-messages'),
    value: json,
  }),
);

const reasons: readonly StopReason[] = ['stop', 'stop-sequence', 'length', 'tool-calls', 'refusal', 'other'];

/** Any whole reply. */
export const replies: fc.Arbitrary<NeutralReply> = fc.record(
  {
    id: fc.option(text, { nil: undefined }),
    model: fc.option(text, { nil: undefined }),
    content: fc.array(part, { maxLength: 5 }),
    stop: fc.record({ reason: fc.constantFrom(...reasons), sequence: text }, { requiredKeys: ['reason'] }),
    usage: fc.option(
      fc.record(
        {
          inputTokens: count,
          outputTokens: count,
          cachedInputTokens: count,
          cacheWriteTokensByTtl: fc.record({ ephemeral_5m_input_tokens: count }),
          serviceTier: text,
          provenance: fc.constantFrom('reported', 'estimated'),
        },
        { requiredKeys: ['inputTokens', 'provenance'] },
      ),
      { nil: undefined },
    ),
    extras,
  },
  { requiredKeys: ['id', 'model', 'content', 'stop', 'usage'] },
);
