import type { FilePart, ImagePart, MediaSource } from '../neutral/message.ts';
import { asText, type JsonRecord } from '../record.ts';
import { Members, ownExtras, present } from './members.ts';

/** SDK type `ResponseInputImage`. `undefined` for one that says not where the image is. */
export function decodeImage(part: unknown): ImagePart | undefined {
  const members = new Members(part).drop('type').drop('detail', 'auto');
  const source = members.take('image_url', locationOf) ?? members.take('file_id', idOf);
  return source && { type: 'image', source, ...members.extras };
}

/** SDK type `ResponseInputFile`. `undefined` for one that says not where the file is. */
export function decodeFile(part: unknown): FilePart | undefined {
  const members = new Members(part).drop('type').drop('detail', 'auto');
  const source =
    members.take('file_data', contentOf) ??
    members.take('file_url', locationOf) ??
    members.take('file_id', idOf);
  if (source === undefined) return undefined;
  const name = members.take('filename', asText);
  return { type: 'file', source, ...present({ name }), ...members.extras };
}

/** `undefined` where the format has no place for such a source. */
export function encodeImage({ source, extras }: ImagePart): JsonRecord | undefined {
  const part = { detail: 'auto', ...ownExtras(extras), type: 'input_image' };
  switch (source.type) {
    case 'url':
      return { ...part, image_url: source.url };
    case 'base64':
      return { ...part, image_url: dataUrl(source.mediaType, source.data) };
    case 'id':
      return source.dialect === 'openai-responses' ? { ...part, file_id: source.id } : undefined;
    case 'text':
      return undefined;
    default:
      return source satisfies never;
  }
}

/** Files whose content is sent must have a name (OpenAI guide "File inputs", November 2026). */
export function encodeFile({ source, name, extras }: FilePart): JsonRecord | undefined {
  const part = {
    ...ownExtras(extras),
    type: 'input_file',
    ...present({ filename: name }),
  };
  switch (source.type) {
    case 'url':
      return { ...part, file_url: source.url };
    case 'base64':
      return {
        filename: `document.${extensionOf(source.mediaType)}`,
        ...part,
        file_data: dataUrl(source.mediaType, source.data),
      };
    case 'text':
      return {
        filename: 'document.txt',
        ...part,
        file_data: dataUrl('text/plain', Buffer.from(source.text).toString('base64')),
      };
    case 'id':
      return source.dialect === 'openai-responses' ? { ...part, file_id: source.id } : undefined;
    default:
      return source satisfies never;
  }
}

function locationOf(value: unknown): MediaSource | undefined {
  return typeof value === 'string' ? (inline(value) ?? { type: 'url', url: value }) : undefined;
}

/** Without a `data:` prefix it is the bare content, and then a PDF: other files need their type told. */
function contentOf(value: unknown): MediaSource | undefined {
  if (typeof value !== 'string') return undefined;
  return inline(value) ?? { type: 'base64', mediaType: 'application/pdf', data: value };
}

function idOf(value: unknown): MediaSource | undefined {
  return typeof value === 'string' ? { type: 'id', id: value, dialect: 'openai-responses' } : undefined;
}

function inline(url: string): MediaSource | undefined {
  const comma = url.indexOf(',');
  const head = url.slice(0, Math.max(comma, 0));
  if (!head.startsWith('data:') || !head.endsWith(';base64')) return undefined;
  return {
    type: 'base64',
    mediaType: head.slice('data:'.length, -';base64'.length),
    data: url.slice(comma + 1),
  };
}

function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

function extensionOf(mediaType: string): string {
  const subtype = /^[^/]*\/([a-z0-9]+)/.exec(mediaType)?.[1] ?? 'bin';
  return subtype === 'plain' ? 'txt' : subtype;
}
