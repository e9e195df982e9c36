import type { Clock } from '../core/clock.ts';
import type { CallSettings } from '../core/settings.ts';
import type { Settlement } from '../core/settlement.ts';
import { targetName, type Target } from '../core/target.ts';
import type { ModelsOption } from './models-option.ts';
import type { PricedProviders, Report } from './on-demand-pricing.ts';
import type { ServedForPin } from './pin-notices.ts';
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
export const keptTargets = 1_000;

/**
 * Looks after the models that are in use: which snapshot they are pinned to, whether that is what is served, and whether they
 * are about to end. What is known of that is read after the first attempt, and tells nobody's call.
 */
export class ModelWatch {
  readonly #parts: WatchParts;
  readonly #pins: ReadonlyMap<string, string>;
  /** When a target is to be looked at again. Epoch milliseconds. */
  readonly #dueAt = new Map<string, number>();
  /** When those that routes name are. */
  #routedDueAt = -Infinity;
  /** What was served in place of a pin, and looked at. */
  readonly #compared = new Set<string>();
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

  /**
   * @param pin that was asked for in place of the target's model
   * @param settings of whoever asked
   */
  attemptEnded(
    target: Target,
    pin: string | undefined,
    { servedModel }: Pick<Settlement, 'servedModel'>,
    settings: CallSettings,
  ): void {
    if (pin !== undefined && servedModel !== undefined && servedModel !== pin)
      this.#compare({ target, pin, served: servedModel }, settings);
    const name = targetName(target);
    const now = this.#parts.clock.now();
    const isDue = now >= (this.#dueAt.get(name) ?? -Infinity);
    const areRoutedDue = now >= this.#routedDueAt;
    if (isDue) {
      if (this.#dueAt.size >= keptTargets) this.#dueAt.clear();
      this.#dueAt.set(name, Infinity);
    }
    if (areRoutedDue) this.#routedDueAt = Infinity;
    if (isDue || areRoutedDue) this.#begin(this.#look(isDue ? target : undefined, areRoutedDue, settings));
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

  /** @param look that never rejects */
  #begin(look: Promise<void>): void {
    const looking = Promise.all([this.#looking, look]);
    this.#looking = looking;
    void looking.then(() => {
      if (this.#looking === looking) this.#looking = undefined;
    });
  }

  async #look(called: Target | undefined, areRoutedDue: boolean, settings: CallSettings): Promise<void> {
    try {
      const notices = await this.notices();
      if (called !== undefined) this.#dueAt.set(targetName(called), notices.tell(called, settings));
      // Those that no call comes to are told of as well: that is when it is too late to look for another.
      if (areRoutedDue)
        this.#routedDueAt = Math.min(...this.#parts.routed().map((routed) => notices.tell(routed)));
    } catch (thrown) {
      this.#parts.report(thrown, 'reading when models end');
    }
  }

  #compare(served: Omit<ServedForPin, 'origin'>, settings: CallSettings): void {
    const key = `${targetName(served.target)} ${served.served}`;
    if (this.#compared.has(key)) return;
    if (this.#compared.size >= keptTargets) this.#compared.clear();
    this.#compared.add(key);
    const origin = this.#parts.providers.origin(served.target.provider, settings);
    this.#begin(this.#tellOfPin({ ...served, origin }));
  }

  async #tellOfPin(served: ServedForPin): Promise<void> {
    try {
      const { tellOfPin } = await import('./pin-notices.ts');
      tellOfPin(this.#parts, served);
    } catch (thrown) {
      this.#parts.report(thrown, 'comparing what was served with its pin');
    }
  }
}

function pinsIn(models: ModelsOption): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(models).flatMap(([name, given]) =>
      typeof given === 'object' && given.pin !== undefined ? [[name, given.pin] as const] : [],
    ),
  );
}
