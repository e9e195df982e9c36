import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { Citation, TextPart } from '../neutral/message.ts';
import { asCount, asRecord, asText, type JsonRecord, member } from '../record.ts';
import { below, extrasOf, own, withOwnExtras } from './extras.ts';
import { defined, Members } from './members.ts';

/**
 * A web page that text rests on; `undefined` for other annotations. OpenAI API reference, "The chat completion object",
 * `annotations`, November 2026. OpenRouter gives an empty range where it knows none.
 */
export function decodeCitation(annotation: unknown): Citation | undefined {
  const members = new Members(annotation);
  const cited = members.take('url_citation', asRecord);
  if (cited === undefined) return undefined;
  members.ignore('type');
  const inner = new Members(cited);
  const details = { url: inner.take('url', asText), title: inner.take('title', asText) };
  const start = inner.take('start_index', asCount);
  const end = inner.take('end_index', asCount);
  const range = start !== undefined && end !== undefined && end > start ? { start, end } : {};
  return {
    type: 'url',
    ...defined(details),
    ...range,
    ...extrasOf(members.rest, below('url_citation', inner.rest)),
  };
}

/**
 * The annotation of a whole message; `undefined`, and told, for what has no web address.
 *
 * @param offset of the part's text in the message's
 */
export function encodeCitation(
  citation: Citation,
  part: { readonly offset: number; readonly length: number },
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  const { type, url, title, quote, start = 0, end = part.length, extras } = citation;
  if (type !== 'url' || url === undefined) {
    losses.push({ path, reason: 'Only web pages are cited here; it was left out.' });
    return undefined;
  }
  if (quote !== undefined) {
    losses.push({
      path: `${path}.quote`,
      reason: 'Citations do not repeat what they cite; it was left out.',
    });
  }
  losses.push(...foreignExtras(extras, own, path));
  const range = { start_index: part.offset + start, end_index: part.offset + end };
  const cited = { ...range, title: title ?? url, url };
  return withOwnExtras({ type: 'url_citation', url_citation: cited }, extras);
}

/** The text with the citations among a message's annotations, and the annotations that are none. */
export function withCitations(
  part: TextPart,
  annotations: readonly unknown[],
): { readonly part: TextPart; readonly others: readonly unknown[] } {
  const citations = annotations.flatMap((annotation) => decodeCitation(annotation) ?? []);
  const others = annotations.filter(
    (annotation) => asRecord(member(annotation, 'url_citation')) === undefined,
  );
  return { part: citations.length === 0 ? part : { ...part, citations }, others };
}
