import type { Call } from '../../core/call.ts';
import { refusal } from '../../core/call-error.ts';
import type { Host, Interceptor, Next } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import { invalidOption } from '../../core/parse-options.ts';
import type { Reply } from '../../core/reply.ts';
import { noteShadow } from '../../core/run.ts';
import type { CallSettings } from '../../core/settings.ts';
import type { Bucket, Taken } from '../../core/state.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { CallerCounts } from './caller-counts.ts';
import { callerKey } from './caller-key.ts';
import { parseLimitOptions, type LimitOptions } from './limit-options.ts';
import { windowsMs } from './limits.ts';

const windows = ['requestsPerMinute', 'requestsPerDay'] as const;

/** Whose count is asked for: what the limit is by, and for `credential` the provider. */
export type LimitCaller = Pick<CallSettings, 'user' | 'team' | 'tenant' | 'roles'> & {
  readonly provider?: string;
};

/** How one caller stands with one window. */
export interface LimitWindowStatus {
  readonly limit: number;
  /** Whole requests that would be let through at once. */
  readonly left: number;
  /** When all of `limit` is there again. Epoch milliseconds. */
  readonly resetAt: number;
}

/** What {@link limit} returns. */
export interface Limit extends Interceptor {
  /** How a caller stands. Throws `invalid-options` before the `ManagedLLM` is made or when the caller is not named. */
  status(
    caller: LimitCaller,
  ): Promise<Readonly<Partial<Record<'requestsPerMinute' | 'requestsPerDay', LimitWindowStatus>>>>;
}

/**
 * Lets each user, team, tenant or credential make so many requests a minute or a day, and refuses the rest at once with
 * `limit-exceeded` (429, with `retry-after`). Runs once a call, before anything else is done for it: answers from caches
 * count, and so do files, images and other operations without a dialect; repeats and fallbacks of one call do not. A
 * limit is a bucket that refills evenly: after a pause a whole minute's worth may go at once.
 *
 * With a shared state all processes count together. While its store cannot be asked, each counts alone, which is reported
 * once. A refused call does not count.
 *
 * @throws `invalid-options` when no limit is given, for limits that are not above 0 and unknown keys
 * @example
 * ```ts
 * limit({ per: 'user', requestsPerMinute: 20 })
 * ```
 */
export function limit(options: LimitOptions): Limit {
  const {
    per,
    onMissing = 'refuse',
    shadow = false,
    name = `limit-per-${per}`,
    ...limits
  } = parseLimitOptions(options);
  const limited = windows.filter((window) => limits[window] !== undefined);
  let attached: { readonly host: Host; readonly counts: CallerCounts } | undefined;

  /** `undefined` when the call does not say whose it is. */
  function keyOf(settings: LimitCaller, provider: string, host: Host): string | undefined {
    if (per !== 'credential') return settings[per] === undefined ? undefined : callerKey(settings, per);
    const credential = host.credential(provider, settings);
    return `provider=${JSON.stringify(provider)}${credential === undefined ? '' : ` ${credential}`}`;
  }

  const bucketsOf = (key: string): readonly Bucket[] =>
    limited.map((window) => {
      const capacity = limits[window] ?? 0;
      const refillPerMs = capacity / windowsMs[window];
      return { key: `limit/${JSON.stringify(name)}/${key}/${window}`, capacity, refillPerMs };
    });

  function decided(host: Host, call: Call, next: Next, taken: Taken): Promise<Reply> {
    if (taken.ok) return next(call);
    const window = limited[taken.index] ?? 'requestsPerMinute';
    // When the next is let through, unlike that of `status`.
    const details = { limit: limits[window], per, window, name, resetAt: host.clock.now() + taken.waitMs };
    if (shadow) {
      noteShadow(call.run, { interceptor: name, decision: 'limit-exceeded', details });
      return next(call);
    }
    const error = new ManagedLLMError({
      code: 'limit-exceeded',
      callId: call.id,
      message: `\`${name}\` allows this ${per} ${limits[window]} ${windowWords[window]}, and they are used up. Ask again in ${taken.waitMs} ms.`,
      retryAfterMs: taken.waitMs,
      details,
    });
    return Promise.resolve(host.replies.refuse(call, refusal(error, 'refused', { retryable: false })));
  }

  return {
    name,
    stage: 'admit',
    attach(host) {
      attached = { host, counts: new CallerCounts(host, name) };
    },
    intercept(call, next) {
      if (attached === undefined) return next(call);
      const { host, counts } = attached;
      const key = keyOf(call.settings, call.provider, host);
      if (key === undefined) return missing(host, call, next);
      const taken = counts.take(bucketsOf(key).map((bucket) => ({ bucket, amount: 1 })));
      return isPromise(taken)
        ? taken.then((answer) => decided(host, call, next, answer))
        : decided(host, call, next, taken);
    },
    async status(caller) {
      if (attached === undefined) throw invalidOption(name, 'is asked before a ManagedLLM was made with it');
      const { host, counts } = attached;
      const key = keyOf(caller, caller.provider ?? '', host);
      if (key === undefined) throw invalidOption(`${name}.status`, `needs to know whose: \`{ ${per}: … }\``);
      const status: Partial<Record<(typeof windows)[number], LimitWindowStatus>> = {};
      for (const [index, bucket] of bucketsOf(key).entries()) {
        const level = await counts.level(bucket);
        const { capacity, refillPerMs } = bucket;
        status[limited[index] ?? 'requestsPerMinute'] = {
          limit: capacity,
          left: Math.max(0, Math.floor(level + 1e-9)),
          resetAt: host.clock.now() + Math.ceil((capacity - level) / refillPerMs),
        };
      }
      return status;
    },
  };

  function missing(host: Host, call: Call, next: Next): Promise<Reply> {
    if (onMissing === 'skip') return next(call);
    if (shadow) {
      noteShadow(call.run, { interceptor: name, decision: 'caller-required', details: { per, name } });
      return next(call);
    }
    const error = new ManagedLLMError({
      code: 'caller-required',
      callId: call.id,
      message: `\`${name}\` counts by ${per}, and this call names none. Make it inside \`llm.run({ ${per}: … }, …)\`, or give the limit \`onMissing: 'skip'\`.`,
      details: { per, name },
    });
    return Promise.resolve(host.replies.refuse(call, refusal(error)));
  }
}

const windowWords: Readonly<Record<(typeof windows)[number], string>> = {
  requestsPerMinute: 'requests a minute',
  requestsPerDay: 'requests a day',
};
