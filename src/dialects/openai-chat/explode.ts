import { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, items, type JsonRecord, member } from '../record.ts';

const done = new TextEncoder().encode('data: [DONE]\n\n');

/** Members of a message that get a chunk of their own, in this order. */
const texts = ['reasoning_content', 'reasoning', 'content', 'refusal'];

/** Chunks that add up to the completion, usage in a last one of its own. None for what is no completion. */
export function explode(json: unknown): readonly StreamEvent[] {
  const completion = asRecord(json);
  if (completion === undefined || !Array.isArray(completion['choices'])) return [];
  const { choices: _choices, usage, ...extras } = completion;
  const { id, created, model, service_tier, system_fingerprint } = extras;
  const object = 'chat.completion.chunk';
  const frame = { id, object, created, model, service_tier, system_fingerprint };
  const chunks: unknown[] = [];
  for (const [at, choice] of items(completion['choices']).entries()) {
    const index = asCount(member(choice, 'index')) ?? at;
    for (const part of partsOf(asRecord(choice) ?? {}, index)) {
      chunks.push({ ...(chunks.length === 0 ? { ...extras, object } : frame), choices: [part] });
    }
  }
  if (chunks.length === 0) chunks.push({ ...extras, object, choices: [] });
  if (asRecord(usage) !== undefined) chunks.push({ ...frame, choices: [], usage });
  return [...chunks.map((chunk) => StreamEvent.of(chunk)), new StreamEvent(done)];
}

function partsOf(choice: JsonRecord, index: number): unknown[] {
  const { message, logprobs, finish_reason, index: _index, delta: _delta, ...others } = choice;
  const { tool_calls, function_call, ...rest } = asRecord(message) ?? {};
  const start: Record<string, unknown> = rest;
  const deltas: JsonRecord[] = [];
  for (const key of texts) {
    const text = start[key];
    if (typeof text !== 'string' || text === '') continue;
    deltas.push({ [key]: text });
    if (key === 'content') start[key] = '';
    else delete start[key];
  }
  for (const [at, call] of items(tool_calls).entries()) {
    deltas.push({ tool_calls: [{ index: at, ...typed(asRecord(call)) }] });
  }
  if (asRecord(function_call) !== undefined) deltas.push({ function_call });
  const withLogprobs = Math.max(
    0,
    deltas.findIndex((delta) => 'content' in delta || 'refusal' in delta),
  );
  return [
    { index, delta: start, finish_reason: null, ...(logprobs === undefined ? {} : { logprobs: null }) },
    ...deltas.map((delta, at) => ({
      index,
      delta,
      finish_reason: null,
      ...(at === withLogprobs && logprobs !== undefined ? { logprobs } : {}),
    })),
    {
      index,
      delta: {},
      finish_reason: finish_reason ?? null,
      ...others,
      ...(deltas.length === 0 && logprobs !== undefined ? { logprobs } : {}),
    },
  ];
}

/** Some servers leave out of a plain call what kind it is; the SDK's helpers for streams want to know. */
function typed(call: JsonRecord | undefined): JsonRecord | undefined {
  return call?.['type'] === undefined && call?.['function'] !== undefined
    ? { ...call, type: 'function' }
    : call;
}
