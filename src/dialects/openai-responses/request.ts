import type { RequestLens, TextMap } from '../../core/dialect.ts';
import { unmarked } from '../cache-marks.ts';
import { canonicalText } from '../canonical-text.ts';
import {
  asCount,
  asRecord,
  asText,
  changeItems,
  changeMember,
  member,
  withMember,
  withoutMembers,
} from '../record.ts';
import { changeJsonText, changeText } from '../text-leaves.ts';
import { heldBy } from './held-by.ts';
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

/** OpenAI API reference, "Create a model response", November 2026. */
export const request: RequestLens = {
  isStream: (body) => member(body, 'stream') === true,
  model: (body) => asText(member(body, 'model')) ?? '',
  withModel: (body, model) => withMember(body, 'model', model),
  withStream: (body, stream) =>
    stream ? withMember(body, 'stream', true) : withoutMembers(body, 'stream', 'stream_options'),
  mapTexts(body, map) {
    let changed = changeMember(body, 'instructions', (text) =>
      changeText(text, (system) => map(system, 'system')),
    );
    changed = changeMember(changed, 'input', (input) =>
      typeof input === 'string' ? map(input, 'user') : changeItems(input, (item) => mapItem(item, map)),
    );
    return changeMember(changed, 'prompt', (prompt) =>
      changeMember(prompt, 'variables', (variables) => mapVariables(variables, map)),
    );
  },
  withInstruction(body, text) {
    if (asRecord(body) === undefined) return body;
    const own = asText(member(body, 'instructions')) ?? '';
    return withMember(body, 'instructions', own === '' ? text : `${text}\n\n${own}`);
  },
  maxOutputTokens: (body) => asCount(member(body, 'max_output_tokens')),
  withMaxOutputTokens: (body, tokens) => withMember(body, 'max_output_tokens', tokens),
  measure,
  fingerprint: (body) =>
    heldBy(body) !== undefined || member(body, 'background') === true || hasMovingPrompt(body)
      ? undefined
      : canonicalText(withoutBreakpoints(body), noPartOfTheKey),
  askForUsage: () => undefined,
  question(body) {
    const input = asText(member(body, 'input'));
    if (input === undefined) return lastQuestion(body, 'input', 'input_text');
    return input.trim() === '' ? undefined : { text: input, frame: withMember(body, 'input', '') };
  },
  /** Turns, and instructions kept as a prompt. The SDK sends them nowhere else when they are not found. */
  held(body) {
    const path = heldBy(body) ?? (asRecord(member(body, 'prompt')) === undefined ? undefined : 'prompt');
    return path === undefined ? undefined : { path };
  },
};

/** Results of tools have their parts in `output`. */
function withoutBreakpoints(body: unknown): unknown {
  return changeMember(body, 'input', (input) =>
    unmarked(input, 'prompt_cache_breakpoint', ['content', 'output']),
  );
}

/** A prompt kept by the provider, without a version: it can change between two equal requests. */
function hasMovingPrompt(body: unknown): boolean {
  const prompt = asRecord(member(body, 'prompt'));
  return prompt !== undefined && prompt['version'] == null;
}

function mapVariables(variables: unknown, map: TextMap): unknown {
  const change = (text: string): string => map(text, 'user');
  let changed = variables;
  for (const key of Object.keys(asRecord(variables) ?? {})) {
    changed = changeMember(changed, key, (value) =>
      typeof value === 'string'
        ? change(value)
        : changeMember(value, 'text', (text) => changeText(text, change)),
    );
  }
  return changed;
}

/** An input item: a message, a call, the output of one, or reasoning handed back. Others are left alone. */
function mapItem(item: unknown, map: TextMap): unknown {
  const as = (role: string) => (text: string) => map(text, role);
  switch (member(item, 'type')) {
    case undefined:
    case 'message': {
      const role = asText(member(item, 'role')) ?? '';
      return changeMember(item, 'content', (content) => mapParts(content, as(role)));
    }
    case 'function_call':
    case 'mcp_call': {
      const called = changeMember(item, 'arguments', (text) => changeJsonText(text, as('assistant')));
      return changeMember(called, 'output', (text) => changeText(text, as('tool')));
    }
    case 'custom_tool_call':
      return changeMember(item, 'input', (text) => changeText(text, as('assistant')));
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
    case 'shell_call_output':
    case 'apply_patch_call_output':
      return changeMember(item, 'output', (output) => mapParts(output, as('tool')));
    case 'reasoning': {
      const summarized = changeMember(item, 'summary', (parts) => mapParts(parts, as('assistant')));
      return changeMember(summarized, 'content', (parts) => mapParts(parts, as('assistant')));
    }
    default:
      return item;
  }
}

/** A string, or parts of which some have text. */
export function mapParts(parts: unknown, change: (text: string) => string): unknown {
  if (typeof parts === 'string') return change(parts);
  return changeItems(parts, (part) => {
    let changed = part;
    for (const key of ['text', 'refusal', 'stdout', 'stderr']) {
      changed = changeMember(changed, key, (text) => changeText(text, change));
    }
    return changed;
  });
}
