import type { Host } from '../../core/interceptor.ts';
import { Alerts } from './alerts.ts';
import { Leases } from './leases.ts';
import type { SetAside } from './set-aside.ts';
import type { Spending } from './spending.ts';
import type { Store } from './teller.ts';
import { Till } from './till.ts';

/** For all budgets that there are by then, and all ceilings. */
export function openTill(host: Host, spending: Spending, ofCeilings: SetAside): Till {
  const { rules } = spending;
  return new Till(host, rules, ofCeilings, rules.length === 0 ? undefined : storeOf(host, spending));
}

function storeOf(host: Host, spending: Spending): Store | undefined {
  const { accounts } = host.state;
  if (accounts === undefined) return undefined;
  spending.alerts = new Alerts(accounts, host);
  return {
    accounts,
    clock: spending.clock,
    leases: new Leases(accounts, host),
    alerts: spending.alerts,
  };
}
