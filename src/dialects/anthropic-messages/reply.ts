import { inBandFailure } from '../../core/classify.ts';
import type { AnswerEnding, ReplyLens } from '../../core/dialect.ts';
import { asText, changeItems, changeMember, member } from '../record.ts';
import { changeText, changeTextLeaves } from '../text-leaves.ts';
import { mentionsError } from '../told-failure.ts';
import { messageUsage, messageUsageOfText } from './usage.ts';

/** SDK type `StopReason`, November 2026. */
const endings: Readonly<Record<string, AnswerEnding | undefined>> = {
  end_turn: 'whole',
  stop_sequence: 'whole',
  tool_use: 'calls',
  refusal: 'refused',
};

/** Anthropic API reference, "Create a Message", response, November 2026. */
export const reply: ReplyLens = {
  usage: messageUsage,
  usageOfText: messageUsageOfText,
  stopReason: (json) => asText(member(json, 'stop_reason')),
  ending: (json) => endings[asText(member(json, 'stop_reason')) ?? ''] ?? 'partial',
  model: (json) => asText(member(json, 'model')),
  mapTexts(json, map) {
    const change = (text: string): string => map(text, 'assistant');
    return changeMember(json, 'content', (content) =>
      changeItems(content, (block) => {
        switch (member(block, 'type')) {
          case 'text':
            return changeMember(block, 'text', (text) => changeText(text, change));
          case 'thinking':
            return changeMember(block, 'thinking', (text) => changeText(text, change));
          case 'tool_use':
            return changeMember(block, 'input', (input) => changeTextLeaves(input, change));
          default:
            return block;
        }
      }),
    );
  },
  failure: (json) =>
    Boolean(member(json, 'error')) && !Array.isArray(member(json, 'content'))
      ? inBandFailure(json)
      : undefined,
  mayFail: mentionsError,
};
