import type { PromptCacheUse, Receipt, ReceiptAttempt, ReceiptFilter, ReceiptLog } from 'managed-llm';
import { sampleReceipt } from '../../../../src/testing/state-contract/sample-receipt.ts';

let count = 0;

/** A finished call of the month in which all tests take place, but for what is said. */
export function receipt(said: Partial<Receipt> = {}): Receipt {
  count += 1;
  const callId = said.callId ?? `call-${count}`;
  const target = { provider: 'openai', model: 'gpt-6-luna' };
  const costNanoUsd = 'costNanoUsd' in said ? said.costNanoUsd : 1_000;
  return sampleReceipt(callId, {
    target,
    servedModel: 'gpt-6-luna',
    usage: { inputTokens: 10, outputTokens: 5, provenance: 'reported' },
    costUsd: costNanoUsd === undefined ? undefined : costNanoUsd / 1e9,
    costNanoUsd,
    stopReason: 'stop',
    attempts: [attempt({ target: said.target ?? target, costNanoUsd })],
    ...said,
  });
}

export function attempt(said: Partial<ReceiptAttempt> = {}): ReceiptAttempt {
  return {
    attemptId: `attempt-${(count += 1)}`,
    target: { provider: 'openai', model: 'gpt-6-luna' },
    outcome: 'finished',
    status: 200,
    error: undefined,
    usage: { inputTokens: 10, outputTokens: 5, provenance: 'reported' },
    costUsd: undefined,
    costNanoUsd: 1_000,
    losses: [],
    startedAt: Date.UTC(2026, 10, 10, 12),
    firstEventMs: undefined,
    durationMs: 100,
    ...said,
  };
}

/** With what the caches of providers did for its attempts, one after another. */
export function withPromptCache(said: Receipt, uses: readonly (PromptCacheUse | undefined)[]): Receipt {
  const attempts = said.attempts.flatMap(({ attemptId }, index) => {
    const use = uses[index];
    return use === undefined ? [] : [{ attemptId, ...use }];
  });
  if (attempts.length === 0) return said;
  const sum = (count: (use: PromptCacheUse) => number): number =>
    attempts.reduce((all, use) => all + count(use), 0);
  const isKnown = attempts.every(({ savedNanoUsd }) => savedNanoUsd !== undefined);
  const promptCache = {
    readTokens: sum(({ readTokens }) => readTokens),
    writtenTokens: sum(({ writtenTokens }) => writtenTokens),
    ...(isKnown && { savedNanoUsd: sum(({ savedNanoUsd = 0 }) => savedNanoUsd) }),
    attempts,
  };
  return { ...said, facts: { ...said.facts, promptCache } };
}

/** The least that a log can be, which does what it is told to before it answers. */
export class TinyLog implements ReceiptLog {
  readonly stored: Receipt[] = [];
  readonly batches: number[] = [];
  /** Throws, or waits. */
  onAppend: (receipts: readonly Receipt[]) => Promise<void> | void = () => {};
  readonly deleted: ReceiptFilter[] = [];

  async append(receipts: readonly Receipt[]): Promise<void> {
    await this.onAppend(receipts);
    this.batches.push(receipts.length);
    for (const receipt of receipts)
      if (!this.stored.some(({ callId }) => callId === receipt.callId)) this.stored.push(receipt);
  }

  async *read(filter: ReceiptFilter = {}): AsyncGenerator<Receipt> {
    yield* this.stored.filter((receipt) => fits(filter, receipt));
  }

  async delete(filter: ReceiptFilter): Promise<number> {
    this.deleted.push(filter);
    const kept = this.stored.filter((receipt) => !fits(filter, receipt));
    const count = this.stored.length - kept.length;
    this.stored.splice(0, Infinity, ...kept);
    return count;
  }
}

function fits(filter: ReceiptFilter, { startedAt, caller }: Receipt): boolean {
  const { from = -Infinity, to = Infinity, user, tenant } = filter;
  return (
    startedAt >= from &&
    startedAt < to &&
    (user === undefined || user === (caller.user ?? null)) &&
    (tenant === undefined || tenant === (caller.tenant ?? null))
  );
}
