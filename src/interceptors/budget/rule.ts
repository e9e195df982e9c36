import type { Account, Amounts } from '../../core/accounts.ts';
import type { Call } from '../../core/call.ts';
import { checkModel } from '../../core/check-model.ts';
import type { Host } from '../../core/interceptor.ts';
import { invalidOption, nearestOf } from '../../core/parse-options.ts';
import type { CallSettings } from '../../core/settings.ts';
import { targetName, type Target } from '../../core/target.ts';
import type { OnUnknownPrice } from './ceiling-options.ts';
import { limitsFor } from './limits.ts';
import {
  parseBudgetLimits,
  type BudgetCovers,
  type BudgetLimits,
  type BudgetOptions,
  type BudgetPer,
} from './options.ts';
import { setAsideOf, type SetAside } from './set-aside.ts';
import { subjectOf, type Missing, type Subject, type SubjectFacts } from './subject.ts';
import { offsetsOf } from '../../core/time-zone.ts';
import { windowsOf, type BudgetWindow, type Windows } from './windows.ts';

/** An attempt that a budget counts, and for whom. */
export interface Cover {
  readonly rule: Rule;
  readonly subject: Subject;
  readonly limits: Partial<Amounts>;
}

/** What a budget's options come to. */
export class Rule implements SetAside {
  readonly name: string;
  readonly per: BudgetPer;
  readonly window: BudgetWindow;
  readonly isStrict: boolean;
  /** Whether it refuses. */
  readonly enforces: boolean;
  readonly downgrade: string | undefined;
  readonly onMissing: 'refuse' | 'skip';
  readonly needsState: boolean;
  /** In rising order, each once. */
  readonly alertAt: readonly number[];
  readonly outputLimit: number;
  readonly maxWaitMs: number;
  readonly fixedNanoUsd: ReadonlyMap<string, number>;
  readonly onUnknownPrice: OnUnknownPrice;
  readonly #windows: Windows;
  readonly #covers: BudgetCovers | undefined;
  #limits: BudgetLimits;

  /** @param options parsed */
  constructor(options: BudgetOptions) {
    const {
      name,
      per = 'global',
      window,
      timeZone = 'UTC',
      onExceed = 'refuse',
      reserve = 'strict',
    } = options;
    const { onMissing = 'refuse', onStateFailure = 'refuse', alertAt = [0.5, 0.8, 1] } = options;
    const { outputLimit, maxWaitMs, fixedNanoUsd, onUnknownPrice } = setAsideOf(options);
    this.name = name;
    this.per = per;
    this.window = window;
    this.isStrict = reserve === 'strict';
    this.enforces = onExceed !== 'warn';
    this.downgrade = typeof onExceed === 'object' ? onExceed.downgrade : undefined;
    this.onMissing = onMissing;
    this.needsState = this.enforces && onStateFailure === 'refuse';
    this.alertAt = [...new Set(alertAt)].toSorted((one, other) => one - other);
    this.outputLimit = outputLimit;
    this.maxWaitMs = maxWaitMs;
    this.fixedNanoUsd = fixedNanoUsd;
    this.onUnknownPrice = onUnknownPrice;
    this.#windows = windowsOf(window, offsetsOf(timeZone, 'budget.timeZone'));
    this.#covers = options.covers;
    this.#limits = withoutUndefined(options);
  }

  /** Whether it refuses what has no known price. */
  get needsPrices(): boolean {
    return this.#limits.limitUsd !== undefined && this.enforces && this.onUnknownPrice === 'refuse';
  }

  /** Throws `invalid-options` for names that there are not. */
  check(host: Pick<Host, 'providers' | 'knows' | 'nearestTo' | 'poolOf'>): void {
    const { providers, poolOf } = host;
    if (this.downgrade !== undefined)
      checkModel(host, 'budget.onExceed.downgrade', this.downgrade, this.name);
    const known = [...new Set(providers.flatMap((name) => [name, poolOf(name) ?? name]))];
    for (const [index, name] of (this.#covers?.providers ?? []).entries())
      this.#checkProvider(`providers.${index}`, name, known);
    for (const [index, name] of (this.#covers?.models ?? []).entries()) {
      const slash = name.indexOf('/');
      if (slash < 0)
        throw invalidOption(
          `budget.covers.models.${index}`,
          known.includes(name)
            ? `of \`${this.name}\` names no model: write \`${name}/…\``
            : `of \`${this.name}\` names no provider: write \`${known[0] ?? 'provider'}/${name}\``,
        );
      this.#checkProvider(`models.${index}`, name.slice(0, slash), known);
    }
  }

  #checkProvider(path: string, name: string, known: readonly string[]): void {
    if (known.includes(name)) return;
    const nearest = nearestOf(name, known);
    throw invalidOption(
      `budget.covers.${path}`,
      `of \`${this.name}\`: \`${name}\` is no provider; ${nearest === undefined ? `there are ${known.join(', ')}` : `did you mean \`${nearest}\`?`}`,
    );
  }

  /** Replaces what is given. Throws `invalid-options`. */
  setLimits(limits: BudgetLimits): void {
    this.#limits = { ...this.#limits, ...withoutUndefined(parseBudgetLimits(limits, this.name)) };
  }

  /** Whether the attempt is one that it counts. */
  covers(call: Call, target: Target, host: Pick<Host, 'poolOf'>): boolean {
    const { operations, tags } = this.#covers ?? {};
    if (operations !== undefined && !operations.includes(call.operation)) return false;
    if (
      tags !== undefined &&
      !Object.entries(tags).every(([name, value]) => call.settings.tags?.[name] === value)
    )
      return false;
    return this.mayCover(target, host);
  }

  /** Whether it counts attempts at a target, whoever asks for what. */
  mayCover(target: Target, host: Pick<Host, 'poolOf'>): boolean {
    const { models, providers } = this.#covers ?? {};
    if (models === undefined && providers === undefined) return true;
    const { provider, model } = target;
    const names = [provider, host.poolOf(provider) ?? provider];
    return (
      (providers === undefined || names.some((name) => providers.includes(name))) &&
      (models === undefined || names.some((name) => models.includes(targetName({ provider: name, model }))))
    );
  }

  /** For whom it counts. */
  subject(facts: SubjectFacts): Subject | Missing {
    return subjectOf(this.per, facts, this.name);
  }

  /** What they may have. */
  limitsFor(label: string | undefined, caller: CallSettings): Partial<Amounts> {
    return limitsFor(this.#limits, this.name, label, caller);
  }

  /** @param nowMs by the store's clock */
  account(subject: string, nowMs: number): Account {
    return { budget: this.name, subject, window: this.#windows.at(nowMs) };
  }
}

function withoutUndefined({ limitUsd, limitTokens }: BudgetLimits): BudgetLimits {
  return {
    ...(limitUsd === undefined ? {} : { limitUsd }),
    ...(limitTokens === undefined ? {} : { limitTokens }),
  };
}
