import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A server in a process of its own, which can be killed, made to hang, and started again. */
export abstract class ServerProcess implements AsyncDisposable {
  /** The one that was started last. */
  protected process: ChildProcess | undefined;

  protected get isRunning(): boolean {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.process === undefined || !this.isRunning) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  /** Lets it hold its connections and answer nothing. */
  pause(): void {
    this.process?.kill('SIGSTOP');
  }

  resume(): void {
    this.process?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A port of the loopback interface that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
