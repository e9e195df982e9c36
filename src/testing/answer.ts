import { minimalJson } from './minimal-json.ts';
import type { Prompt } from './prompt.ts';
import type { ScriptedReply } from './script.ts';
import { countTokens, fragmentsOf, piecesOf } from './word-count.ts';

/** A stretch of an answer, in the pieces in which it is streamed. */
export type AnswerPart =
  | { readonly kind: 'text' | 'reasoning' | 'refusal'; readonly pieces: readonly string[] }
  | {
      readonly kind: 'tool';
      readonly id: string | undefined;
      readonly name: string;
      /** JSON text. */
      readonly pieces: readonly string[];
    };

/** Why an answer ends, in no protocol's words. */
export type StopReason = 'stop' | 'length' | 'tool-calls' | 'stop-sequence' | 'content-filter' | 'refusal';

/** An answer, in no protocol's words. */
export interface Answer {
  readonly parts: readonly AnswerPart[];
  readonly stopReason: StopReason;
  readonly stopSequence: string | undefined;
  /** How many pieces all parts have together. */
  readonly pieces: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Token counts as the stand-in reports and bills them. `inputTokens` includes both cached counts. */
export interface ReportedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
}

/** What a prompt gets when no script says otherwise, or what the script says. */
export function answerTo(prompt: Prompt, script: ScriptedReply): Answer {
  const parts = scriptedParts(script) ?? defaultParts(prompt);
  const stopped = atStopSequence(parts, prompt.stopSequences);
  const limited = atLimit(stopped.parts, prompt.maxOutputTokens);
  const kept = limited.parts;
  const stopReason: StopReason =
    script.stopReason ??
    (limited.cut
      ? 'length'
      : stopped.sequence !== undefined
        ? 'stop-sequence'
        : kept.some((part) => part.kind === 'tool')
          ? 'tool-calls'
          : kept.some((part) => part.kind === 'refusal')
            ? 'refusal'
            : 'stop');
  return {
    parts: kept,
    stopReason,
    stopSequence: stopReason === 'stop-sequence' ? stopped.sequence : undefined,
    pieces: kept.reduce((sum, part) => sum + part.pieces.length, 0),
    outputTokens: kept.reduce((sum, part) => sum + tokensOf(part), 0),
    reasoningTokens: kept.reduce((sum, part) => sum + (part.kind === 'reasoning' ? tokensOf(part) : 0), 0),
  };
}

/** The whole text of a part. */
export function joined(part: AnswerPart): string {
  return part.pieces.join('');
}

function scriptedParts(script: ScriptedReply): readonly AnswerPart[] | undefined {
  const parts: AnswerPart[] = [];
  if (script.reasoning !== undefined) parts.push({ kind: 'reasoning', pieces: piecesOf(script.reasoning) });
  if (script.refusal !== undefined) parts.push({ kind: 'refusal', pieces: piecesOf(script.refusal) });
  if (typeof script.text === 'string') parts.push({ kind: 'text', pieces: piecesOf(script.text) });
  else if (script.text !== undefined) parts.push({ kind: 'text', pieces: script.text });
  else if (script.json !== undefined) parts.push(jsonPart(script.json));
  for (const call of script.toolCalls ?? []) parts.push(toolPart(call.name, call.arguments, call.id));
  const says = script.text ?? script.json ?? script.refusal ?? script.toolCalls;
  return says === undefined && script.reasoning === undefined ? undefined : parts;
}

function defaultParts(prompt: Prompt): readonly AnswerPart[] {
  const calls = prompt.toolResult === undefined ? toolsToCall(prompt) : [];
  if (calls.length > 0) return calls;
  if (prompt.schema === true) return [jsonPart({ answer: `You said: ${prompt.lastUserText}` })];
  if (prompt.schema !== undefined) return [jsonPart(minimalJson(prompt.schema))];
  const text =
    prompt.toolResult === undefined
      ? `You said: ${prompt.lastUserText}`
      : `The tool said: ${prompt.toolResult}`;
  return [{ kind: 'text', pieces: piecesOf(text) }];
}

function toolsToCall(prompt: Prompt): readonly AnswerPart[] {
  const { toolChoice, tools } = prompt;
  if (toolChoice === 'none') return [];
  if (typeof toolChoice === 'object') {
    const named = tools.find((tool) => tool.name === toolChoice.name);
    return [toolPart(toolChoice.name, minimalJson(named?.schema), undefined)];
  }
  const mentioned = tools.filter((tool) => tool.name !== '' && prompt.lastUserText.includes(tool.name));
  const chosen = mentioned.length === 0 && toolChoice === 'required' ? tools.slice(0, 1) : mentioned;
  return chosen.map((tool) => toolPart(tool.name, minimalJson(tool.schema), undefined));
}

function jsonPart(value: unknown): AnswerPart {
  return { kind: 'text', pieces: fragmentsOf(JSON.stringify(value), 12) };
}

function toolPart(name: string, value: unknown, id: string | undefined): AnswerPart {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? {});
  return { kind: 'tool', id, name, pieces: fragmentsOf(text, 12) };
}

function tokensOf(part: AnswerPart): number {
  return countTokens(joined(part)) + (part.kind === 'tool' ? 1 : 0);
}

function atStopSequence(
  parts: readonly AnswerPart[],
  sequences: readonly string[],
): { parts: readonly AnswerPart[]; sequence: string | undefined } {
  for (const [index, part] of parts.entries()) {
    if (part.kind !== 'text') continue;
    const text = joined(part);
    const hits = sequences
      .map((sequence) => ({ sequence, at: sequence === '' ? -1 : text.indexOf(sequence) }))
      .filter((hit) => hit.at >= 0)
      .toSorted((a, b) => a.at - b.at);
    const first = hits[0];
    if (first !== undefined) {
      const shortened: AnswerPart = { kind: 'text', pieces: piecesOf(text.slice(0, first.at)) };
      return { parts: [...parts.slice(0, index), shortened], sequence: first.sequence };
    }
  }
  return { parts, sequence: undefined };
}

function atLimit(
  parts: readonly AnswerPart[],
  limit: number | undefined,
): { parts: readonly AnswerPart[]; cut: boolean } {
  let left = limit ?? Infinity;
  const kept: AnswerPart[] = [];
  for (const part of parts) {
    const tokens = tokensOf(part);
    if (tokens <= left) {
      kept.push(part);
      left -= tokens;
      continue;
    }
    // A tool call that does not fit is left out whole: half of its JSON helps nobody.
    if (part.kind !== 'tool' && left > 0) kept.push({ kind: part.kind, pieces: firstTokens(part, left) });
    return { parts: kept, cut: true };
  }
  return { parts: kept, cut: false };
}

function firstTokens(part: AnswerPart, tokens: number): readonly string[] {
  return piecesOf(joined(part)).slice(0, tokens);
}
