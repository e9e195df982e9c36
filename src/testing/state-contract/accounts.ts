import { accountModelChecks } from './accounts-model.ts';
import { alertAndRaiseChecks } from './accounts-alerts.ts';
import { leaseChecks } from './accounts-leases.ts';
import { reservingChecks } from './accounts-reserving.ts';
import { windowChecks } from './accounts-windows.ts';
import type { Check } from './scene.ts';

/** What accounts have to do, where a state has them. */
export const accountChecks: readonly Check[] = [
  ...reservingChecks,
  ...leaseChecks,
  ...windowChecks,
  ...alertAndRaiseChecks,
  ...accountModelChecks,
];
