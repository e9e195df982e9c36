import type { Take } from '../../core/state.ts';
import type { Limiter } from './limiter.ts';
import type { Cost } from './limits.ts';
import type { Meter } from './meter.ts';
import type { ModelTokens } from './model-tokens.ts';
import type { Queue, Waiter } from './queue.ts';

/** The way to one target for those who share all of its limits. */
export class Lane {
  /** For people: `openai/gpt-6-luna`. */
  readonly name: string;
  readonly queue: Queue;
  readonly limiters: readonly Limiter[];
  /** The one that learns what the provider tells of the model; absent where nothing is learnt. */
  readonly own: Limiter | undefined;
  readonly tokens: ModelTokens;
  /** Those who wait, by class of priority, in the order of their coming. */
  readonly waiting: readonly Set<Waiter>[] = [new Set(), new Set(), new Set()];
  /** By class: how many others got a turn while it waited for one, since it had its last. */
  readonly overtaken: number[] = [0, 0, 0];
  /** Attempts under way. */
  running = 0;
  usedAt = 0;
  readonly #meters: readonly Meter[];

  constructor(
    name: string,
    queue: Queue,
    limiters: readonly Limiter[],
    own: Limiter | undefined,
    tokens: ModelTokens,
  ) {
    this.name = name;
    this.queue = queue;
    this.limiters = limiters;
    this.own = own;
    this.tokens = tokens;
    this.#meters = limiters.flatMap(({ meters }) => meters);
  }

  /** Those that hold anybody back; in the order of {@link takes}. */
  get metersWithBucket(): readonly Meter[] {
    return this.#meters.filter(({ bucket }) => bucket !== undefined);
  }

  get meters(): readonly Meter[] {
    return this.#meters;
  }

  /** What an attempt takes from each bucket there is. */
  takes(cost: Cost): Take[] {
    const takes: Take[] = [];
    for (const meter of this.#meters) {
      const { bucket } = meter;
      if (bucket !== undefined) takes.push({ bucket, amount: meter.amount(cost) });
    }
    return takes;
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting.every((set) => set.size === 0);
  }
}
