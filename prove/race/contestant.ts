import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Charges } from './charges.ts';
import type { JournalOptions } from './journal.ts';
import type { Course, Provider, Size, SizeName } from './plan.ts';
import type { Standing } from './budgets.ts';
import type { Endings } from './run-calls.ts';
import type { StateSpec } from './states.ts';

/** What a process of a race is started with. */
export interface ContestantOptions {
  readonly state: StateSpec;
  /** Where both of its providers listen. */
  readonly url: string;
  readonly seed: number;
  readonly course: Course;
  readonly size: SizeName;
  /** Of all calls of the race it makes those from the first of these on, up to the other one. */
  readonly first: number;
  readonly until: number;
  readonly budget: string;
  /** What tells of a process that will be killed. */
  readonly journal?: JournalOptions;
}

/** How its budgets stand. */
export interface Standings {
  readonly raced: Standing;
  readonly apart: Readonly<Record<Provider, Standing>>;
}

/** What became of all calls of a process. */
export interface Tally extends Endings, Pick<Charges, 'amounts' | 'untold' | 'waited' | 'lowered'> {
  /** What was reported, and rejections that nobody handled. */
  readonly faults: readonly string[];
}

/**
 * A quarter of a process's calls are made under a ceiling, beside the budget: of less than their part of the limit, so that
 * it refuses some that the budget would have let through.
 */
export function underCeiling(
  { first, until }: Pick<ContestantOptions, 'first' | 'until'>,
  { limitUsd, calls }: Size,
) {
  const some = Math.floor((until - first) / 4);
  return { until: first + some, maxCostUsd: (0.8 * limitUsd * some) / calls };
}

const program = fileURLToPath(new URL('contestant-process.ts', import.meta.url));
const answersWithinMs = 180_000;

/** A process of a race. */
export class Contestant {
  readonly #process: ChildProcess;

  private constructor(options: ContestantOptions) {
    this.#process = fork(program, [JSON.stringify(options)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
  }

  /** Resolves when it is ready to race. */
  static async start(options: ContestantOptions): Promise<Contestant> {
    const contestant = new Contestant(options);
    await contestant.#told();
    return contestant;
  }

  /** Makes all its calls, and resolves when the last one is settled. */
  async race(): Promise<Tally> {
    return (await this.#asked('go')) as Tally;
  }

  /** How the books stand that it shares. */
  async standings(): Promise<Standings> {
    return (await this.#asked('standings')) as Standings;
  }

  /** Makes all its calls, of which nobody will hear. */
  go(): void {
    this.#process.send('go');
  }

  /** Ends it as a crash would. */
  async crash(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  /** Ends it in order. Resolves to its exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.#process, 'exit');
    this.#process.send('stop');
    await exited;
    return this.#process.exitCode;
  }

  #asked(message: string): Promise<unknown> {
    const told = this.#told();
    this.#process.send(message);
    return told;
  }

  async #told(): Promise<unknown> {
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const [message] = await Promise.race([
        once(this.#process, 'message', {
          signal: AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]),
        }),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`A process of the race ended early, with ${code}.`);
        }),
      ]);
      return message;
    } finally {
      settled.abort();
    }
  }
}
