import type { Timer } from '../core/clock.ts';
import type { Host } from '../core/interceptor.ts';
import type { Sums, Tallies } from '../core/tallies.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

const addEveryMs = 250;
/** As much as a tally takes at once. */
const mostAtOnce = 100;
const tellEveryMs = 60_000;

/**
 * Amounts on their way to the state: put together for 250 ms, so that calls do not wait for it. Never throws. What could not
 * be added is lost, which is told once a minute: whether the state has taken it is not known, and it must not count twice.
 */
export class Books {
  readonly #tallies: Tallies;
  readonly #host: Pick<Host, 'clock' | 'report'>;
  readonly #key: string;
  readonly #added: (sums: Sums) => void;
  #amounts = new Map<string, number>();
  #timer: Timer | undefined;
  #adding: Promise<void> = Promise.resolve();
  #toldAt = -Infinity;

  /**
   * @param key of the tally that all is added to
   * @param added told all sums, those of other processes too, each time that some were added. Must not throw
   */
  constructor(
    tallies: Tallies,
    host: Pick<Host, 'clock' | 'report'>,
    key: string,
    added: (sums: Sums) => void = () => undefined,
  ) {
    this.#tallies = tallies;
    this.#host = host;
    this.#key = key;
    this.#added = added;
  }

  add(field: string, amount: number): void {
    this.#amounts.set(field, (this.#amounts.get(field) ?? 0) + amount);
    this.#timer ??= this.#host.clock.setTimeout(() => void this.flush(), addEveryMs);
  }

  /** Resolves when what was added by now is in the state, or is lost. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) this.#host.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const amounts = [...this.#amounts];
    this.#amounts = new Map();
    if (amounts.length > 0) this.#adding = this.#adding.then(() => this.#addAll(amounts));
    return this.#adding;
  }

  async read(): Promise<Sums> {
    const [sums = {}] = await this.#tallies.read([this.#key]);
    return sums;
  }

  /** Tells of something that could not be counted, now and then. */
  lost(what: string, cause: unknown): void {
    const now = this.#host.clock.now();
    if (now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    const code = ManagedLLMError.isInstance(cause) ? cause.code : 'state-unreachable';
    this.#host.report(new ManagedLLMError({ code, message: what, cause }), this.#key);
  }

  async #addAll(amounts: readonly (readonly [string, number])[]): Promise<void> {
    let sums: Sums | undefined;
    for (const part of partsOf(amounts)) {
      try {
        sums = await this.#tallies.add(this.#key, Object.fromEntries(part));
      } catch (thrown) {
        this.lost(
          `\`${this.#key}\`: what was seen of some calls could not be added to its results; calls are not hurt.`,
          thrown,
        );
      }
    }
    if (sums !== undefined) this.#added(sums);
  }
}

type Amounts = readonly (readonly [string, number])[];

/** As much as a tally takes at once: numbers of one figure, which mean nothing without each other, are in one part. */
function partsOf(amounts: Amounts): readonly Amounts[] {
  const figures = new Map<string, (readonly [string, number])[]>();
  for (const amount of amounts) {
    const figure = amount[0].slice(0, amount[0].lastIndexOf('/'));
    const own = figures.get(figure);
    if (own === undefined) figures.set(figure, [amount]);
    else own.push(amount);
  }
  const parts: (readonly [string, number])[][] = [];
  for (const own of figures.values()) {
    for (let from = 0; from < own.length; from += mostAtOnce) {
      const some = own.slice(from, from + mostAtOnce);
      const last = parts.at(-1);
      if (last !== undefined && last.length + some.length <= mostAtOnce) last.push(...some);
      else parts.push(some);
    }
  }
  return parts;
}
