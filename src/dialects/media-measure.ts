import type { FileMeasure, ImageMeasure } from '../core/estimates.ts';
import { pixelSize } from './image-size.ts';
import { asText, type JsonRecord, member } from './record.ts';

/** Data in a data URL, or in plain base64. */
interface Embedded {
  readonly text: string;
  /** Where the base64 begins in it. */
  readonly from: number;
  readonly mediaType: string | undefined;
}

const dataUrl = /^data:([^;,]*)[^,]{0,200},/i;

/**
 * A picture, in the shape of any dialect: `image_url` (text, or an object with `url`), `source` (Anthropic, neutral), or the
 * `result` of a generated one that is handed back.
 */
export function measuredImage(part: JsonRecord): ImageMeasure {
  const url = part['image_url'];
  const detail = asText(part['detail']) ?? asText(member(url, 'detail')) ?? neutralDetail(part);
  const data = embedded(
    asText(url) ??
      asText(member(url, 'url')) ??
      asText(member(part['source'], 'data')) ??
      asText(part['result']),
  );
  return {
    ...(detail === undefined ? {} : { detail }),
    ...(data === undefined ? {} : pixelSize(data.text, data.from)),
  };
}

/** A document or sound, likewise. `undefined`: it is a picture, sent as a file. */
export function measuredFile(part: JsonRecord, kind: FileMeasure['kind']): FileMeasure | undefined {
  const { source } = part;
  const inner = part['file'] ?? part['input_audio'] ?? part['audio'] ?? part;
  const data = embedded(
    asText(member(inner, 'file_data')) ?? asText(member(inner, 'data')) ?? asText(member(source, 'data')),
  );
  if (data === undefined) return { kind };
  const mediaType =
    data.mediaType ?? asText(member(source, 'media_type')) ?? asText(member(source, 'mediaType'));
  if (mediaType?.startsWith('image/') === true) return undefined;
  return { kind, bytes: Math.ceil(((data.text.length - data.from) * 3) / 4) };
}

/** A picture that stands where a file may. */
export function imageInFile(part: JsonRecord): ImageMeasure {
  const data = embedded(
    asText(member(part['file'] ?? part, 'file_data')) ?? asText(member(part['source'], 'data')),
  );
  return data === undefined ? {} : { ...pixelSize(data.text, data.from) };
}

/** `undefined` for addresses: what stands there is not known. */
function embedded(text: string | undefined): Embedded | undefined {
  if (text === undefined || /^https?:/i.test(text)) return undefined;
  const prefix = dataUrl.exec(text);
  return { text, from: prefix?.[0].length ?? 0, mediaType: prefix?.[1]?.toLowerCase() };
}

/** The neutral format keeps it with the members that only one dialect has. */
function neutralDetail(part: JsonRecord): string | undefined {
  const extras = part['extras'];
  return (
    asText(member(member(extras, 'openai-chat'), 'image_url.detail')) ??
    asText(member(member(extras, 'openai-responses'), 'detail'))
  );
}
