import type { MediaSource } from '../neutral/message.ts';

/** A web address, or the content itself as a data URL. */
export function sourceOfUrl(url: string): MediaSource {
  const match = /^data:([^;,]*)(?:;[^;,]*)*?;base64,/i.exec(url);
  if (match === null) return { type: 'url', url };
  return { type: 'base64', data: url.slice(match[0].length), mediaType: match[1] ?? '' };
}

export function dataUrl(source: { readonly data: string; readonly mediaType: string }): string {
  return `data:${source.mediaType};base64,${source.data}`;
}
