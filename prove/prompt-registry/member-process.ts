import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Asked, Told } from './member.ts';

/** Where the processes of a fleet keep labels. */
export interface Place {
  readonly kind: 'memory' | 'sqlite' | 'redis';
  /** A URL or a path; nothing for memory. */
  readonly where: string;
  readonly prefix: string;
}

/** A process that asks for prompts under load, seen from outside. */
export class Member {
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(told: Told) => void>();
  /** What it was given last. */
  #given: { readonly label: string; readonly newest: string } | undefined;
  /** When each version first came by the label. */
  readonly #arrivedAt = new Map<string, number>();

  constructor(url: string, { kind, where, prefix }: Place, prompt: string) {
    this.#process = fork(join(import.meta.dirname, 'member.ts'), [url, kind, where, prefix, prompt], {
      execArgv: ['--no-warnings'],
    });
    this.#process.on('message', (told: Told) => {
      if (told.kind === 'given') {
        this.#given = told;
        if (!this.#arrivedAt.has(told.label)) this.#arrivedAt.set(told.label, performance.now());
      }
      for (const listener of this.#listeners) listener(told);
    });
    // One that has died tells nothing more.
    this.#process.once('exit', () => {
      for (const listener of this.#listeners)
        listener({ kind: 'over', calls: 0, failures: ['The process has died.'] });
    });
  }

  /** Whether it is given these within a time. */
  async isGiven(label: string, newest: string | undefined, withinMs: number): Promise<boolean> {
    const fits = (): boolean =>
      this.#given?.label === label && (newest === undefined || this.#given.newest === newest);
    if (fits()) return true;
    const found = await this.#hears((told) => told.kind === 'given' && fits(), withinMs);
    return found !== undefined;
  }

  /** When a version first came by the label. */
  arrivedAt(label: string): number | undefined {
    return this.#arrivedAt.get(label);
  }

  async move(version: string): Promise<void> {
    const moved = this.#hears(({ kind }) => kind === 'moved', 10_000);
    this.#ask({ kind: 'move', version });
    await moved;
  }

  async stop(): Promise<{ readonly calls: number; readonly failures: readonly string[] }> {
    const over = this.#hears(({ kind }) => kind === 'over', 20_000);
    this.#ask({ kind: 'stop' });
    const told = await over;
    return told?.kind === 'over' ? told : { calls: 0, failures: ['The process has not stopped.'] };
  }

  #ask(asked: Asked): void {
    this.#process.send(asked);
  }

  #hears(fits: (told: Told) => boolean, withinMs: number): Promise<Told | undefined> {
    return new Promise((resolve) => {
      const end = (told: Told | undefined): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(told);
      };
      const listener = (told: Told): void => {
        if (fits(told)) end(told);
      };
      const timer = setTimeout(end, withinMs, undefined);
      this.#listeners.add(listener);
    });
  }
}
