import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { answerWithin } from './answer-within.ts';
import type { RedisClient } from './redis-client.ts';
import { migrations as allMigrations, migrationText } from './redis-migrations.ts';

/** So long the store remembers what was done once: a client asks again by itself when its connection broke. Milliseconds. */
export const rememberedMs = 600_000;

/** A Lua script and what it is known by at the server. */
export interface Script {
  /** For messages: `ledger.take`. */
  readonly name: string;
  readonly text: string;
  readonly sha1: string;
}

/** After a failure one question in so long tries again; the others fail at once. */
const probeEveryMs = 500;

/**
 * Begins every script. The server's own time is the clock, so that processes whose clocks are wrong agree. `emptiedAt` is
 * when the store was found to have lost what processes had written before (a restart without its data), 0 if never: the
 * first key remembers when it was made, and a process that knew another one by then tells. It also has the version of all
 * that is stored: where that is not the one of this package, nothing is done.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function exact(number) return string.format('%.17g', number) end
local version, known = string.match(ARGV[1], '^(%d+) (%S*)$')
local mark = redis.call('GET', KEYS[1])
local epoch, emptiedAt, stored = time[1] .. '.' .. time[2], '0', version
if mark then
  epoch, emptiedAt, stored = string.match(mark, '^(%S+) (%S+) ?(%d*)$')
  if not epoch then return redis.error_reply('SCHEMA unknown') end
  if stored ~= version then return redis.error_reply('SCHEMA ' .. (tonumber(stored) or 0)) end
end
emptiedAt = tonumber(emptiedAt)
if emptiedAt == 0 and known ~= '' and known ~= epoch then emptiedAt = now mark = false end
if not mark then redis.call('SET', KEYS[1], epoch .. ' ' .. exact(emptiedAt) .. ' ' .. version) end
`;

/** A script that finds its own keys from \`KEYS[2]\` and its own arguments from \`ARGV[2]\` on, and answers a list of texts. */
export function script(name: string, body: string): Script {
  return scriptOf(name, `${prelude}${body}`);
}

function scriptOf(name: string, text: string): Script {
  return { name, text, sha1: createHash('sha1').update(text).digest('hex') };
}

/** Runs scripts at the server, each in one round trip, and fails soon where the server cannot be asked. */
export class RedisScripts {
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #markKey: string;
  readonly #version: number;
  readonly #migration: Script;
  /** The store's beginning, as this process last saw it. */
  #epoch = '';
  /** Its first connection has come, or failed to. */
  #begun = false;
  #failingUntil = 0;
  readonly #asked = new Set<Promise<unknown>>();

  constructor(client: RedisClient, prefix: string, clock: Clock, migrations = allMigrations) {
    this.#client = client;
    this.#clock = clock;
    // One hash tag: a script's keys have to be on one node of a cluster. A tag in the prefix goes before it.
    this.#prefix = `${prefix}{state}:`;
    this.#markKey = `${this.#prefix}epoch`;
    this.#version = migrations.length;
    this.#migration = scriptOf('migrate', migrationText(migrations));
  }

  /** The store's beginning, as last seen: another one than before says that it has lost what was stored. Empty at first. */
  get epoch(): string {
    return this.#epoch;
  }

  /**
   * Rejects with `state-unreachable`, at once while the connection is known to be down, else after a second; with
   * `state-incompatible` where what is stored is of a newer version, or is not ours.
   *
   * @returns what the script answered
   */
  async run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly string[]> {
    this.#admit(script);
    const all = [
      this.#markKey,
      ...keys.map((key) => `${this.#prefix}${key}`),
      `${this.#version} ${this.#epoch}`,
      ...args.map(String),
    ] as const;
    try {
      const asked = answerWithin(this.#clock, this.#ask(script, keys.length + 1, all));
      this.#asked.add(asked);
      const [epoch = '', ...answer] = await asked.finally(() => this.#asked.delete(asked));
      if (this.#epoch !== '' && this.#epoch !== epoch) warnEmptied(this.#prefix);
      this.#epoch = epoch;
      this.#begun = true;
      this.#failingUntil = 0;
      return answer;
    } catch (thrown) {
      this.#begun = true;
      if (isIncompatible(thrown)) {
        this.#failingUntil = 0;
        throw incompatible(script, this.#prefix, this.#version, thrown);
      }
      this.#failingUntil = this.#clock.now() + probeEveryMs;
      throw unreachable(script, thrown);
    }
  }

  /** Resolves when everything that was asked has been answered, or has failed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#asked);
  }

  /** At first a client may still be on its way; later, what is asked while it is not connected would only pile up there. */
  #admit(script: Script): void {
    const ready = this.#client.status === 'ready';
    this.#begun ||= ready;
    const now = this.#clock.now();
    if (now < this.#failingUntil || (!ready && this.#begun)) throw unreachable(script, undefined);
    if (this.#failingUntil > 0) this.#failingUntil = now + probeEveryMs;
  }

  /** Brings what an older version has stored up to date first. */
  async #ask(script: Script, keyCount: number, keysAndArgs: readonly string[]): Promise<readonly string[]> {
    try {
      return await this.#evaluate(script, keyCount, keysAndArgs);
    } catch (thrown) {
      if (!(storedVersion(thrown) < this.#version)) throw thrown;
      await this.#evaluate(this.#migration, 1, [this.#markKey, String(this.#version)]);
      return this.#evaluate(script, keyCount, keysAndArgs);
    }
  }

  async #evaluate(
    { sha1, text }: Script,
    keyCount: number,
    keysAndArgs: readonly string[],
  ): Promise<readonly string[]> {
    try {
      return texts(await this.#client.evalsha(sha1, keyCount, ...keysAndArgs));
    } catch (thrown) {
      if (!(thrown instanceof Error && thrown.message.startsWith('NOSCRIPT'))) throw thrown;
      return texts(await this.#client.eval(text, keyCount, ...keysAndArgs));
    }
  }
}

function texts(answer: unknown): readonly string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
}

/** What a script found that did nothing for it; `NaN` where it is no version, or where something else went wrong. */
function storedVersion(thrown: unknown): number {
  const [, version] = (thrown instanceof Error && /^SCHEMA (\d+)/.exec(thrown.message)) || [];
  return Number(version ?? NaN);
}

function isIncompatible(thrown: unknown): boolean {
  return thrown instanceof Error && /^SCHEMA |\bWRONGTYPE\b/.test(thrown.message);
}

function incompatible({ name }: Script, prefix: string, version: number, cause: unknown): ManagedLLMError {
  const stored = storedVersion(cause);
  const what = Number.isNaN(stored)
    ? 'is not of this package. Give it a `prefix` of its own'
    : `is of version ${stored}, and this package knows versions up to ${version}. Update the package in this process, or give it a \`prefix\` of its own`;
  return new ManagedLLMError({
    code: 'state-incompatible',
    message: `\`redisState\`: \`${name}\` did nothing: what is stored under \`${prefix}\` ${what}.`,
    details: { stored: Number.isNaN(stored) ? undefined : stored, known: version },
    cause,
  });
}

function warnEmptied(prefix: string): void {
  process.emitWarning(
    `\`redisState\`: what was stored under \`${prefix}\` is gone. Budgets go on from what this process last saw used; receipts, documents and tallies are lost. Let Redis keep its data: with an append-only file, and without eviction.`,
    { type: 'ManagedLLMWarning', code: 'state-emptied' },
  );
}

function unreachable({ name }: Script, cause: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'state-unreachable',
    message: `\`redisState\`: \`${name}\` could not be asked. Check that Redis is up and that its client is connected.`,
    cause,
  });
}
