import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { State } from 'managed-llm';
import { promptRegistry } from 'managed-llm/prompts';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { RedisServer } from './fleet/redis-server.ts';
import { Member, type Place } from './prompt-registry/member-process.ts';
import { readFrom, SourceServer } from './prompt-registry/source-server.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { Goals } from './race/goals.ts';

export const proof: Proof = {
  name: 'prompt-registry',
  claim:
    'When the source of prompts is killed, comes back, or hangs, again and again and under load, no call fails, also in a ' +
    'process that starts meanwhile; labels that are moved then arrive in every process.',
  run,
};

const prompt = 'greeting';
const processes = 2;
/** Long enough for every process to have asked in vain. */
const downMs = 500;
const upMs = 200;
const arriveWithinMs = 10_000;
/** Several processes begin at once. */
const beginWithinMs = 30_000;

/** A fleet's state, and a client of it to move labels by. */
interface Shared extends AsyncDisposable {
  readonly place: Place;
  /** Of the one who moves labels; none where the processes share nothing. */
  readonly state: State | undefined;
}

const kinds: { readonly name: string; open(): Promise<Shared> }[] = [
  {
    name: 'memory, one process',
    open: async () => ({
      place: { kind: 'memory', where: '', prefix: '' },
      state: undefined,
      [Symbol.asyncDispose]: async () => {},
    }),
  },
  { name: 'a file of SQLite', open: async () => inFile() },
  { name: 'Redis', open: inRedis },
];

async function run({ small, log }: ProofContext): Promise<ProofResult> {
  const goals = new Goals();
  const rounds = small ? 2 : 12;
  const rows = await Promise.all(
    kinds.map(async (kind) => {
      await using shared = await kind.open();
      return await endure(kind.name, shared, rounds, goals, log);
    }),
  );
  return {
    sample: `${kinds.length} states, ${processes} processes each with 2 callers (memory: one); ${rounds} times killed and started again, and once hanging`,
    rows,
    passed: goals.met,
    failures: goals.missed,
    notes: [
      'a call: the version of a label and the newest version are asked for, and the first is sent to a stand-in',
      'late: processes that were started while the source was dead; they use what the state has kept',
      'arrived after: the longest from when a label was moved, with the source dead, until each process used it',
    ],
  };
}

async function endure(
  name: string,
  { place, state }: Shared,
  rounds: number,
  goals: Goals,
  log: ProofContext['log'],
): Promise<ProofRow> {
  let versions = rounds + 2;
  await using source = await SourceServer.start(versions);
  const registry = promptRegistry({
    source: readFrom(source.url),
    ...(state === undefined ? {} : { state }),
    loadTimeoutMs: 500,
    onError: () => {},
  });
  if (state !== undefined) await registry.label(prompt, 'production', '1', { by: 'proof' });
  const start = (): Member => new Member(source.url, place, prompt);
  const members = Array.from({ length: state === undefined ? 1 : processes }, start);
  let slowestMs = 0;
  let late = 0;
  const arrives = async (version: string, when: string): Promise<void> => {
    const movedAt = performance.now();
    if (state === undefined) await members[0]?.move(version);
    else await registry.label(prompt, 'production', version, { by: 'proof' });
    for (const [index, member] of members.entries()) {
      const isThere = await member.isGiven(version, undefined, arriveWithinMs);
      goals.that(isThere, `${name}, process ${index}: the label has not arrived ${when}`);
      slowestMs = Math.max(slowestMs, (member.arrivedAt(version) ?? Infinity) - movedAt);
    }
  };
  const comesBack = async (when: string, withinMs = arriveWithinMs): Promise<void> => {
    for (const [index, member] of members.entries())
      goals.that(
        await member.isGiven(`${version}`, `${versions}`, withinMs),
        `${name}, process ${index}: version ${versions} has not arrived ${when}`,
      );
  };
  let version = 1;
  await comesBack('at first', beginWithinMs);
  for (let round = 1; round <= rounds; round += 1) {
    log(`${name}, ${round} of ${rounds}`);
    await sleep(upMs);
    await source.kill();
    if (state !== undefined && round === 1) {
      const begun = start();
      members.push(begun);
      late += 1;
      goals.that(
        await begun.isGiven(`${version}`, `${versions}`, beginWithinMs),
        `${name}: a process that was started while the source was dead has not got the newest version`,
      );
    }
    await sleep(downMs);
    version += 1;
    await arrives(`${version}`, `while the source was dead, round ${round}`);
    versions += 1;
    await source.restart(versions);
    await comesBack(`after the source was started again, round ${round}`);
  }
  source.pause();
  await sleep(downMs * 2);
  version += 1;
  await arrives(`${version}`, 'while the source hung');
  source.resume();
  await sleep(upMs);
  const ends = await Promise.all(members.map((member) => member.stop()));
  await registry.close();
  const failures = ends.flatMap((end) => end.failures);
  const calls = ends.reduce((sum, end) => sum + end.calls, 0);
  goals.that(failures.length === 0, `${name}: ${failures.length} calls failed, first: ${failures[0]}`);
  goals.that(calls >= 100, `${name}: only ${calls} calls`);
  return {
    state: name,
    kills: rounds,
    calls,
    failed: failures.length,
    'processes, late': `${members.length}, ${late}`,
    'labels moved': version - 1,
    'arrived after, ms': Math.round(slowestMs),
  };
}

function inFile(): Shared {
  const folder = mkdtempSync(join(tmpdir(), 'prompt-registry-'));
  const where = join(folder, 'llm.db');
  return {
    place: { kind: 'sqlite', where, prefix: '' },
    state: sqliteState({ path: where }),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  };
}

async function inRedis(): Promise<Shared> {
  const server = await RedisServer.start();
  const client = new Redis(server.url);
  await client.ping();
  await client.ping();
  return {
    place: { kind: 'redis', where: server.url, prefix: 'proof:' },
    state: redisState({ client, prefix: 'proof:' }),
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}
