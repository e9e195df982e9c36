import type { AttemptLimits } from '../../core/attempt-limits.ts';
import type { Target } from '../../core/target.ts';
import { isEmpty, providerOf, type TargetTimeLimits, type TimeLimitsByTarget } from './options.ts';

/** The limits that hold for a target: its own over its provider's over those for all, one by one. Merged once. */
export class LimitsByTarget {
  readonly #ofAll: AttemptLimits | undefined;
  readonly #ofProviders = new Map<string, AttemptLimits>();
  /** By provider, then by model. */
  readonly #ofModels = new Map<string, Map<string, AttemptLimits>>();

  constructor(ofAll: TargetTimeLimits, byTarget: TimeLimitsByTarget) {
    this.#ofAll = isEmpty(ofAll) ? undefined : ofAll;
    for (const [name, limits] of Object.entries(byTarget))
      if (providerOf(name) === name) this.#ofProviders.set(name, merged(ofAll, limits));
    for (const [name, limits] of Object.entries(byTarget)) {
      const provider = providerOf(name);
      if (provider === name) continue;
      const models = this.#ofModels.get(provider) ?? new Map<string, AttemptLimits>();
      models.set(name.slice(provider.length + 1), merged(this.#ofProviders.get(provider) ?? ofAll, limits));
      this.#ofModels.set(provider, models);
    }
  }

  /** `undefined` where there are none. */
  of({ provider, model }: Target): AttemptLimits | undefined {
    return this.#ofModels.get(provider)?.get(model) ?? this.#ofProviders.get(provider) ?? this.#ofAll;
  }
}

/** What is `undefined` says nothing. */
function merged(outer: AttemptLimits, inner: TargetTimeLimits): AttemptLimits {
  const said = Object.fromEntries(Object.entries(inner).filter(([, value]) => value !== undefined));
  return Object.freeze({ ...outer, ...said });
}
