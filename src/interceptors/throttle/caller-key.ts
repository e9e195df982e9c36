import type { CallSettings } from '../../core/settings.ts';

/** Whom limits may be counted by. */
export type CallerPart = 'user' | 'team' | 'tenant';

/** One caller apart from all others: an absent one differs from an empty one, and no two texts meet in one. */
export function callerKey(settings: CallSettings, per: CallerPart): string {
  const value = settings[per];
  return value === undefined ? `${per}-` : `${per}=${JSON.stringify(value)}`;
}
