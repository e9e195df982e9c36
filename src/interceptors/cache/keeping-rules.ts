import type { Dialect } from '../../core/dialect.ts';
import type { Settlement } from '../../core/settlement.ts';

/** What decides whether an answer is kept, beside the answer. */
export interface KeepingRules {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly toolCalls: boolean;
  readonly otherTargets: boolean;
  readonly maxEntryBytes: number;
}

/** What of a settlement decides whether an answer is kept, and is kept with it. */
export type KeptSettlement = Pick<
  Settlement,
  | 'outcome'
  | 'error'
  | 'facts'
  | 'target'
  | 'servedModel'
  | 'stopReason'
  | 'usage'
  | 'costNanoUsd'
  | 'settledAt'
>;

/** Whether an answer is one to keep. */
export function isToKeep(
  { dialect }: { readonly dialect: Dialect },
  json: unknown,
  settlement: KeptSettlement,
  rules: KeepingRules,
): boolean {
  const { outcome, error, facts } = settlement;
  if (outcome !== 'finished' || error !== undefined) return false;
  if (!rules.otherTargets && !isOfFirstChoice(facts)) return false;
  const ending = dialect.reply.ending(json);
  return ending === 'whole' || (ending === 'calls' && rules.toolCalls);
}

/** Whether it came from what its route asks first. */
export function isOfFirstChoice({ route, movedTo }: KeptSettlement['facts']): boolean {
  return route?.first !== false && movedTo === undefined;
}
