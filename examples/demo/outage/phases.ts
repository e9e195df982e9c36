import type { ReceivedRequest, ScriptedReply } from 'managed-llm/testing';

/** A stretch of the first provider's bad day. */
export interface Phase {
  readonly name: string;
  /** How many times it is asked; the last phase goes on until the provider is trusted again. */
  readonly turns: number;
  readonly reply: (request: ReceivedRequest) => ScriptedReply;
}

const well: ScriptedReply = { latencyMs: 10, betweenEventsMs: 1 };
const overloaded: ScriptedReply = { status: 529, latencyMs: 40 };

export const phases: readonly [Phase, ...Phase[]] = [
  { name: 'well', turns: 8, reply: () => well },
  { name: '429 to all', turns: 13, reply: () => ({ status: 429, headers: { 'retry-after-ms': '100' } }) },
  { name: '529 to 4 of 5', turns: 16, reply: ({ index }) => (index % 5 === 0 ? well : overloaded) },
  { name: 'answers nothing', turns: 18, reply: () => ({ hang: true }) },
  { name: 'breaks connections', turns: 13, reply: () => ({ connectionError: true }) },
  { name: 'well again', turns: 16, reply: () => well },
];
