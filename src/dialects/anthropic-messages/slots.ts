import type { TextSlot } from '../../core/dialect.ts';
import { asCount, asText, member } from '../record.ts';
import type { TextPlace } from '../text-place.ts';

/** Deltas that carry text: their type, the member, the slot it grows. The provider's own tools are not among them. */
const deltas = [
  { type: 'text_delta', key: 'text', name: 'text', kind: 'text' },
  { type: 'thinking_delta', key: 'thinking', name: 'thinking', kind: 'reasoning' },
  { type: 'input_json_delta', key: 'partial_json', name: 'input', kind: 'tool-arguments' },
] as const satisfies readonly { type: string; key: string; name: string; kind: TextSlot['kind'] }[];

/** Where an event carries text. Slots are named `block 2 text`, `block 2 thinking`, `block 2 input`. */
export function placesOf(json: unknown): readonly TextPlace[] {
  const [holder, content] =
    asText(member(json, 'type')) === 'content_block_start'
      ? ['content_block', member(json, 'content_block')]
      : ['delta', member(json, 'delta')];
  const index = asCount(member(json, 'index'));
  if (index === undefined) return [];
  const type = asText(member(content, 'type')) ?? '';
  for (const { type: deltaType, key, name, kind } of deltas) {
    if (holder === 'delta' ? type !== deltaType : type !== name) continue;
    const text = member(content, key);
    if (typeof text !== 'string') return [];
    return [{ slot: { id: `block ${index} ${name}`, kind }, path: [holder, key], text }];
  }
  return [];
}

/** The slots a block may have. */
export function slotsOfBlock(index: number): readonly string[] {
  return deltas.map(({ name }) => `block ${index} ${name}`);
}

/** The event that adds text to a slot; `undefined` for a name that {@link placesOf} never gives. */
export function deltaFor(slotId: string, text: string): unknown {
  const match = /^block (\d+) (\w+)$/.exec(slotId);
  const delta = deltas.find(({ name }) => name === match?.[2]);
  if (match === null || delta === undefined) return undefined;
  return {
    type: 'content_block_delta',
    index: Number(match[1]),
    delta: { type: delta.type, [delta.key]: text },
  };
}
