import { inBandFailure } from '../../core/classify.ts';
import type { AnswerEnding, ReplyLens } from '../../core/dialect.ts';
import { asRecord, asText, changeItems, changeMember, items, member, withMember } from '../record.ts';
import { changeText } from '../text-leaves.ts';
import { mentionsError } from '../told-failure.ts';
import { mapArguments, mapContent, mapToolCall } from './request.ts';
import { chatUsage, chatUsageOfText } from './usage.ts';

/** OpenAI API reference, "The chat completion object", November 2026. */
export const reply: ReplyLens = {
  usage: chatUsage,
  usageOfText: chatUsageOfText,
  stopReason: finishReason,
  ending(json) {
    const endings = items(member(json, 'choices')).map(endingOf);
    if (endings.length === 0) return 'partial';
    return worst.find((ending) => endings.includes(ending)) ?? 'whole';
  },
  model: (json) => asText(member(json, 'model')),
  mapTexts: (json, map) =>
    changeMember(json, 'choices', (choices) =>
      changeItems(choices, (choice) => {
        const changed = changeMember(choice, 'message', (message) =>
          mapMessage(message, (text) => map(text, 'assistant')),
        );
        return changed === choice ? choice : withoutLogprobs(changed);
      }),
    ),
  /** Gateways put it in place of the choices, or into every one of them (OpenRouter, "Errors", November 2026). */
  failure(json) {
    const [first, ...others] = items(member(json, 'choices'));
    if (first === undefined) return member(json, 'error') ? inBandFailure(json) : undefined;
    return failed(first) && others.every(failed) ? inBandFailure(first) : undefined;
  },
  mayFail: mentionsError,
};

const worst = ['partial', 'refused', 'calls'] as const satisfies readonly AnswerEnding[];

/** OpenAI API reference, "The chat completion object", `finish_reason`, November 2026. */
function endingOf(choice: unknown): AnswerEnding {
  const message = member(choice, 'message');
  if (asText(member(message, 'refusal'))) return 'refused';
  switch (member(choice, 'finish_reason')) {
    case 'stop':
      return items(member(message, 'tool_calls')).length > 0 ? 'calls' : 'whole';
    case 'tool_calls':
    case 'function_call':
      return 'calls';
    case 'content_filter':
      return 'refused';
    default:
      return 'partial';
  }
}

function failed(choice: unknown): boolean {
  return asRecord(member(choice, 'error')) !== undefined;
}

/** The first reason told: choices of one request rarely differ, and a call has one stop reason. */
export function finishReason(json: unknown): string | undefined {
  for (const choice of items(member(json, 'choices'))) {
    const reason = asText(member(choice, 'finish_reason'));
    if (reason) return reason;
  }
  return undefined;
}

/** Log probabilities spell the text out token by token: with another text they would tell the old one. */
export function withoutLogprobs(choice: unknown): unknown {
  return member(choice, 'logprobs') == null ? choice : withMember(choice, 'logprobs', null);
}

function mapMessage(message: unknown, change: (text: string) => string): unknown {
  let changed = changeMember(message, 'content', (content) => mapContent(content, change));
  for (const key of ['refusal', 'reasoning_content', 'reasoning']) {
    changed = changeMember(changed, key, (text) => changeText(text, change));
  }
  changed = changeMember(changed, 'reasoning_details', (details) =>
    changeItems(details, (detail) => {
      const withText = changeMember(detail, 'text', (text) => changeText(text, change));
      return changeMember(withText, 'summary', (text) => changeText(text, change));
    }),
  );
  changed = changeMember(changed, 'audio', (audio) =>
    changeMember(audio, 'transcript', (text) => changeText(text, change)),
  );
  changed = changeMember(changed, 'tool_calls', (calls) =>
    changeItems(calls, (call) => mapToolCall(call, change)),
  );
  return changeMember(changed, 'function_call', (call) => mapArguments(call, change));
}
