import type { CallInit } from './call.ts';

const noHeaders: ReadonlyMap<string, string> = new Map();

/** What a call has that no SDK's client made: what both SDKs do by default, and no provider of its own. */
export const ownCall = {
  provider: '',
  callerHeaders: () => noHeaders,
  attemptTimeoutMs: 600_000,
  retries: { max: 2, explicit: false, longestWaitMs: 60_000 },
  entry: undefined,
} as const satisfies Partial<CallInit>;
