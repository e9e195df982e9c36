import type { AnswerEnding, ReplyLens } from '../../core/dialect.ts';
import { asText, changeItems, changeMember, member } from '../record.ts';
import { changeText, changeTextLeaves } from '../text-leaves.ts';
import { mentionsError } from '../told-failure.ts';
import { failureIn } from './errors.ts';
import { changeExtraTexts, withoutLogprobs } from './extra-texts.ts';
import { mapForeignReply } from './foreign.ts';
import type { StopReason } from './reply.ts';
import { neutralUsage, neutralUsageOfText } from './usage.ts';

const endings: Readonly<Record<string, AnswerEnding | undefined>> = {
  stop: 'whole',
  'stop-sequence': 'whole',
  'tool-calls': 'calls',
  refusal: 'refused',
  'content-filter': 'refused',
} satisfies Partial<Record<StopReason, AnswerEnding>>;

/** Over a `NeutralReply`. */
export const replyLens: ReplyLens = {
  usage: neutralUsage,
  usageOfText: neutralUsageOfText,
  stopReason,
  ending: (json) => endings[stopReason(json) ?? ''] ?? 'partial',
  model: (json) => asText(member(json, 'model')),
  mapTexts(json, map) {
    const change = (text: string): string => map(text, 'assistant');
    const changed = changeMember(json, 'content', (content) =>
      changeItems(content, (part) => {
        const mapped = mapPart(part, change);
        return changeExtraTexts(mapped === part ? part : withoutLogprobs(mapped), change);
      }),
    );
    return changeExtraTexts(changed === json ? json : withoutLogprobs(changed), change);
  },
  failure: (json) =>
    Boolean(member(json, 'error')) && !Array.isArray(member(json, 'content')) ? failureIn(json) : undefined,
  mayFail: mentionsError,
};

function mapPart(part: unknown, change: (text: string) => string): unknown {
  switch (member(part, 'type')) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return changeMember(part, 'text', (text) => changeText(text, change));
    case 'tool-call':
      return changeMember(part, 'arguments', (value) => changeTextLeaves(value, change));
    case 'foreign':
      return mapForeignReply(part, change);
    default:
      return part;
  }
}

/** Of a reply or a finish event. */
export function stopReason(json: unknown): string | undefined {
  return asText(member(member(json, 'stop'), 'reason'));
}
