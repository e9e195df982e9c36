import type { Clock } from '../core/clock.ts';
import type { Settlement } from '../core/settlement.ts';
import { targetName, type Target } from '../core/target.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { ModelsOption } from './models-option.ts';
import type { PricedProviders, Report } from './on-demand-pricing.ts';
import type { RetirementNotices } from './retirement-notices.ts';

/** What the watch of one `ManagedLLM` needs. */
export interface WatchParts {
  readonly models: ModelsOption;
  readonly clock: Clock;
  readonly providers: PricedProviders;
  readonly report: Report;
  /** All targets that routes name. */
  routed(): readonly Target[];
}

/** As many targets as are likely to be in use; names of models may come from users. */
const keptTargets = 1_000;

/**
 * Looks after the models that are in use: which snapshot they are pinned to, whether that is what is served, and whether they
 * are about to end. What is known of that is read after the first attempt, and tells nobody's call.
 */
export class ModelWatch {
  readonly #parts: WatchParts;
  readonly #pins: ReadonlyMap<string, string>;
  /** When a target is to be looked at again. Epoch milliseconds. */
  readonly #dueAt = new Map<string, number>();
  /** What was served in place of a pin, and told. */
  readonly #told = new Set<string>();
  #loading: Promise<RetirementNotices> | undefined;
  #looking: Promise<unknown> | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#pins = pinsIn(parts.models);
  }

  /** The snapshot that a target is pinned to; what is said of a pool holds for its members. */
  pinOf({ provider, model }: Target): string | undefined {
    if (this.#pins.size === 0) return undefined;
    return (
      this.#pins.get(`${provider}/${model}`) ??
      this.#pins.get(`${this.#parts.providers.poolOf(provider)}/${model}`)
    );
  }

  /** @param pin that was asked for in place of the target's model */
  attemptEnded(target: Target, pin: string | undefined, settlement: Settlement): void {
    if (pin !== undefined) this.#compare(target, pin, settlement.servedModel);
    const name = targetName(target);
    if (this.#parts.clock.now() < (this.#dueAt.get(name) ?? -Infinity)) return;
    if (this.#dueAt.size >= keptTargets) this.#dueAt.clear();
    this.#dueAt.set(name, Infinity);
    const looking = Promise.all([this.#looking, this.#look(target)]);
    this.#looking = looking;
    void looking.then(() => {
      if (this.#looking === looking) this.#looking = undefined;
    });
  }

  /** What is known of ends of models. Rejects where it cannot be read. */
  notices(): Promise<RetirementNotices> {
    return (this.#loading ??= this.#load());
  }

  /** Resolves when nothing is being looked at. Never rejects. */
  async idle(): Promise<void> {
    while (this.#looking !== undefined) await this.#looking;
  }

  async #load(): Promise<RetirementNotices> {
    const { RetirementNotices: Notices } = await import('./retirement-notices.ts');
    return new Notices(this.#parts);
  }

  async #look(target: Target): Promise<void> {
    try {
      const isFirst = this.#loading === undefined;
      const notices = await this.notices();
      for (const each of isFirst ? [target, ...this.#parts.routed()] : [target])
        this.#dueAt.set(targetName(each), notices.tell(each));
    } catch (thrown) {
      this.#parts.report(thrown, 'reading when models end');
    }
  }

  #compare(target: Target, pin: string, served: string | undefined): void {
    if (served === undefined || served === pin) return;
    const name = targetName(target);
    const key = `${name} ${served}`;
    if (this.#told.has(key)) return;
    if (this.#told.size >= keptTargets) this.#told.clear();
    this.#told.add(key);
    this.#parts.report(
      new ManagedLLMError({
        code: 'pin-not-served',
        message: `\`${name}\` is pinned to \`${pin}\`, and its provider says that \`${served}\` answered.`,
        details: { target: name, pin, servedModel: served },
      }),
      'the option `models`',
    );
  }
}

function pinsIn(models: ModelsOption): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(models).flatMap(([name, given]) =>
      typeof given === 'object' && given.pin !== undefined ? [[name, given.pin] as const] : [],
    ),
  );
}
