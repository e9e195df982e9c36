import type { RequestLens, TextMap } from '../../core/dialect.ts';
import { canonicalText } from '../canonical-text.ts';
import {
  asCount,
  asRecord,
  asText,
  changeItems,
  changeMember,
  items,
  type JsonRecord,
  member,
  withMember,
} from '../record.ts';
import { changeText, changeTextLeaves } from '../text-leaves.ts';
import { changeExtraTexts, withoutLogprobs } from './extra-texts.ts';
import { isForeignReference, mapForeignAsked, readExtras } from './foreign.ts';
import { lastQuestion } from '../last-question.ts';
import { measure } from './measure.ts';

/** What does not shape the answer: who asks. */
const noPartOfTheKey = new Set(['endUserId']);

/** Over a `NeutralRequest`. Whether the answer is streamed is no part of it: the call knows. */
export const requestLens: RequestLens = {
  isStream: () => false,
  model: (body) => asText(member(body, 'model')) ?? '',
  withModel: (body, model) => withMember(body, 'model', model),
  withStream: (body) => body,
  mapTexts(body, map) {
    let mapped = changeMember(body, 'messages', (messages) =>
      changeItems(messages, (message) => {
        const role = asText(member(message, 'role')) ?? '';
        const changed = changeMember(message, 'content', (content) => mapContent(content, map, role));
        return changeExtraTexts(changed, (text) => map(text, role));
      }),
    );
    for (const [dialect, , lens] of readExtras(body)) {
      mapped = changeMember(mapped, 'extras', (extras) =>
        changeMember(extras, dialect, (members) => lens.mapTexts(members, map)),
      );
    }
    return mapped;
  },
  /** A system message in front. */
  withInstruction: (body, text) =>
    asRecord(body) === undefined
      ? body
      : withMember(body, 'messages', [{ role: 'system', content: text }, ...items(member(body, 'messages'))]),
  maxOutputTokens: (body) => asCount(member(body, 'maxOutputTokens')),
  withMaxOutputTokens: (body, tokens) => withMember(body, 'maxOutputTokens', tokens),
  measure,
  /** Of the extras, what the lens of their dialect counts; `undefined` where that lens gives none. */
  fingerprint(body) {
    const record = asRecord(body);
    if (record === undefined || refersToProvider(record)) return undefined;
    const extras: Record<string, unknown> = { ...asRecord(record['extras']) };
    for (const [dialect, members, lens] of readExtras(record)) {
      const key = lens.fingerprint(members);
      if (key === undefined) return undefined;
      if (key === '{}') delete extras[dialect];
      else extras[dialect] = key;
    }
    const { extras: given, ...rest } = record;
    const kept = asRecord(given) === undefined ? given : extras;
    const none = kept === undefined || (kept === extras && Object.keys(extras).length === 0);
    return canonicalText(none ? rest : { ...rest, extras: kept }, noPartOfTheKey);
  },
  askForUsage: () => undefined,
  question: (body) => lastQuestion(body, 'messages', 'text'),
  /** What extras and foreign parts name, unless the target is of their dialect. Nobody asks again by itself here. */
  held(body, target) {
    for (const [dialect, members, lens] of readExtras(body)) {
      const held = dialect === target ? undefined : lens.held?.(members, target);
      if (held !== undefined) return { path: `extras.${dialect}.${held.path}` };
    }
    const message = items(member(body, 'messages')).findIndex((candidate) =>
      refersElsewhere(candidate, target),
    );
    return message < 0 ? undefined : { path: `messages.${message}` };
  },
};

/** A string, or parts. Reasoning is left alone where it is signed; texts of a tool's result have the role `tool`. */
function mapContent(content: unknown, map: TextMap, role: string): unknown {
  const change = (text: string): string => map(text, role);
  if (typeof content === 'string') return change(content);
  return changeItems(content, (part) => {
    if (member(part, 'type') === 'reasoning' && isSigned(part)) return part;
    const mapped = mapPart(part, change, map, role);
    return changeExtraTexts(mapped === part ? part : withoutLogprobs(mapped), change);
  });
}

function mapPart(part: unknown, change: (text: string) => string, map: TextMap, role: string): unknown {
  switch (member(part, 'type')) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return changeMember(part, 'text', (text) => changeText(text, change));
    case 'tool-call':
      return changeMember(part, 'arguments', (json) => changeTextLeaves(json, change));
    case 'file': {
      const named = changeMember(part, 'name', (name) => changeText(name, change));
      return changeMember(named, 'source', (source) =>
        changeMember(source, 'text', (text) => changeText(text, change)),
      );
    }
    case 'foreign':
      return mapForeignAsked(part, map, role);
    default:
      return part;
  }
}

/**
 * Whether extras hold, or may hold, a signature of the reasoning's text, so that the provider refuses it changed. What
 * Responses encrypts stands beside the shown summary and does not sign it; extras without members, by which Chat
 * Completions tells where reasoning came from, hold nothing.
 */
function isSigned(part: unknown): boolean {
  return Object.entries(asRecord(member(part, 'extras')) ?? {}).some(
    ([dialect, members]) => dialect !== 'openai-responses' && Object.keys(asRecord(members) ?? {}).length > 0,
  );
}

function refersToProvider(body: JsonRecord): boolean {
  return items(body['messages']).some((message) => refersElsewhere(message, undefined));
}

/** Whether the message stands, in part, for something that a provider holds, other than one of this dialect. */
function refersElsewhere(message: unknown, target: string | undefined): boolean {
  return items(member(message, 'content')).some(
    (part) =>
      member(part, 'type') === 'foreign' && member(part, 'dialect') !== target && isForeignReference(part),
  );
}
