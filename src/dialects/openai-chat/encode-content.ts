import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { FilePart, ForeignPart, ImagePart, TextPart } from '../neutral/message.ts';
import { asRecord, type JsonRecord } from '../record.ts';
import { foreignLoss, own, withOwnExtras } from './extras.ts';
import { dataUrl } from './media.ts';
import { defined } from './members.ts';

/** A part of a user's turn; `undefined`, and told, for what has no place there. */
export function encodeUserPart(
  part: TextPart | ImagePart | FilePart | ForeignPart,
  path: string,
  losses: Loss[],
): JsonRecord | undefined {
  if (part.type === 'foreign') {
    const value = part.dialect === own ? asRecord(part.value) : undefined;
    if (value === undefined) losses.push(foreignLoss(part, path));
    return value;
  }
  const encoded = part.type === 'text' ? encodeText(part, path, losses) : encodeMedia(part, path, losses);
  if (encoded !== undefined) losses.push(...foreignExtras(part.extras, own, path));
  return encoded && withOwnExtras(encoded, part.extras);
}

function encodeText(part: TextPart, path: string, losses: Loss[]): JsonRecord {
  if (part.citations !== undefined && part.citations.length > 0) {
    losses.push({ path: `${path}.citations`, reason: 'Turns hold no citations; they were left out.' });
  }
  return { type: 'text', text: part.text };
}

function encodeMedia(part: ImagePart | FilePart, path: string, losses: Loss[]): JsonRecord | undefined {
  const { source } = part;
  if (part.type === 'image') {
    if (source.type === 'url') return { type: 'image_url', image_url: { url: source.url } };
    if (source.type === 'base64') return { type: 'image_url', image_url: { url: dataUrl(source) } };
  } else if (source.type === 'base64') {
    // Without a name OpenAI refuses file_data.
    const filename = part.name ?? (source.mediaType === 'application/pdf' ? 'document.pdf' : 'document');
    return { type: 'file', file: { filename, file_data: dataUrl(source) } };
  } else if (source.type === 'id' && source.dialect === own) {
    return { type: 'file', file: defined({ file_id: source.id, filename: part.name }) };
  } else if (source.type === 'text') {
    if (part.name !== undefined) {
      losses.push({
        path: `${path}.name`,
        reason: 'A document of plain text is a text here, without a name.',
      });
    }
    return { type: 'text', text: source.text };
  }
  losses.push({
    path: `${path}.source`,
    reason: `There is no ${part.type} by ${source.type === 'url' ? 'web address' : source.type} here; it was left out.`,
  });
  return undefined;
}
