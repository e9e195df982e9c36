import type { Extras } from '../neutral/extras.ts';
import type { ReasoningPart } from '../neutral/message.ts';
import type { Reasoning } from '../neutral/request.ts';
import { asText, items, type JsonRecord, member } from '../record.ts';
import { own } from './extras.ts';
import { asList, type Members } from './members.ts';

/**
 * Where compatible servers show reasoning, none of which OpenAI has: `reasoning_content` (DeepSeek, vLLM, Kimi, Z.ai),
 * `reasoning` (OpenRouter, Groq, Ollama), and `reasoning_details`, which OpenRouter signs (their API references,
 * November 2026).
 */
export interface ShownReasoning {
  readonly content: string;
  readonly reasoning: string;
  readonly details: readonly unknown[];
}

export function takeReasoning(members: Members): ShownReasoning {
  return {
    content: members.take('reasoning_content', asText) ?? '',
    reasoning: members.take('reasoning', asText) ?? '',
    details: members.take('reasoning_details', asList) ?? [],
  };
}

/** All that is shown, once: servers that use several members repeat themselves. */
export function reasoningText({ content, reasoning, details }: ShownReasoning): string {
  if (content !== '') return content;
  if (reasoning !== '') return reasoning;
  return items(details)
    .map((detail) => asText(member(detail, 'text')) ?? asText(member(detail, 'summary')) ?? '')
    .join('');
}

/**
 * Extras that tell a later request how to hand an answer's reasoning back: signed details as they came, and no member
 * at all for `reasoning_content`, which DeepSeek wants back beside tool calls. Servers that say `reasoning` do without.
 */
export function answeredExtras({ content, details }: ShownReasoning): Extras | undefined {
  if (details.length > 0) return { [own]: { reasoning_details: details } };
  return content === '' ? undefined : { [own]: {} };
}

/** The reasoning of a turn that the application hands back: everything in the members it came in. */
export function askedReasoning(shown: ShownReasoning): ReasoningPart | undefined {
  const text = reasoningText(shown);
  if (text === '' && shown.details.length === 0) return undefined;
  const members: Record<string, unknown> = {};
  if (shown.reasoning !== '') members['reasoning'] = shown.reasoning;
  if (shown.details.length > 0) members['reasoning_details'] = shown.details;
  if (shown.content !== '' && Object.keys(members).length > 0) members['reasoning_content'] = shown.content;
  return { type: 'reasoning', text, extras: { [own]: members } };
}

/** How reasoning of this dialect goes back into a turn; `undefined` for that of another, which has no place. */
export function reasoningMembers({ text, extras }: ReasoningPart): JsonRecord | undefined {
  const members = extras?.[own];
  if (members === undefined) return undefined;
  return ['reasoning', 'reasoning_details', 'reasoning_content'].some((name) => name in members)
    ? members
    : { ...members, reasoning_content: text };
}

/** By OpenAI's name: `ReasoningEffort` of the openai SDK 7.57. */
const efforts: readonly NonNullable<Reasoning['effort']>[] = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
];

export function asEffort(value: unknown): Reasoning['effort'] {
  return efforts.find((effort) => effort === value);
}

/**
 * The effort nearest to a number of tokens, by the numbers that Gemini's OpenAI-compatible endpoint gives for efforts
 * (Gemini API, "OpenAI compatibility", November 2026: low 1,024, medium 8,192, high 24,576).
 */
export function effortOfBudget(tokens: number): NonNullable<Reasoning['effort']> {
  if (tokens <= 0) return 'none';
  if (tokens <= 1024) return 'low';
  return tokens <= 8192 ? 'medium' : 'high';
}
