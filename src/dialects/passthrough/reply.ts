import type { ReplyLens } from '../../core/dialect.ts';

export const reply: ReplyLens = {
  usage: () => undefined,
  usageOfText: () => undefined,
  stopReason: () => undefined,
  ending: () => 'partial',
  model: () => undefined,
  mapTexts: (json) => json,
  failure: () => undefined,
  mayFail: () => false,
};
