import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MemberOptions, Tally } from './limits.ts';

const program = fileURLToPath(new URL('child.ts', import.meta.url));

/** A process of the fleet. */
export class Member {
  readonly #process: ChildProcess;

  constructor(options: MemberOptions) {
    this.#process = fork(program, [JSON.stringify(options)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
  }

  /** Ends it as a crash would. */
  async crash(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  /** Lets it finish what it has begun; tells how that went and how the process ended. */
  async stop(): Promise<{ readonly tally: Tally; readonly exitCode: number | null }> {
    const told = once(this.#process, 'message', { signal: AbortSignal.timeout(60_000) });
    const exited = once(this.#process, 'exit');
    this.#process.send('stop');
    const [tally] = (await told) as [Tally];
    await exited;
    return { tally, exitCode: this.#process.exitCode };
  }
}
