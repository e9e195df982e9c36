import type { RequestLens, TextMap } from '../../core/dialect.ts';
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
import { changeText, changeTextLeaves } from '../text-leaves.ts';
import { withoutBreakpoints } from './cache-marks.ts';
import { isHeldByProvider, startsThread } from './held.ts';
import { lastQuestion } from '../last-question.ts';
import { measure } from './measure.ts';

/** What does not shape the answer: how it is delivered and who asks. Nor do breakpoints of the prompt cache. */
const noPartOfTheKey = new Set(['stream', 'metadata', 'user_profile_id', 'workspace_id', 'diagnostics']);

/** Anthropic API reference, "Create a Message", November 2026, with the beta's `thread` and `container`. */
export const request: RequestLens = {
  isStream: (body) => member(body, 'stream') === true,
  model: (body) => asText(member(body, 'model')) ?? '',
  withModel: (body, model) => withMember(body, 'model', model),
  withStream: (body, stream) => (stream ? withMember(body, 'stream', true) : withoutMembers(body, 'stream')),
  mapTexts(body, map) {
    const withSystem = changeMember(body, 'system', (system) => mapContent(system, map, 'system'));
    return changeMember(withSystem, 'messages', (messages) =>
      changeItems(messages, (message) => {
        const role = asText(member(message, 'role')) ?? '';
        return changeMember(message, 'content', (content) => mapContent(content, map, role));
      }),
    );
  },
  /** A block in front of the existing ones, which keep their cache marks; a plain prompt stays plain. */
  withInstruction(body, text) {
    if (asRecord(body) === undefined) return body;
    const system = member(body, 'system');
    if (Array.isArray(system)) return withMember(body, 'system', [{ type: 'text', text }, ...items(system)]);
    return withMember(
      body,
      'system',
      typeof system === 'string' && system !== '' ? `${text}\n\n${system}` : text,
    );
  },
  maxOutputTokens: (body) => asCount(member(body, 'max_tokens')),
  withMaxOutputTokens: (body, tokens) => withMember(body, 'max_tokens', tokens),
  measure,
  fingerprint: (body) =>
    isHeldByProvider(body) ? undefined : canonicalText(withoutBreakpoints(body), noPartOfTheKey),
  askForUsage: () => undefined,
  question: (body) => lastQuestion(body, 'messages', 'text'),
  /** The first request of a thread contains all of it; the SDK starts a new one where `lost` says that it is gone. */
  held: (body) =>
    member(body, 'thread') == null || startsThread(body)
      ? undefined
      : { path: 'thread', lost: { status: 404, code: 'thread_not_found' } },
};

/**
 * A string, or blocks. Thinking is left out: it is signed, and the provider refuses it changed. So are results of the
 * provider's own tools, which it encrypts. Results of the application's tools have the role `tool`.
 */
function mapContent(content: unknown, map: TextMap, role: string): unknown {
  const change = (text: string): string => map(text, role);
  if (typeof content === 'string') return change(content);
  return changeItems(content, (block) => {
    switch (member(block, 'type')) {
      case 'text':
        return changeMember(block, 'text', (text) => changeText(text, change));
      case 'tool_use':
        return changeMember(block, 'input', (input) => changeTextLeaves(input, change));
      case 'tool_result':
        return changeMember(block, 'content', (inner) => mapContent(inner, map, 'tool'));
      case 'search_result': {
        const titled = changeMember(block, 'title', (title) => changeText(title, change));
        return changeMember(titled, 'content', (inner) => mapContent(inner, map, role));
      }
      case 'document':
        return mapDocument(block, map, role);
      default:
        return block;
    }
  });
}

function mapDocument(block: unknown, map: TextMap, role: string): unknown {
  const change = (text: string): string => map(text, role);
  let changed = changeMember(block, 'title', (title) => changeText(title, change));
  changed = changeMember(changed, 'context', (context) => changeText(context, change));
  return changeMember(changed, 'source', (source) => {
    switch (member(source, 'type')) {
      case 'text':
        return changeMember(source, 'data', (data) => changeText(data, change));
      case 'content':
        return changeMember(source, 'content', (inner) => mapContent(inner, map, role));
      default:
        return source;
    }
  });
}
