import type { Host } from '../../core/interceptor.ts';
import type { Alerts } from './alerts.ts';
import type { Rule } from './rule.ts';
import { StoreClock } from './store-clock.ts';

/** What the budgets and the ceilings of one `ManagedLLM` have in common. */
export interface Spending {
  readonly rules: Rule[];
  readonly clock: StoreClock;
  /** Made with the first call that something counts. */
  alerts: Alerts | undefined;
}

const key = Symbol('spending');

export function spendingOf(host: Host): Spending {
  return host.shared<Spending>(key, () => ({
    rules: [],
    clock: new StoreClock(host.clock),
    alerts: undefined,
  }));
}
