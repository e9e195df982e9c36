import { argumentsOf } from '../neutral/arguments.ts';
import type { ForeignPart, ToolCallPart } from '../neutral/message.ts';
import { asRecord, asText, member } from '../record.ts';
import { foreign } from './decode-content.ts';
import { below, extrasOf } from './extras.ts';
import { asId, Members } from './members.ts';

/**
 * A call of a function; of anything else (`custom` tools take free text) a part that only this format has.
 *
 * @param fallbackId for servers that give calls no id
 */
export function toolCallPart(call: unknown, fallbackId: string): ToolCallPart | ForeignPart {
  const members = new Members(call);
  const called = members.take('function', asRecord);
  if (called === undefined) return foreign(call);
  members.ignore('index');
  members.take('type', (type) => (type === 'function' ? type : undefined));
  const id = members.take('id', asId) ?? fallbackId;
  members.ignore('id');
  return calledPart(called, id, members);
}

/** The older `function_call`, which has no id. */
export function functionCallPart(call: unknown, id: string): ToolCallPart {
  return calledPart(call, id, new Members(undefined));
}

function calledPart(called: unknown, id: string, members: Members): ToolCallPart {
  const inner = new Members(called);
  const name = inner.take('name', asText) ?? '';
  inner.ignore('arguments');
  return {
    type: 'tool-call',
    id,
    name,
    arguments: decodedArguments(member(called, 'arguments')),
    ...extrasOf(members.rest, below('function', inner.rest)),
  };
}

/** Arguments from their JSON text, or as the object that some servers send; none at all are an empty object. */
export function decodedArguments(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? {};
  return value.trim() === '' ? {} : argumentsOf(value);
}

/** An id that is unique in its conversation, of characters that every provider takes in ids. */
export function fallbackCallId(replyId: string | undefined, index: number): string {
  return `call_${(replyId ?? '').replaceAll(/[^\w-]/g, '')}_${index}`;
}
