import type { StreamCodec, StreamLens } from '../core/dialect.ts';

/** For dialects whose replies are not streams that we understand: every event is content, no event is changed. */
export const noStream: StreamLens = {
  error: () => undefined,
  isContent: () => true,
  text: () => [],
  withText: (event) => event,
  closes: () => [],
  delta: (closing) => closing,
  restate: (event) => event,
  isTerminal: () => true,
  usage: () => undefined,
  stopReason: () => undefined,
  isOnlyUsage: () => false,
};

/** Nothing adds up, and nothing is taken apart. */
export const noCodec: StreamCodec = { collect: () => undefined, explode: () => [] };
