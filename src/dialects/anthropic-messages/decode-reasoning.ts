import type { Reasoning } from '../neutral/request.ts';
import { asCount, asText, type JsonRecord, member } from '../record.ts';
import { membersExcept } from './own-extras.ts';

const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

/** How much it thinks, and what of `thinking` and `output_config` that leaves over. */
interface DecodedReasoning {
  readonly reasoning: Reasoning | undefined;
  readonly thinking: JsonRecord;
  readonly effort: unknown;
}

/**
 * SDK types `ThinkingConfigParam` and `OutputConfig`, November 2026: effort is asked for apart from thinking. Thinking
 * `between_tools`, and kinds to come, stay as they are.
 */
export function decodeReasoning(thinking: unknown, asked: unknown): DecodedReasoning {
  const effort = efforts.find((known) => known === asked);
  const unknownEffort = effort === undefined ? asked : undefined;
  const stated = effort === undefined ? {} : { effort };
  const type = asText(member(thinking, 'type'));
  const budgetTokens = asCount(member(thinking, 'budget_tokens'));
  if (type === 'disabled') {
    return {
      reasoning: { effort: 'none' },
      thinking: membersExcept(thinking, 'type'),
      // It rules the rest of the answer.
      effort: asked,
    };
  }
  if (type === 'adaptive' || (type === 'enabled' && budgetTokens !== undefined)) {
    const display = asText(member(thinking, 'display'));
    const show = display === 'summarized' ? true : display === 'omitted' ? false : undefined;
    return {
      reasoning: {
        ...stated,
        ...(type === 'enabled' && budgetTokens !== undefined ? { budgetTokens } : {}),
        ...(show === undefined ? {} : { show }),
      },
      thinking: membersExcept(
        thinking,
        'type',
        ...(type === 'enabled' ? ['budget_tokens'] : []),
        ...(show === undefined ? [] : ['display']),
      ),
      effort: unknownEffort,
    };
  }
  return {
    reasoning: effort === undefined ? undefined : { effort, effortOnly: true },
    thinking: membersExcept(thinking),
    effort: unknownEffort,
  };
}
