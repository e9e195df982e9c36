import { argumentsText } from '../neutral/arguments.ts';
import type { ForeignPart, ToolCallPart } from '../neutral/message.ts';
import { type JsonRecord, member } from '../record.ts';
import { own, withOwnExtras } from './extras.ts';

export function encodeToolCall({ id, name, arguments: input, extras }: ToolCallPart): JsonRecord {
  const call = { id, type: 'function', function: { name, arguments: argumentsOrNone(input) } };
  return withOwnExtras(call, extras);
}

/** The JSON text of arguments; a model that gives none means an empty object. */
export function argumentsOrNone(input: unknown): string {
  return argumentsText(input) || '{}';
}

/** Whether a part of this format is a tool call that is none of a function: those have ids, content has none. */
export function isOwnCall(part: ForeignPart): boolean {
  return part.dialect === own && member(part.value, 'id') !== undefined;
}
