import type { CallError } from '../../core/call-error.ts';
import { inBandFailure } from '../../core/classify.ts';
import type { AnswerEnding, ReplyLens } from '../../core/dialect.ts';
import { asText, changeItems, changeMember, items, member, withMember } from '../record.ts';
import { changeJsonText, changeText } from '../text-leaves.ts';
import { mentionsError } from '../told-failure.ts';
import { mapParts } from './request.ts';
import { responseUsage, responseUsageOfText } from './usage.ts';

const statusFailed = /"status"\s*:\s*"failed"/;

/** OpenAI API reference, "The response object", November 2026. */
export const reply: ReplyLens = {
  usage: responseUsage,
  usageOfText: responseUsageOfText,
  stopReason,
  ending,
  model: (json) => asText(member(json, 'model')),
  mapTexts(json, map) {
    const change = (text: string): string => map(text, 'assistant');
    return changeMember(json, 'output', (output) => changeItems(output, (item) => mapItem(item, change)));
  },
  failure,
  mayFail: (text) => mentionsError(text) || statusFailed.test(text),
};

/** A response that failed. One that is incomplete, also because of a filter, is an answer that was cut short. */
export function failure(response: unknown): CallError | undefined {
  const hasFailed = member(response, 'status') === 'failed';
  const hasNoAnswer = Boolean(member(response, 'error')) && !Array.isArray(member(response, 'output'));
  return hasFailed || hasNoAnswer ? inBandFailure(response) : undefined;
}

/** Why a response ended: the reason it is incomplete for, else its status (`completed`, `failed`, `cancelled`). */
export function stopReason(response: unknown): string | undefined {
  return (
    asText(member(member(response, 'incomplete_details'), 'reason')) ?? asText(member(response, 'status'))
  );
}

function ending(response: unknown): AnswerEnding {
  switch (stopReason(response)) {
    case 'content_filter':
      return 'refused';
    case 'completed':
      break;
    default:
      return 'partial';
  }
  const output = items(member(response, 'output'));
  const said = output.flatMap((item) => items(member(item, 'content')));
  if (said.some((part) => member(part, 'type') === 'refusal')) return 'refused';
  return output.some((item) => callTypes.has(asText(member(item, 'type')) ?? '')) ? 'calls' : 'whole';
}

/** Items that ask the caller to do something. SDK type `ResponseOutputItem`, November 2026. */
const callTypes = new Set([
  'function_call',
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'mcp_approval_request',
]);

function mapItem(item: unknown, change: (text: string) => string): unknown {
  switch (member(item, 'type')) {
    case 'message':
    case 'reasoning': {
      const changed = changeMember(item, 'content', (parts) =>
        changeItems(parts, (part) => {
          const [mapped] = items(mapParts([part], change));
          return mapped === part || items(member(part, 'logprobs')).length === 0
            ? mapped
            : withMember(mapped, 'logprobs', []);
        }),
      );
      return changeMember(changed, 'summary', (parts) => mapParts(parts, change));
    }
    case 'function_call':
    case 'mcp_call':
      return changeMember(item, 'arguments', (text) => changeJsonText(text, change));
    case 'custom_tool_call':
      return changeMember(item, 'input', (text) => changeText(text, change));
    case 'code_interpreter_call':
      return changeMember(item, 'code', (text) => changeText(text, change));
    default:
      return item;
  }
}
