import type { CacheMode } from '../../core/cache-settings.ts';

const taking: ReadonlySet<CacheMode> = new Set(['read-write', 'read']);
const keeping: ReadonlySet<CacheMode> = new Set(['read-write', 'write', 'refresh']);

/** Whether a call is answered by what was kept. */
export function takesKept(mode: CacheMode): boolean {
  return taking.has(mode);
}

/** Whether what a call brings is kept. */
export function keepsNew(mode: CacheMode): boolean {
  return keeping.has(mode);
}
