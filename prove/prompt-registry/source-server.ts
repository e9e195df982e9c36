import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../fleet/redis-server.ts';

/** A source of prompts in a process of its own, which can be killed, made to hang, and started again. */
export class SourceServer implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(versions: number): Promise<SourceServer> {
    const server = new SourceServer(await freePort());
    await server.restart(versions);
    return server;
  }

  /** @param versions how many it serves */
  async restart(versions: number): Promise<void> {
    this.#process = fork(join(import.meta.dirname, 'source.ts'), [`${this.#port}`, `${versions}`], {
      execArgv: ['--no-warnings'],
    });
    await once(this.#process, 'message');
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null)
      return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  /** Lets it hold its connections and answer nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** What a registry reads it by. */
export function readFrom(url: string) {
  return async (name: string, { signal }: { readonly signal: AbortSignal }): Promise<Iterable<unknown>> => {
    const response = await fetch(`${url}/${encodeURIComponent(name)}`, { signal });
    return (await response.json()) as unknown[];
  };
}
