import type { Host } from '../../core/interceptor.ts';
import { Alerts } from './alerts.ts';
import { Leases } from './leases.ts';
import type { SetAside } from './set-aside.ts';
import type { Spending } from './spending.ts';
import type { Store } from './teller.ts';
import { Till } from './till.ts';

/** For all budgets that there are by then, and all ceilings. */
export function openTill(host: Host, { rules, clock }: Spending, ofCeilings: SetAside): Till {
  const { accounts } = host.state;
  const store: Store | undefined =
    accounts === undefined || rules.length === 0
      ? undefined
      : { accounts, clock, leases: new Leases(accounts, host), alerts: new Alerts(accounts, host) };
  return new Till(host, rules, ofCeilings, store);
}
