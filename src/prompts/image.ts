/**
 * What both providers read: OpenAI guide "Images and vision", Anthropic SDK type `Base64ImageSource`, November 2026.
 */
export type PromptImageType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/** An image for `{{image:name}}`: a web address, a data URL, or the image itself. */
export type PromptImage =
  | string
  | {
      /** Base64. */
      readonly data: string;
      readonly mediaType: PromptImageType;
    };

/** Where a prompt's image is. */
export type PromptImageSource =
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'base64'; readonly data: string; readonly mediaType: PromptImageType };

/** Where the image is; `undefined` for what is none. */
export function imageSource(value: unknown): PromptImageSource | undefined {
  if (typeof value === 'string') {
    const content = /^data:([^;,]+)(?:;[^;,]+)*;base64,/i.exec(value);
    if (content !== null) return inBase64(value.slice(content[0].length), content[1]);
    return /^https?:\/\/./i.test(value) ? { type: 'url', url: value } : undefined;
  }
  if (typeof value !== 'object' || value === null || !('data' in value) || !('mediaType' in value))
    return undefined;
  return inBase64(value.data, value.mediaType);
}

function inBase64(data: unknown, named: unknown): PromptImageSource | undefined {
  const mediaType = typeof named === 'string' ? imageTypes.get(named.toLowerCase()) : undefined;
  const isImage = mediaType !== undefined && typeof data === 'string' && isBase64(data);
  return isImage ? { type: 'base64', data, mediaType } : undefined;
}

function isBase64(data: string): boolean {
  return data.length % 4 !== 1 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
}

/** What they are called; names of media types may be written in capitals. */
const imageTypes: ReadonlyMap<string, PromptImageType> = new Map([
  ['image/jpeg', 'image/jpeg'],
  // No registered name, and a common one.
  ['image/jpg', 'image/jpeg'],
  ['image/png', 'image/png'],
  ['image/gif', 'image/gif'],
  ['image/webp', 'image/webp'],
]);
