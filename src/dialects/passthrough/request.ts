import type { RequestLens } from '../../core/dialect.ts';
import { measured, RequestTally } from '../request-tally.ts';

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
  measure: () => measured(() => new RequestTally().partial(true)),
  fingerprint: () => undefined,
  askForUsage: () => undefined,
};
