import type { TextSlot } from '../../core/dialect.ts';
import { asCount, asText, items, member, replaceAt } from '../record.ts';
import type { TextPlace } from '../text-place.ts';

interface GrowingText {
  /** `response.<event>.delta` and `response.<event>.done`. */
  readonly event: string;
  /** The slot's name below its item. */
  readonly name: string;
  readonly kind: TextSlot['kind'];
  /** The member that counts such texts within an item. */
  readonly index?: 'content_index' | 'summary_index';
  /** The member of the `done` event that has all of the text. */
  readonly whole: string;
}

/** OpenAI API reference, "Streaming events" of Responses, November 2026. Input of custom tools is text, not JSON. */
const growing: readonly GrowingText[] = [
  { event: 'output_text', name: 'text', kind: 'text', index: 'content_index', whole: 'text' },
  { event: 'refusal', name: 'refusal', kind: 'refusal', index: 'content_index', whole: 'refusal' },
  { event: 'reasoning_text', name: 'reasoning', kind: 'reasoning', index: 'content_index', whole: 'text' },
  {
    event: 'reasoning_summary_text',
    name: 'summary',
    kind: 'reasoning',
    index: 'summary_index',
    whole: 'text',
  },
  { event: 'function_call_arguments', name: 'arguments', kind: 'tool-arguments', whole: 'arguments' },
  { event: 'mcp_call_arguments', name: 'arguments', kind: 'tool-arguments', whole: 'arguments' },
  { event: 'custom_tool_call_input', name: 'input', kind: 'text', whole: 'input' },
  { event: 'code_interpreter_call_code', name: 'code', kind: 'text', whole: 'code' },
];

const byDelta = new Map(growing.map((text) => [`response.${text.event}.delta`, text]));
const byDone = new Map(growing.map((text) => [`response.${text.event}.done`, text]));

/** Slot, member and text of a content part, by the part's type. */
const partTypes: Readonly<Record<string, { name: string; kind: TextSlot['kind']; key: string }>> = {
  output_text: { name: 'text', kind: 'text', key: 'text' },
  refusal: { name: 'refusal', kind: 'refusal', key: 'refusal' },
  reasoning_text: { name: 'reasoning', kind: 'reasoning', key: 'text' },
  summary_text: { name: 'summary', kind: 'reasoning', key: 'text' },
};

type Path = readonly (string | number)[];

/** New text of a delta event. Slots are named `item 0 text 1`, `item 0 arguments`; `item 0` stands for all of an item. */
export function growthOf(json: unknown): readonly TextPlace[] {
  const text = byDelta.get(typeOf(json));
  return text === undefined ? [] : placeAt(slotOf(json, text), ['delta'], member(json, 'delta'));
}

/** Where an event repeats whole texts: `done` events at every level, and the end of the response. */
export function repetitionsIn(json: unknown): readonly TextPlace[] {
  const type = typeOf(json);
  const text = byDone.get(type);
  if (text !== undefined) return placeAt(slotOf(json, text), [text.whole], member(json, text.whole));
  const item = outputIndexOf(json);
  switch (type) {
    case 'response.content_part.done':
      return placesOfPart(member(json, 'part'), item, asCount(member(json, 'content_index')) ?? 0, ['part']);
    case 'response.reasoning_summary_part.done':
      return placesOfPart(member(json, 'part'), item, asCount(member(json, 'summary_index')) ?? 0, ['part']);
    case 'response.output_item.done':
      return placesOfItem(member(json, 'item'), item, ['item']);
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
      return items(member(member(json, 'response'), 'output')).flatMap((output, index) =>
        placesOfItem(output, index, ['response', 'output', index]),
      );
    default:
      return [];
  }
}

/** The slots, or the items holding them, that get no more text. */
export function closedBy(json: unknown): readonly string[] {
  const type = typeOf(json);
  switch (type) {
    case 'response.output_item.done':
      return [`item ${outputIndexOf(json)}`];
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
      return ['item'];
    default: {
      const text = byDone.get(type);
      return text === undefined ? repetitionsIn(json).map(({ slot }) => slot.id) : [slotOf(json, text).id];
    }
  }
}

/** The delta event that adds text to a slot; `undefined` for a name that {@link growthOf} never gives. */
export function deltaFor(
  closing: unknown,
  slotId: string,
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  const match = /^item (\d+) ([a-z]+)(?: (\d+))?$/.exec(slotId);
  if (match === null) return undefined;
  const output_index = Number(match[1]);
  const item = itemIn(closing, output_index);
  const mcp = typeOf(closing).startsWith('response.mcp_call') || member(item, 'type') === 'mcp_call';
  const found = growing.filter(({ name }) => name === match[2]);
  const grows = mcp ? (found[1] ?? found[0]) : found[0];
  if (grows === undefined) return undefined;
  return {
    type: `response.${grows.event}.delta`,
    item_id: asText(member(closing, 'item_id')) ?? asText(member(item, 'id')) ?? '',
    output_index,
    ...(grows.index === undefined ? {} : { [grows.index]: Number(match[3] ?? 0) }),
    delta: text,
    ...(grows.name === 'text' ? { logprobs: [] } : {}),
    sequence_number: asCount(member(closing, 'sequence_number')) ?? 0,
  };
}

/** Log probabilities spell a text out token by token: beside another text they would tell the old one. */
export function withoutLogprobsBeside(json: unknown, path: Path): unknown {
  const holder = path.slice(0, -1);
  const beside = holder.reduce<unknown>(
    (value, step) => (typeof step === 'number' ? items(value)[step] : member(value, step)),
    json,
  );
  return items(member(beside, 'logprobs')).length === 0 ? json : replaceAt(json, [...holder, 'logprobs'], []);
}

function placesOfItem(item: unknown, output: number, path: Path): readonly TextPlace[] {
  const own = (name: string, kind: TextSlot['kind'], key: string): readonly TextPlace[] =>
    placeAt({ id: `item ${output} ${name}`, kind }, [...path, key], member(item, key));
  switch (member(item, 'type')) {
    case 'message':
    case 'reasoning':
      return ['content', 'summary'].flatMap((key) =>
        items(member(item, key)).flatMap((part, index) =>
          placesOfPart(part, output, index, [...path, key, index]),
        ),
      );
    case 'function_call':
    case 'mcp_call':
      return own('arguments', 'tool-arguments', 'arguments');
    case 'custom_tool_call':
      return own('input', 'text', 'input');
    case 'code_interpreter_call':
      return own('code', 'text', 'code');
    default:
      return [];
  }
}

function placesOfPart(part: unknown, output: number, index: number, path: Path): readonly TextPlace[] {
  const type = asText(member(part, 'type')) ?? '';
  const known = Object.hasOwn(partTypes, type) ? partTypes[type] : undefined;
  if (known === undefined) return [];
  const slot = { id: `item ${output} ${known.name} ${index}`, kind: known.kind };
  return placeAt(slot, [...path, known.key], member(part, known.key));
}

function placeAt(slot: TextSlot, path: Path, text: unknown): readonly TextPlace[] {
  return typeof text === 'string' ? [{ slot, path, text }] : [];
}

function slotOf(json: unknown, { name, kind, index }: GrowingText): TextSlot {
  const number = index === undefined ? '' : ` ${asCount(member(json, index)) ?? 0}`;
  return { id: `item ${outputIndexOf(json)} ${name}${number}`, kind };
}

function itemIn(json: unknown, output: number): unknown {
  return member(json, 'item') ?? items(member(member(json, 'response'), 'output'))[output];
}

function outputIndexOf(json: unknown): number {
  return asCount(member(json, 'output_index')) ?? 0;
}

function typeOf(json: unknown): string {
  return asText(member(json, 'type')) ?? '';
}
