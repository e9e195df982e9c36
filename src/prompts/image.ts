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
    const content = /^data:([^;,]+);base64,/i.exec(value);
    if (content !== null) return inBase64(value.slice(content[0].length), content[1]);
    return /^https?:\/\/./i.test(value) ? { type: 'url', url: value } : undefined;
  }
  if (typeof value !== 'object' || value === null || !('data' in value) || !('mediaType' in value))
    return undefined;
  return inBase64(value.data, value.mediaType);
}

function inBase64(data: unknown, mediaType: unknown): PromptImageSource | undefined {
  return typeof data === 'string' && isImageType(mediaType) ? { type: 'base64', data, mediaType } : undefined;
}

const imageTypes: ReadonlySet<unknown> = new Set<PromptImageType>([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
]);

function isImageType(mediaType: unknown): mediaType is PromptImageType {
  return imageTypes.has(mediaType);
}
