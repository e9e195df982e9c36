import type { AssistantPart, FilePart, ForeignPart, TextPart, UserPart } from '../neutral/message.ts';
import { asRecord, asText, items, member } from '../record.ts';
import { below, extrasOf, own } from './extras.ts';
import { sourceOfUrl } from './media.ts';
import { asId, Members } from './members.ts';

/** Content as a list: null is nothing, and a lone part or value counts as a list of one. */
export function contentItems(content: unknown): readonly unknown[] {
  if (content === undefined || content === null) return [];
  return Array.isArray(content) ? items(content) : [content];
}

/** OpenAI API reference, "Create chat completion", `messages`, November 2026: `ChatCompletionContentPart`. */
export function userPart(part: unknown): UserPart {
  const members = new Members(part);
  switch (asText(member(part, 'type'))) {
    case 'image_url': {
      const inner = new Members(member(part, 'image_url'));
      const url = asText(member(part, 'image_url')) ?? inner.take('url', asText);
      if (url === undefined) return foreign(part);
      members.ignore('type', 'image_url');
      const extras = extrasOf(members.rest, below('image_url', inner.rest));
      return { type: 'image', source: sourceOfUrl(url), ...extras };
    }
    case 'file':
      return filePart(part, members) ?? foreign(part);
    default:
      return textPart(part) ?? foreign(part);
  }
}

/**
 * A part of an assistant's turn. `thinking` is Mistral's (API reference, "Reasoning", November 2026); a turn that is
 * handed back keeps it as it was.
 */
export function assistantPart(part: unknown, turn: 'asked' | 'answered'): AssistantPart {
  const members = new Members(part);
  members.ignore('type');
  switch (asText(member(part, 'type'))) {
    case 'refusal': {
      const text = members.take('refusal', asText);
      return text === undefined ? foreign(part) : { type: 'refusal', text, ...extrasOf(members.rest) };
    }
    case 'thinking':
      if (turn === 'answered') members.ignore('thinking');
      return { type: 'reasoning', text: thinkingText(part), ...extrasOf(members.rest) };
    default:
      return textPart(part) ?? foreign(part);
  }
}

/** Text, as an object, a bare string or another bare value; `undefined` for anything else. */
export function textPart(part: unknown): TextPart | undefined {
  if (typeof part !== 'object' || part === null) return { type: 'text', text: String(part ?? '') };
  const type = asText(member(part, 'type'));
  if (type !== undefined && type !== 'text') return undefined;
  const members = new Members(part);
  members.ignore('type');
  const text = members.take('text', asText);
  return text === undefined ? undefined : { type: 'text', text, ...extrasOf(members.rest) };
}

/** The text of a `thinking` part, which is a string or a list of texts. */
export function thinkingText(part: unknown): string {
  return contentItems(member(part, 'thinking'))
    .map((piece) => asText(piece) ?? asText(member(piece, 'text')) ?? '')
    .join('');
}

function filePart(part: unknown, members: Members): FilePart | undefined {
  const inner = new Members(member(part, 'file'));
  const id = inner.take('file_id', asId);
  const data = id === undefined ? inner.take('file_data', asText) : undefined;
  // OpenRouter takes web addresses here; to OpenAI they are no file.
  if ((id === undefined && data === undefined) || /^https?:/i.test(data ?? '')) return undefined;
  const name = inner.take('filename', asText);
  members.ignore('type', 'file');
  return {
    type: 'file',
    source: id === undefined ? fileSource(data ?? '', name) : { type: 'id', id, dialect: own },
    ...(name === undefined ? {} : { name }),
    ...extrasOf(members.rest, below('file', inner.rest)),
  };
}

function fileSource(data: string, name: string | undefined): FilePart['source'] {
  const source = sourceOfUrl(data);
  if (source.type === 'base64') return source;
  const mediaType = name?.toLowerCase().endsWith('.pdf') ? 'application/pdf' : 'application/octet-stream';
  return { type: 'base64', data, mediaType };
}

export function foreign(value: unknown): ForeignPart {
  return { type: 'foreign', dialect: own, value: asRecord(value) ?? value };
}
