import { inBandFailure } from '../../core/classify.ts';
import type { StreamLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, asText, changeItems, changeMember, items, member } from '../record.ts';
import { cutLine, dataFromEnd } from '../tail-events.ts';
import { mentionsError } from '../told-failure.ts';
import { piecesAt, withTextAt } from '../text-place.ts';
import { finishReason, withoutLogprobs } from './reply.ts';
import { deltaFor, placesOf } from './slots.ts';
import { chatUsage } from './usage.ts';

/** Members of a delta that are part of the answer, when they hold anything. */
const answers = [
  'content',
  'tool_calls',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'function_call',
  'audio',
  'executed_tools',
];

const doneLine = /(?:^|[\r\n])data: ?\[DONE\]/;

/** OpenAI API reference, "The chat completion chunk object", November 2026. */
export const stream: StreamLens = {
  /** The SDK raises an error for an event named `error` and for data with a truthy `error`. */
  error(event) {
    const failed = event.name === 'error' || Boolean(member(event.json, 'error'));
    return failed ? inBandFailure(event.json) : undefined;
  },
  isContent: (event) =>
    items(member(event.json, 'choices')).some((choice) => {
      const delta = member(choice, 'delta');
      return (
        Boolean(member(choice, 'finish_reason')) || answers.some((key) => holdsAnything(member(delta, key)))
      );
    }),
  text: (event) => piecesAt(placesOf(event.json)),
  withText: (event, slotId, text) =>
    withTextAt(event, placesOf(event.json), slotId, text, (json) =>
      changeMember(json, 'choices', (choices) =>
        changeItems(choices, (choice, at) =>
          slotId.startsWith(`choice ${asCount(member(choice, 'index')) ?? at} `)
            ? withoutLogprobs(choice)
            : choice,
        ),
      ),
    ),
  closes(event) {
    const closed: string[] = [];
    for (const [at, choice] of items(member(event.json, 'choices')).entries()) {
      if (member(choice, 'finish_reason')) closed.push(`choice ${asCount(member(choice, 'index')) ?? at}`);
    }
    return closed.length === 0 && event.data === '[DONE]' ? ['choice'] : closed;
  },
  delta(closing, slotId, text) {
    const added = deltaFor(slotId, text);
    if (added === undefined) return closing;
    const { id, created, model, system_fingerprint, service_tier } = asRecord(closing.json) ?? {};
    const choices = [{ index: added.index, delta: added.delta, logprobs: null, finish_reason: null }];
    const object = 'chat.completion.chunk';
    return StreamEvent.of({ id, object, created, model, service_tier, system_fingerprint, choices });
  },
  restate: (event) => event,
  isTerminal(tail) {
    if (tellsError(tail)) return false;
    if (doneLine.test(tail)) return true;
    const finished = new Set<unknown>();
    const seen = new Set<unknown>();
    for (const json of dataFromEnd(tail, '"choices"')) {
      for (const choice of items(json['choices'])) {
        const index = member(choice, 'index');
        seen.add(index);
        if (member(choice, 'finish_reason')) finished.add(index);
      }
    }
    if (seen.size > 0) return finished.size === seen.size;
    return /"finish_reason"\s*:\s*"[^"]/.test(cutLine(tail));
  },
  usage(_head, tail) {
    for (const json of dataFromEnd(tail, '"usage"')) {
      const usage = chatUsage(json);
      if (usage !== undefined) return usage;
    }
    return undefined;
  },
  stopReason(tail) {
    for (const json of dataFromEnd(tail, '"finish_reason"')) {
      const reason = finishReason(json);
      if (reason !== undefined) return reason;
    }
    return asText(/"finish_reason"\s*:\s*"([^"]+)"/.exec(cutLine(tail))?.[1]);
  },
  isOnlyUsage: (event) => {
    const choices = member(event.json, 'choices');
    return Array.isArray(choices) && choices.length === 0 && chatUsage(event.json) !== undefined;
  },
};

/** An error is no regular end, whatever follows: gateways finish its choice for it, and may send `[DONE]`. */
function tellsError(tail: string): boolean {
  return mentionsError(tail) && dataFromEnd(tail, '"error"').some((json) => Boolean(json['error']));
}

function holdsAnything(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  const record = asRecord(value);
  return record === undefined ? Boolean(value) : Object.keys(record).length > 0;
}
