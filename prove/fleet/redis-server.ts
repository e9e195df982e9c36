import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, ServerProcess } from './server-process.ts';

/** A Redis of one's own on a free port of the loopback interface. It keeps nothing: restarted, it is empty. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  readonly #arguments: readonly string[];

  private constructor(port: number, more: readonly string[]) {
    super();
    this.port = port;
    const inMemory = ['--save', '', '--appendonly', 'no'];
    this.#arguments = ['--port', String(port), '--bind', '127.0.0.1', ...inMemory, ...more];
  }

  /** @throws where `redis-server` is not installed. */
  static async start(more: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), more);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it after it was killed, without what it held. */
  async restart(): Promise<void> {
    const process = spawn('redis-server', this.#arguments, { stdio: 'ignore' });
    this.process = process;
    await Promise.race([
      this.#answers(),
      once(process, 'error').then(([cause]) => {
        throw new Error('`redis-server` could not be started: install it (package `redis-server`).', {
          cause,
        });
      }),
    ]);
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < 250; tries += 1) {
      if (await accepts(this.port)) return;
      await sleep(20);
    }
    throw new Error('`redis-server` did not answer within 5 seconds.');
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
