import type { TextSlot } from '../../core/dialect.ts';
import { asCount, asText, changeMember, member, withMember } from '../record.ts';
import type { TextPlace } from '../text-place.ts';
import { argumentsOf, argumentsText } from './arguments.ts';
import { changeExtraTexts, spelledByLogprobs, withoutLogprobs } from './extra-texts.ts';
import { mapForeignReply } from './foreign.ts';

/** Events that carry text: their type, the name of the slot within its part. */
const deltas = [
  { type: 'text-delta', name: 'text', kind: 'text' },
  { type: 'reasoning-delta', name: 'reasoning', kind: 'reasoning' },
  { type: 'refusal-delta', name: 'refusal', kind: 'refusal' },
  { type: 'tool-call-delta', name: 'arguments', kind: 'tool-arguments' },
] as const satisfies readonly { type: string; name: string; kind: TextSlot['kind'] }[];

/** Where an event carries text. Slots are named `part 2 text`, `part 2 arguments`; `part 2` stands for all of a part. */
export function placesOf(json: unknown): readonly TextPlace[] {
  const part = partOf(json);
  const type = asText(member(json, 'type'));
  const delta = deltas.find((known) => known.type === type);
  const text = member(json, 'text');
  if (part === undefined || delta === undefined || typeof text !== 'string') return [];
  return [{ slot: { id: `part ${part} ${delta.name}`, kind: delta.kind }, path: ['text'], text }];
}

/** The slots, or the parts holding them, that get no more text. */
export function closedBy(json: unknown): readonly string[] {
  switch (member(json, 'type')) {
    case 'part-end':
    case 'tool-call': {
      const part = partOf(json);
      return part === undefined ? [] : [`part ${part}`];
    }
    case 'finish':
    case 'error':
      return ['part'];
    default:
      return [];
  }
}

/** The event that adds text to a slot; `undefined` for a name that {@link placesOf} never gives. */
export function deltaFor(
  slotId: string,
  text: string,
): { readonly type: string; readonly part: number; readonly text: string } | undefined {
  const match = /^part (\d+) ([a-z]+)$/.exec(slotId);
  const delta = deltas.find(({ name }) => name === match?.[2]);
  if (match === null || delta === undefined) return undefined;
  return { type: delta.type, part: Number(match[1]), text };
}

/**
 * The event with other texts where it tells whole ones: the arguments of a tool call, what another dialect's part says
 * (in slots `part 2 foreign 0` and on), and texts in extras (`part 2 extras 0` and on, `finish extras 0`). What log
 * probabilities spell out is shown as `part 2 logprobs` or `finish logprobs`: if that is changed, they are left out.
 */
export function restated(
  json: unknown,
  textOf: (slot: TextSlot, text: string) => string | undefined,
): unknown {
  const part = partOf(json);
  const whole = (name: string, text: string): string => textOf({ id: name, kind: 'text' }, text) ?? text;
  const counted = (name: string): ((text: string) => string) => {
    let count = 0;
    return (text) => whole(`${name} ${count++}`, text);
  };
  const withExtras = (holder: unknown, name: string): unknown => {
    const text = spelledByLogprobs(holder);
    const kept = text === '' || whole(`${name} logprobs`, text) === text;
    return changeExtraTexts(kept ? holder : withoutLogprobs(holder), counted(`${name} extras`));
  };
  const type = member(json, 'type');
  if (type === 'finish') return withExtras(json, type);
  if (part === undefined) return json;
  switch (type) {
    case 'tool-call': {
      const text = argumentsText(member(json, 'arguments'));
      const told = textOf({ id: `part ${part} arguments`, kind: 'tool-arguments' }, text);
      const changed =
        told === undefined || told === text ? json : withMember(json, 'arguments', argumentsOf(told));
      return withExtras(changed, `part ${part}`);
    }
    case 'part-end':
      return withExtras(json, `part ${part}`);
    case 'foreign':
      return changeMember(json, 'value', (value) => mapForeignReply(value, counted(`part ${part} foreign`)));
    default:
      return json;
  }
}

function partOf(json: unknown): number | undefined {
  const part = asCount(member(json, 'part'));
  return Number.isSafeInteger(part) ? part : undefined;
}
