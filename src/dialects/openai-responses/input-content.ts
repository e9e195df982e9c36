import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { FilePart, ForeignPart, ImagePart, TextPart, UserPart } from '../neutral/message.ts';
import { asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { decodeFile, decodeImage, encodeFile, encodeImage } from './media.ts';
import { Members, ownExtras } from './members.ts';

export type InputPart = TextPart | ImagePart | FilePart | ForeignPart;

/** Content of a message or of a tool's output: text, or parts of it. */
export function decodeInputContent(content: unknown): string | readonly InputPart[] {
  return typeof content === 'string' ? content : items(content).map(decodeInputPart);
}

function decodeInputPart(part: unknown): InputPart {
  return known(part) ?? foreign(part);
}

function known(part: unknown): InputPart | undefined {
  switch (member(part, 'type')) {
    case 'input_text': {
      const members = new Members(part).drop('type');
      const text = members.take('text', asText);
      return text === undefined ? undefined : { type: 'text', text, ...members.extras };
    }
    case 'input_image':
      return decodeImage(part);
    case 'input_file':
      return decodeFile(part);
    default:
      return undefined;
  }
}

/** A part, or an item, that only this format has. */
export function foreign(value: unknown): ForeignPart {
  return { type: 'foreign', dialect: 'openai-responses', value };
}

/** Whether a foreign part is of this format. */
export function isOwn({ dialect, value }: ForeignPart): boolean {
  return dialect === 'openai-responses' && asRecord(value) !== undefined;
}

/** Whether its value is an item of its own, and not a part of a message's content. */
export function isItem({ value }: ForeignPart): boolean {
  return !/^(input|output)_/.test(asText(member(value, 'type')) ?? '');
}

/** What has no place is left out and told. */
export function encodeInputPart(part: UserPart, path: string, losses: Loss[]): unknown {
  if (part.type === 'foreign') {
    if (isOwn(part)) return part.value;
    losses.push(leftOut(part, path));
    return undefined;
  }
  losses.push(...foreignExtras(part.extras, 'openai-responses', path));
  const encoded = encodeKnown(part);
  if (encoded === undefined) {
    losses.push({ path: `${path}.source`, reason: 'Responses cannot read it from there; it was left out.' });
  }
  return encoded;
}

function encodeKnown(part: TextPart | ImagePart | FilePart): JsonRecord | undefined {
  switch (part.type) {
    case 'text':
      return { ...ownExtras(part.extras), type: 'input_text', text: part.text };
    case 'image':
      return encodeImage(part);
    case 'file':
      return encodeFile(part);
    default:
      return part satisfies never;
  }
}

/** The loss of a part that only another format has, named by its type there. */
export function leftOut({ dialect, value }: ForeignPart, path: string): Loss {
  const type = asText(member(value, 'type'));
  return {
    path: type === undefined ? path : `${path}.${type}`,
    reason: `Only ${dialect} has it; it was left out.`,
  };
}
