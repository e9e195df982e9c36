import type { Loss } from '../neutral/loss.ts';
import type { FilePart, ImagePart, MediaSource } from '../neutral/message.ts';
import type { JsonRecord } from '../record.ts';
import { dialect, ownMembers } from './own-extras.ts';

/** SDK type `Base64ImageSource`, November 2026. */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

export function encodeImage(part: ImagePart, path: string, losses: Loss[]): JsonRecord | undefined {
  const source = imageSource(part.source);
  if (typeof source !== 'string') return { ...ownMembers(part.extras), type: 'image', source };
  losses.push({ path: `${path}.source`, reason: source });
  return undefined;
}

/** SDK type `DocumentBlockParam`. An image that was given as a file is sent as an image. */
export function encodeFile(part: FilePart, path: string, losses: Loss[]): JsonRecord | undefined {
  const { source, name, extras } = part;
  if (source.type === 'base64' && imageTypes.has(source.mediaType)) {
    return encodeImage({ type: 'image', source, ...(extras === undefined ? {} : { extras }) }, path, losses);
  }
  const document = documentSource(source);
  if (typeof document === 'string') {
    losses.push({ path: `${path}.source`, reason: document });
    return undefined;
  }
  return {
    ...ownMembers(extras),
    type: 'document',
    source: document,
    ...(name === undefined ? {} : { title: name }),
  };
}

/** The source, or why there is none. */
function imageSource(source: MediaSource): JsonRecord | string {
  switch (source.type) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'base64': {
      const mediaType = source.mediaType === 'image/jpg' ? 'image/jpeg' : source.mediaType;
      return imageTypes.has(mediaType)
        ? { type: 'base64', media_type: mediaType, data: source.data }
        : 'Images of this type are not taken; it was left out.';
    }
    case 'text':
      return 'A text is no image; it was left out.';
    case 'id':
      return fileSource(source);
    default:
      return source satisfies never;
  }
}

function documentSource(source: MediaSource): JsonRecord | string {
  switch (source.type) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'base64': {
      if (source.mediaType === 'application/pdf') {
        return { type: 'base64', media_type: 'application/pdf', data: source.data };
      }
      const text = source.mediaType.startsWith('text/') ? textOf(source.data) : undefined;
      return text === undefined
        ? 'Documents of this type are not taken; it was left out.'
        : { type: 'text', media_type: 'text/plain', data: text };
    }
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'id':
      return fileSource(source);
    default:
      return source satisfies never;
  }
}

function fileSource(source: Extract<MediaSource, { type: 'id' }>): JsonRecord | string {
  return source.dialect === dialect
    ? { type: 'file', file_id: source.id }
    : `The file is held by another provider (${source.dialect}); it was left out.`;
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
