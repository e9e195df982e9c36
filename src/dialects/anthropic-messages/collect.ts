import type { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, assignable, asText, items, type JsonRecord, member, parsed } from '../record.ts';

/** A block with the text of its input, which arrives as JSON in pieces. */
export interface Block {
  content: JsonRecord;
  input: string;
}

/**
 * The message that events add up to, as Anthropic's own stream helper does it. `undefined` when none began.
 */
export function collect(events: readonly StreamEvent[]): unknown {
  let message: JsonRecord | undefined;
  const blocks = new Map<number, Block>();
  for (const { json } of events) {
    switch (member(json, 'type')) {
      case 'message_start':
        message ??= asRecord(member(json, 'message'));
        break;
      case 'content_block_start':
        blocks.set(asCount(member(json, 'index')) ?? blocks.size, {
          content: asRecord(member(json, 'content_block')) ?? {},
          input: '',
        });
        break;
      case 'content_block_delta': {
        const block = blocks.get(asCount(member(json, 'index')) ?? blocks.size - 1);
        if (block !== undefined) grow(block, member(json, 'delta'));
        break;
      }
      case 'message_delta':
        if (message !== undefined) message = withDelta(message, json);
        break;
      default:
    }
  }
  if (message === undefined) return undefined;
  const content = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => finished(block));
  return { ...message, content: content.length === 0 ? items(message['content']) : content };
}

export function grow(block: Block, delta: unknown): void {
  const { content } = block;
  const append = (key: string): void => {
    const added = asText(member(delta, key));
    if (added !== undefined) block.content = { ...content, [key]: (asText(content[key]) ?? '') + added };
  };
  switch (member(delta, 'type')) {
    case 'text_delta':
      return append('text');
    case 'thinking_delta':
      return append('thinking');
    case 'signature_delta':
      block.content = { ...content, signature: member(delta, 'signature') };
      return;
    case 'citations_delta':
      block.content = { ...content, citations: [...items(content['citations']), member(delta, 'citation')] };
      return;
    case 'input_json_delta':
      block.input += asText(member(delta, 'partial_json')) ?? '';
      return;
    case 'compaction_delta': {
      const { type: _type, ...members } = asRecord(delta) ?? {};
      block.content = { ...content, ...members };
      return;
    }
    default:
  }
}

export function finished({ content, input }: Block): JsonRecord {
  const json = input === '' ? undefined : parsed(input);
  return json === undefined ? content : { ...content, input: json };
}

/** Counts of a delta are totals of the whole message, and left out where they do not apply. */
function withDelta(message: JsonRecord, json: unknown): JsonRecord {
  const usage: Record<string, unknown> = { ...asRecord(message['usage']) };
  for (const [key, value] of assignable(asRecord(member(json, 'usage')) ?? {})) {
    if (value !== null || !Object.hasOwn(usage, key)) usage[key] = value;
  }
  const delta: Record<string, unknown> = { ...asRecord(member(json, 'delta')) };
  if (delta['container'] === null) delete delta['container'];
  return { ...message, ...delta, usage };
}
