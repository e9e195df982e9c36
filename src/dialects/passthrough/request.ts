import type { RequestLens } from '../../core/dialect.ts';

/** Nothing is read from the body and nothing is changed in it; it is never cached and its size is not known. */
export const request: RequestLens = {
  isStream: () => false,
  model: () => '',
  withModel: (body) => body,
  withStream: (body) => body,
  mapTexts: (body) => body,
  withInstruction: (body) => body,
  maxOutputTokens: () => undefined,
  withMaxOutputTokens: (body) => body,
  sizeHint: () => ({ characters: 0, images: 0, complete: false }),
  fingerprint: () => undefined,
  askForUsage: () => undefined,
};
