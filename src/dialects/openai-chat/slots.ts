import type { TextSlot } from '../../core/dialect.ts';
import { asCount, asText, items, member } from '../record.ts';
import type { TextPlace } from '../text-place.ts';

/** Texts of a delta that are plain strings, by member name. */
const plainTexts: Readonly<Record<string, TextSlot['kind']>> = {
  content: 'text',
  refusal: 'refusal',
  reasoning_content: 'reasoning',
  reasoning: 'reasoning',
};

const plainEntries = Object.entries(plainTexts);

/**
 * Where a chunk carries text. Slots are named `choice 0 content`, `choice 0 tool 1` and so on, so that `choice 0`
 * stands for all of a choice. Custom tools take free text, not JSON, so their input counts as text.
 */
export function placesOf(json: unknown): readonly TextPlace[] {
  const places: TextPlace[] = [];
  for (const [at, choice] of items(member(json, 'choices')).entries()) {
    const delta = member(choice, 'delta');
    const index = asCount(member(choice, 'index')) ?? at;
    const add = (
      name: string,
      kind: TextSlot['kind'],
      path: readonly (string | number)[],
      text: unknown,
    ): void => {
      if (typeof text !== 'string') return;
      places.push({
        slot: { id: `choice ${index} ${name}`, kind },
        path: ['choices', at, 'delta', ...path],
        text,
      });
    };
    for (const [name, kind] of plainEntries) {
      const text = member(delta, name);
      if (text !== undefined) add(name, kind, [name], text);
    }
    for (const [part, content] of items(member(delta, 'content')).entries()) {
      add('content', 'text', ['content', part, 'text'], member(content, 'text'));
      add('thinking', 'reasoning', ['content', part, 'thinking'], member(content, 'thinking'));
      for (const [inner, thought] of items(member(content, 'thinking')).entries()) {
        add('thinking', 'reasoning', ['content', part, 'thinking', inner, 'text'], member(thought, 'text'));
      }
    }
    for (const [call, content] of items(member(delta, 'tool_calls')).entries()) {
      const tool = asCount(member(content, 'index')) ?? call;
      const called = member(content, 'function');
      add(
        `tool ${tool}`,
        'tool-arguments',
        ['tool_calls', call, 'function', 'arguments'],
        member(called, 'arguments'),
      );
      add(
        `custom ${tool}`,
        'text',
        ['tool_calls', call, 'custom', 'input'],
        member(member(content, 'custom'), 'input'),
      );
    }
    add(
      'function',
      'tool-arguments',
      ['function_call', 'arguments'],
      member(member(delta, 'function_call'), 'arguments'),
    );
    add('transcript', 'text', ['audio', 'transcript'], member(member(delta, 'audio'), 'transcript'));
    for (const [at, detail] of items(member(delta, 'reasoning_details')).entries()) {
      const name = `details ${asCount(member(detail, 'index')) ?? at}`;
      const key = asText(member(detail, 'type')) === 'reasoning.summary' ? 'summary' : 'text';
      add(name, 'reasoning', ['reasoning_details', at, key], member(detail, key));
    }
  }
  return places;
}

/** A delta that adds text to a slot; `undefined` for a name that {@link placesOf} never gives. */
export function deltaFor(slotId: string, text: string): { index: number; delta: unknown } | undefined {
  const match = /^choice (\d+) ([a-z_]+)(?: (\d+))?$/.exec(slotId);
  if (match === null) return undefined;
  const [, choice, name = '', number = '0'] = match;
  const index = Number(number);
  const delta = deltaNamed(name, index, text);
  return delta === undefined ? undefined : { index: Number(choice), delta };
}

function deltaNamed(name: string, index: number, text: string): unknown {
  if (Object.hasOwn(plainTexts, name)) return { [name]: text };
  switch (name) {
    case 'thinking':
      return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] };
    case 'tool':
      return { tool_calls: [{ index, function: { arguments: text } }] };
    case 'custom':
      return { tool_calls: [{ index, custom: { input: text } }] };
    case 'function':
      return { function_call: { arguments: text } };
    case 'transcript':
      return { audio: { transcript: text } };
    case 'details':
      return { reasoning_details: [{ type: 'reasoning.text', index, text }] };
    default:
      return undefined;
  }
}
