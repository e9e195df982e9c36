import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { Citation } from '../neutral/message.ts';
import { asCount, asText, type JsonRecord } from '../record.ts';
import { Members, ownExtras, present } from './members.ts';

/**
 * SDK type `ResponseOutputText`, `annotations`. Web pages have a meaning elsewhere; what cites files of the provider
 * (`file_citation`, `container_file_citation`, `file_path`) keeps its type and ids for itself.
 */
export function decodeAnnotation(annotation: unknown): Citation {
  const members = new Members(annotation);
  const isUrl = members.take('type', (type) => (type === 'url_citation' ? true : undefined)) ?? false;
  const title = members.take(isUrl ? 'title' : 'filename', asText);
  const url = isUrl ? members.take('url', asText) : undefined;
  const start = members.take('start_index', asCount);
  const end = members.take('end_index', asCount);
  return {
    type: isUrl ? 'url' : 'document',
    ...present({ url, title: title === '' ? undefined : title, start, end }),
    ...members.extras,
  };
}

/** The annotation, or `undefined` where the format has none for it. `text` is what the citation stands in. */
export function encodeCitation(
  citation: Citation,
  text: string,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  const { url, title, start, end, quote, extras } = citation;
  const own = ownExtras(extras);
  losses.push(...foreignExtras(extras, 'openai-responses', path));
  if (citation.type === 'url' && url !== undefined) {
    if (quote !== undefined) losses.push({ path: `${path}.quote`, reason: 'Responses quote no sources.' });
    return {
      ...own,
      type: 'url_citation',
      url,
      title: title ?? '',
      start_index: start ?? 0,
      end_index: end ?? text.length,
    };
  }
  if (asText(own?.['type']) !== undefined) {
    return { ...own, ...present({ filename: title, start_index: start, end_index: end }) };
  }
  losses.push({ path, reason: 'Responses cite only web pages and files of their own; it was left out.' });
  return undefined;
}
