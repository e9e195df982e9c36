import type { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, assignable, items, type JsonRecord, member } from '../record.ts';
import { grownContent } from './content.ts';
import { chatUsage } from './usage.ts';

/** Members of a message that arrive in pieces. The others come whole: the last one counts. */
const growing = new Set(['content', 'refusal', 'reasoning_content', 'reasoning']);

interface Choice {
  readonly members: Record<string, unknown>;
  readonly message: Record<string, unknown>;
}

/**
 * The completion that chunks add up to, as OpenAI's own stream helper does it; unlike that it invents no members.
 * `undefined` when there is no chunk.
 */
export function collect(events: readonly StreamEvent[]): unknown {
  let completion: Record<string, unknown> | undefined;
  let usage: unknown;
  const choices = new Map<number, Choice>();
  for (const event of events) {
    const chunk = asRecord(event.json);
    if (chunk === undefined || !Array.isArray(chunk['choices'])) continue;
    const { choices: _choices, obfuscation: _obfuscation, usage: chunkUsage, ...rest } = chunk;
    // Azure's first chunk has an empty id, model and time: whatever names itself overrides it.
    if (completion === undefined) completion = rest;
    else if (chunk['id']) completion = { ...completion, ...rest };
    if (chatUsage({ usage: chunkUsage }) !== undefined || usage === undefined) usage = chunkUsage;
    for (const [at, choice] of items(chunk['choices']).entries()) {
      addChoice(choices, asCount(member(choice, 'index')) ?? at, asRecord(choice) ?? {});
    }
  }
  if (completion === undefined) return undefined;
  return {
    ...completion,
    object: 'chat.completion',
    choices: [...choices].sort(([a], [b]) => a - b).map(([index, choice]) => finished(index, choice)),
    ...(usage === undefined || usage === null ? {} : { usage }),
  };
}

function addChoice(choices: Map<number, Choice>, index: number, added: JsonRecord): void {
  let choice = choices.get(index);
  if (choice === undefined) choices.set(index, (choice = { members: {}, message: {} }));
  const { delta, logprobs, finish_reason, index: _index, ...rest } = added;
  // OpenRouter tells its own finish reason once, and null in the chunk with the usage.
  for (const [key, value] of assignable(rest))
    choice.members[key] = value ?? member(choice.members, key) ?? null;
  if (finish_reason || choice.members['finish_reason'] === undefined) {
    choice.members['finish_reason'] = finish_reason ?? null;
  }
  if (logprobs !== undefined)
    choice.members['logprobs'] = joinedLogprobs(choice.members['logprobs'], logprobs);
  for (const [key, value] of assignable(asRecord(delta) ?? {})) addToMessage(choice.message, key, value);
}

function addToMessage(message: Record<string, unknown>, key: string, value: unknown): void {
  const before = member(message, key);
  if (growing.has(key)) {
    message[key] = grownContent(before, value);
    return;
  }
  switch (key) {
    case 'role':
      if (value || before === undefined) message[key] = value;
      return;
    case 'tool_calls':
      if (Array.isArray(value)) message[key] = withToolCalls(items(before), value as readonly unknown[]);
      return;
    case 'function_call':
      if (value !== null) message[key] = joined(before, value, 'arguments');
      return;
    case 'audio':
      if (value !== null) message[key] = joined(before, value, 'data', 'transcript');
      return;
    case 'annotations':
    case 'reasoning_details':
      message[key] = Array.isArray(value) ? [...items(before), ...items(value)] : (before ?? value);
      return;
    default:
      message[key] = value;
  }
}

function withToolCalls(before: readonly unknown[], added: readonly unknown[]): readonly unknown[] {
  const calls = [...before];
  for (const [at, call] of added.entries()) {
    const { index, function: called, custom, ...rest } = asRecord(call) ?? {};
    const place = Math.min(asCount(index) ?? at, calls.length);
    const known = asRecord(calls[place]) ?? {};
    const members: Record<string, unknown> = { ...known };
    for (const [key, value] of assignable(rest))
      if (value != null || !Object.hasOwn(known, key)) members[key] = value;
    if (called !== undefined) members['function'] = joined(known['function'], called, 'arguments');
    if (custom !== undefined) members['custom'] = joined(known['custom'], custom, 'input');
    calls[place] = members;
  }
  return calls;
}

/** Members put together over deltas: those named in `growing` are appended, the others replaced. */
function joined(before: unknown, added: unknown, ...growing: readonly string[]): unknown {
  const known = asRecord(before) ?? {};
  const members: Record<string, unknown> = { ...known };
  for (const [key, value] of assignable(asRecord(added) ?? {})) {
    const text = member(known, key);
    if (growing.includes(key) && typeof value === 'string')
      members[key] = typeof text === 'string' ? text + value : value;
    else if (value != null || !Object.hasOwn(known, key)) members[key] = value;
  }
  return members;
}

function joinedLogprobs(before: unknown, added: unknown): unknown {
  if (added === null) return before ?? null;
  const known = asRecord(before);
  if (known === undefined) return added;
  const members: Record<string, unknown> = { ...known };
  for (const [key, value] of assignable(asRecord(added) ?? {})) {
    const told = member(known, key);
    members[key] = Array.isArray(value)
      ? [...items(told), ...(value as readonly unknown[])]
      : (value ?? told);
  }
  return members;
}

function finished(index: number, { members, message }: Choice): unknown {
  return { ...members, index, message: { ...message, content: message['content'] ?? null } };
}
