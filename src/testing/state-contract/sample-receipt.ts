import type { Receipt } from '../../core/receipt.ts';

/** When samples begin. */
export const beginning = Date.UTC(2026, 10, 10, 12);

/** A finished call, but for what is said. */
export function sampleReceipt(callId: string, said: Partial<Receipt> = {}): Receipt {
  return {
    callId,
    parentId: undefined,
    caller: {},
    operation: 'chat',
    dialect: 'openai-chat',
    provider: 'openai',
    model: 'gpt-6-luna',
    stream: false,
    outcome: 'finished',
    origin: 'provider',
    target: { provider: 'openai', model: 'gpt-6-luna' },
    servedModel: undefined,
    status: 200,
    error: undefined,
    usage: undefined,
    costUsd: undefined,
    costNanoUsd: undefined,
    stopReason: undefined,
    losses: [],
    attempts: [],
    startedAt: beginning,
    firstEventMs: undefined,
    durationMs: 100,
    facts: {},
    ...said,
  };
}
