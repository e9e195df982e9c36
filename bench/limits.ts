import { breaker, budget, limit, retry, throttle, timeLimits, type Interceptor } from 'managed-llm';
import type { Contest } from './call-case.ts';
import { plainFetch, type SdkName } from './canned.ts';
import { bareClients, caller, governed } from './clients.ts';

/** Limits that are never reached, so that what is measured is looking, not waiting. */
export const limits: Readonly<Record<string, () => Interceptor | readonly Interceptor[]>> = {
  retry: () => retry(),
  breaker: () => breaker(),
  'time limits': () =>
    timeLimits({ firstEventMs: 10_000, betweenEventsMs: 10_000, attemptMs: 60_000, callMs: 120_000 }),
  throttle: () =>
    throttle(
      Object.fromEntries(
        ['openai', 'anthropic', 'spareOpenai', 'spareAnthropic'].map((provider) => [
          provider,
          { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1_000 },
        ]),
      ),
    ),
  limit: () => limit({ per: 'user', requestsPerMinute: 1e9, requestsPerDay: 1e12, onMissing: 'skip' }),
  budget: () => budget({ name: 'bench', limitUsd: 1e6, window: 'hour' }),
};

/**
 * All of them at once, with a fallback route, a caller, a listener and a receipt.
 *
 * @param more what stands beside them
 * @param ask the prompt of each call
 */
export function everything(
  sdk: SdkName,
  more: readonly Interceptor[] = [],
  ask?: () => () => string,
): Contest {
  const llm = governed(plainFetch(sdk), [...Object.values(limits).map((make) => make()), ...more]);
  let calls = 0;
  llm.on('call:end', () => calls++);
  const inner = caller(sdk, llm.with({ tenant: 'acme' }).clients, { model: `smart-${sdk}`, ask: ask?.() });
  return {
    bare: caller(sdk, bareClients(plainFetch(sdk)), { ask: ask?.() }).withResponse,
    ours: async () => {
      const receipt = await llm.receipt(await llm.run({ user: 'alice' }, inner.withResponse));
      if (calls === 0 || receipt.caller.user !== 'alice') throw new Error('No receipt was told.');
    },
  };
}
