import type { Loss } from '../neutral/loss.ts';
import type { Citation } from '../neutral/message.ts';
import { asCount, asText, type JsonRecord, member } from '../record.ts';
import { dialect, extrasWith, membersExcept, ownMembers } from './own-extras.ts';

/** Where in a document of the request. Their `document_index` and `document_title` are ours. */
const inDocuments = new Set(['char_location', 'page_location', 'content_block_location']);
const onWeb = 'web_search_result_location';
const inSearchResult = 'search_result_location';

/**
 * SDK type `TextCitation`. A citation holds for its whole text block. What says where the passage stands, and what the
 * API verifies it by, goes into extras under the citation's type.
 */
export function decodeCitation(citation: unknown): Citation {
  const type = asText(member(citation, 'type')) ?? 'unknown';
  const source = asText(member(citation, 'source'));
  const isWebSource = type === inSearchResult && source !== undefined && /^https?:/i.test(source);
  const url = isWebSource ? source : asText(member(citation, 'url'));
  const title = asText(member(citation, inDocuments.has(type) ? 'document_title' : 'title'));
  const quote = asText(member(citation, 'cited_text'));
  const documentIndex = asCount(member(citation, 'document_index'));
  const location = membersExcept(
    citation,
    'type',
    'cited_text',
    'document_index',
    inDocuments.has(type) ? 'document_title' : 'title',
    'url',
    ...(isWebSource ? ['source'] : []),
    ...(member(citation, 'encrypted_index') === '' ? ['encrypted_index'] : []),
  );
  // A web citation without its proof is as good as one from elsewhere.
  const isPlain = type === onWeb && Object.keys(location).length === 0;
  return {
    type: url === undefined ? 'document' : 'url',
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(quote === undefined ? {} : { quote }),
    ...(documentIndex === undefined ? {} : { documentIndex }),
    ...(isPlain ? {} : extrasWith({ [type]: location })),
  };
}

/** A citation that came from this API, as it was; `undefined` for one from elsewhere. */
function encodeOwn(citation: Citation): JsonRecord | undefined {
  const [own] = Object.entries(ownMembers(citation.extras));
  if (own === undefined) return undefined;
  const [type, location] = own;
  const rest: JsonRecord = { ...membersExcept(location), type, cited_text: citation.quote ?? '' };
  if (inDocuments.has(type)) {
    return {
      ...rest,
      document_index: citation.documentIndex ?? 0,
      document_title: citation.title ?? null,
    };
  }
  const title = citation.title ?? null;
  if (type === onWeb) return { ...rest, url: citation.url ?? '', title };
  if (type === inSearchResult) return { source: citation.url ?? '', ...rest, title };
  return {
    ...rest,
    ...(citation.title === undefined ? {} : { title }),
    ...(citation.url === undefined ? {} : { url: citation.url }),
    ...(citation.documentIndex === undefined ? {} : { document_index: citation.documentIndex }),
  };
}

/**
 * Citations of a reply. A web page that another provider cites stands as a search result without the index by which
 * this API would know it again; a place in a document cannot be told without its range.
 */
export function encodeReplyCitation(
  citation: Citation,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  const own = encodeOwn(citation);
  if (own === undefined && citation.url === undefined) {
    losses.push({ path, reason: `A citation needs a place that ${dialect} knows; it was left out.` });
    return undefined;
  }
  if (citation.start !== undefined || citation.end !== undefined) {
    losses.push({ path: `${path}.start`, reason: 'A citation holds for its whole text block.' });
  }
  return (
    own ?? {
      type: onWeb,
      url: citation.url,
      title: citation.title ?? null,
      cited_text: citation.quote ?? '',
      encrypted_index: '',
    }
  );
}

/** Citations of an earlier turn: the API verifies them, so only its own can be sent. */
export function encodeRequestCitation(
  citation: Citation,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  const own = encodeOwn(citation);
  if (own === undefined) {
    losses.push({ path, reason: `Only citations of ${dialect} can be sent to it; it was left out.` });
  }
  return own;
}
