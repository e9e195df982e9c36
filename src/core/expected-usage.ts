import type { Usage } from './usage.ts';

/** What an attempt is expected to use: what it is taken to have used where it ends before its usage is told. */
export interface ExpectedUsage {
  readonly inputTokens: number;
  /** Most tokens of its answers; `undefined`: no limit is known. */
  readonly outputLimit: number | undefined;
  /** As fast as its target generates. */
  readonly tokensPerSecond: number;
}

/** How far an attempt had come. */
export interface Progress {
  /** UTF-8 bytes of generated text that had come. */
  readonly receivedBytes: number;
  /** For how long it may have been generating. */
  readonly generatingMs: number;
}

/** A token has about four bytes of text in most languages, and seldom less. */
const bytesPerToken = 4;

/**
 * What an attempt has used whose usage was not told: its input, and of output what had come or what can have been generated
 * in the time, whichever is more. Some of it is known where a stream tells its input first.
 */
export function estimatedUsage(
  told: Usage | undefined,
  { inputTokens, outputLimit = Infinity, tokensPerSecond }: ExpectedUsage,
  { receivedBytes, generatingMs }: Progress,
): Usage {
  const received = Math.ceil(receivedBytes / bytesPerToken);
  const generated = Math.ceil((generatingMs / 1000) * tokensPerSecond);
  return {
    inputTokens,
    ...told,
    outputTokens: Math.max(Math.min(Math.max(received, generated), outputLimit), told?.outputTokens ?? 0),
    provenance: 'estimated',
  };
}
