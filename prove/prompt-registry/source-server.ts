import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort, ServerProcess } from '../fleet/server-process.ts';

/** A source of prompts. */
export class SourceServer extends ServerProcess {
  readonly url: string;
  readonly #port: number;

  private constructor(port: number) {
    super();
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
    this.process = fork(join(import.meta.dirname, 'source.ts'), [`${this.#port}`, `${versions}`], {
      execArgv: ['--no-warnings'],
    });
    await once(this.process, 'message');
  }
}

/** What a registry reads it by. */
export function readFrom(url: string) {
  return async (name: string, { signal }: { readonly signal: AbortSignal }): Promise<Iterable<unknown>> => {
    const response = await fetch(`${url}/${encodeURIComponent(name)}`, { signal });
    return (await response.json()) as unknown[];
  };
}
