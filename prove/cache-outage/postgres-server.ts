import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort, ServerProcess } from '../fleet/server-process.ts';

/** Whom the server runs as: it refuses to run as root. */
interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** A PostgreSQL of one's own on a free port of the loopback interface, in a folder that goes with it. */
export class PostgresServer extends ServerProcess {
  readonly url: string;
  readonly #program: string;
  readonly #folder: string;
  readonly #identity: Identity;
  readonly #port: number;

  private constructor(bin: string, folder: string, identity: Identity, port: number) {
    super();
    this.#program = join(bin, 'postgres');
    this.#folder = folder;
    this.#identity = identity;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** @throws where PostgreSQL is not installed, or must not be started by who runs this. */
  static async start(): Promise<PostgresServer> {
    const bin = programs();
    if (bin === undefined) throw new Error('PostgreSQL is not installed: install it (package `postgresql`).');
    const folder = mkdtempSync(join(tmpdir(), 'cache-outage-'));
    const identity = process.getuid?.() === 0 ? ofPostgres() : {};
    if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? identity.uid);
    execFileSync(
      join(bin, 'initdb'),
      ['--pgdata', folder, '--username', 'postgres', '--auth', 'trust', '--no-sync'],
      { ...identity, stdio: 'ignore', cwd: '/' },
    );
    const server = new PostgresServer(bin, folder, identity, await freePort());
    await server.restart();
    return server;
  }

  /** Starts it, with what it has kept. */
  async restart(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      // What the one before has left may still be there for a moment: then it ends at once.
      if (!this.isRunning) this.process = this.#spawn();
      if (await this.#answers()) return;
      await sleep(50);
    }
    throw new Error('PostgreSQL did not answer within 10 seconds.');
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    // Its other processes find out by themselves, and may still write.
    await sleep(200);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(): ChildProcess {
    return spawn(
      this.#program,
      ['-D', this.#folder, '-p', String(this.#port), '-h', '127.0.0.1', '-k', this.#folder, '-F'],
      { ...this.#identity, stdio: 'ignore', cwd: '/' },
    );
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The folder of its programs, newest first. */
function programs(): string | undefined {
  const folders = [
    ...globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed(),
    '/usr/local/bin',
    '/usr/bin',
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

function ofPostgres(): Identity {
  const id = (kind: '-u' | '-g'): number =>
    Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
