import type { RequestLens, TextMap } from '../../core/dialect.ts';
import { unmarked } from '../cache-marks.ts';
import { canonicalText } from '../canonical-text.ts';
import {
  asCount,
  asRecord,
  asText,
  changeItems,
  changeMember,
  items,
  member,
  withMember,
  withoutMembers,
} from '../record.ts';
import { changeJsonText, changeText } from '../text-leaves.ts';
import { lastQuestion } from '../last-question.ts';
import { measure } from './measure.ts';

/** What does not shape the answer: how it is delivered, who asks, and hints for the provider's own prompt cache. */
const noPartOfTheKey = new Set([
  'stream',
  'stream_options',
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
]);

/** OpenAI API reference, "Create chat completion", November 2026. */
export const request: RequestLens = {
  isStream: (body) => member(body, 'stream') === true,
  model: (body) => asText(member(body, 'model')) ?? '',
  withModel: (body, model) => withMember(body, 'model', model),
  withStream: (body, stream) =>
    stream ? withMember(body, 'stream', true) : withoutMembers(body, 'stream', 'stream_options'),
  mapTexts(body, map) {
    const withTurns = changeMember(body, 'messages', (messages) =>
      changeItems(messages, (message) => mapMessage(message, map)),
    );
    return changeMember(withTurns, 'prediction', (prediction) =>
      changeMember(prediction, 'content', (content) => mapContent(content, (text) => map(text, 'assistant'))),
    );
  },
  /** A `system` message in front: unlike `developer`, every server of this dialect takes it. */
  withInstruction: (body, text) =>
    asRecord(body) === undefined
      ? body
      : withMember(body, 'messages', [{ role: 'system', content: text }, ...items(member(body, 'messages'))]),
  maxOutputTokens: (body) =>
    asCount(member(body, 'max_completion_tokens')) ?? asCount(member(body, 'max_tokens')),
  withMaxOutputTokens(body, tokens) {
    const older = member(body, 'max_completion_tokens') == null && member(body, 'max_tokens') != null;
    return withMember(body, older ? 'max_tokens' : 'max_completion_tokens', tokens);
  },
  measure,
  fingerprint: (body) => canonicalText(withoutBreakpoints(body), noPartOfTheKey),
  question: (body) => lastQuestion(body, 'messages', 'text'),
  askForUsage(body, serialized) {
    if (member(body, 'stream') !== true) return undefined;
    const options = member(body, 'stream_options');
    if (member(options, 'include_usage') === true) return undefined;
    const end = serialized.lastIndexOf('}');
    if (options !== undefined || end < 0) {
      const asking = withMember(asRecord(options) ?? {}, 'include_usage', true);
      return JSON.stringify(withMember(body, 'stream_options', asking));
    }
    const comma = serialized.slice(0, end).trimEnd().endsWith('{') ? '' : ',';
    return `${serialized.slice(0, end)}${comma}"stream_options":{"include_usage":true}${serialized.slice(end)}`;
  },
};

function withoutBreakpoints(body: unknown): unknown {
  return changeMember(body, 'messages', (messages) =>
    unmarked(messages, 'prompt_cache_breakpoint', ['content']),
  );
}

function mapMessage(message: unknown, map: TextMap): unknown {
  const role = asText(member(message, 'role')) ?? '';
  const change = (text: string): string => map(text, role);
  let changed = changeMember(message, 'content', (content) => mapContent(content, change));
  for (const key of ['refusal', 'reasoning_content', 'reasoning']) {
    changed = changeMember(changed, key, (text) => changeText(text, change));
  }
  changed = changeMember(changed, 'tool_calls', (calls) =>
    changeItems(calls, (call) => mapToolCall(call, change)),
  );
  return changeMember(changed, 'function_call', (call) => mapArguments(call, change));
}

/** A string, or parts of which some have text. */
export function mapContent(content: unknown, change: (text: string) => string): unknown {
  if (typeof content === 'string') return change(content);
  return changeItems(content, (part) => {
    if (typeof part === 'string') return change(part);
    let changed = part;
    for (const key of ['text', 'refusal'])
      changed = changeMember(changed, key, (text) => changeText(text, change));
    changed = changeMember(changed, 'thinking', (thinking) => mapContent(thinking, change));
    // Neutral messages hold among their parts what stands beside the content here: custom calls, and audio.
    changed = changeMember(changed, 'audio', (audio) =>
      changeMember(audio, 'transcript', (text) => changeText(text, change)),
    );
    return mapToolCall(changed, change);
  });
}

export function mapToolCall(call: unknown, change: (text: string) => string): unknown {
  const changed = changeMember(call, 'function', (called) => mapArguments(called, change));
  return changeMember(changed, 'custom', (called) =>
    changeMember(called, 'input', (input) => changeText(input, change)),
  );
}

export function mapArguments(called: unknown, change: (text: string) => string): unknown {
  return changeMember(called, 'arguments', (text) => changeJsonText(text, change));
}
