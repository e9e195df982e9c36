import { StreamEvent } from '../../core/stream-event.ts';
import { asRecord, asText, items, type JsonRecord, member } from '../record.ts';

/** Blocks whose input the SDK's stable and beta helpers both put together from JSON text; others begin whole. */
const toolTypes = new Set(['tool_use', 'server_tool_use']);

/** Events that add up to the message, in the order Anthropic sends them. None for what is no message. */
export function explode(json: unknown): readonly StreamEvent[] {
  const message = asRecord(json);
  if (message === undefined || !Array.isArray(message['content'])) return [];
  const { content: _content, stop_reason, stop_sequence, stop_details, usage, ...start } = message;
  const events: JsonRecord[] = [
    {
      type: 'message_start',
      message: {
        ...start,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...asRecord(usage), output_tokens: 0 },
      },
    },
  ];
  for (const [index, block] of items(message['content']).entries()) {
    const [content_block, deltas] = opened(asRecord(block) ?? {});
    events.push({ type: 'content_block_start', index, content_block });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  const delta = {
    stop_reason: stop_reason ?? null,
    stop_sequence: stop_sequence ?? null,
    ...(Object.hasOwn(message, 'stop_details') ? { stop_details } : {}),
  };
  events.push({ type: 'message_delta', delta, usage: { ...asRecord(usage) } }, { type: 'message_stop' });
  return events.map((event) => StreamEvent.of(event, asText(event['type'])));
}

/** A block as it begins, and the deltas that make it whole. */
export function opened(block: JsonRecord): [JsonRecord, readonly JsonRecord[]] {
  const type = asText(block['type']) ?? '';
  if (type === 'text') {
    const citations = items(block['citations']);
    const start = { ...block, text: '', ...(citations.length === 0 ? {} : { citations: [] }) };
    const text = asText(block['text']) ?? '';
    return [
      start,
      [
        ...(text === '' ? [] : [{ type: 'text_delta', text }]),
        ...citations.map((citation) => ({ type: 'citations_delta', citation })),
      ],
    ];
  }
  if (type === 'thinking') {
    const thinking = asText(block['thinking']) ?? '';
    const signature = asText(block['signature']) ?? '';
    return [
      { ...block, thinking: '', ...(signature === '' ? {} : { signature: '' }) },
      [
        ...(thinking === '' ? [] : [{ type: 'thinking_delta', thinking }]),
        ...(signature === '' ? [] : [{ type: 'signature_delta', signature }]),
      ],
    ];
  }
  if (toolTypes.has(type)) {
    const input = member(block, 'input');
    return [
      { ...block, input: {} },
      [{ type: 'input_json_delta', partial_json: JSON.stringify(input ?? {}) }],
    ];
  }
  return [block, []];
}
