import type { Clock } from '../../core/clock.ts';
import { asCosine, unitOf, type UnitVector } from '../../core/unit-vector.ts';
import type { Neighbour, Vector, VectorStore } from '../../core/vector-store.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { answerWithin } from '../../state/redis/answer-within.ts';
import { GroupSweeps } from '../group-sweeps.ts';

/** What is used of a client of `ioredis`, 5 or 6: of its `Redis`, to one server or to sentinels, and of its `Cluster`. */
export interface RedisVectorsClient {
  readonly status: string;
  call(command: string, ...args: (string | Buffer)[]): Promise<unknown>;
}

/**
 * As they are: by eight bits a number (`Q8`) Redis would take a third of the room, and be wrong by up to 0.001. All of a group
 * are looked at (`TRUTH`), so the graph that Redis keeps beside is made as poor as it lets it be: making it as usual takes
 * its main thread 20 to 40 times as long.
 */
const kept = ['NOQUANT', 'M', '4', 'EF', '1'];
/** At a time, from one group. Where there is more, the next one who puts goes on. */
const sweptAtMost = 100;

/**
 * Vectors in vector sets (Redis documentation, "Vector sets", November 2026), a key for each group. One key a command, so that
 * they spread over a cluster. An element has no time to live of its own: when it ends is its attribute.
 */
export class VectorSets implements VectorStore {
  readonly #client: RedisVectorsClient;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #sweeps: GroupSweeps;
  /** It has answered before: what is asked while it is not connected would only pile up. */
  #begun = false;

  constructor(client: RedisVectorsClient, prefix: string, clock: Clock) {
    this.#client = client;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#sweeps = new GroupSweeps(clock);
  }

  async nearest(group: string, vector: Vector, count: number): Promise<readonly Neighbour[]> {
    const unit = unitOf(vector);
    if (unit === undefined || count < 1) return [];
    return this.#search(group, unit, count, `.untilMs > ${this.#clock.now()}`);
  }

  async put(group: string, id: string, vector: Vector, ttlMs: number): Promise<void> {
    const unit = unitOf(vector);
    if (unit === undefined) return this.delete(group, id);
    try {
      await this.#add(group, id, unit, ttlMs);
    } catch (thrown) {
      if (!saysOtherLength(thrown)) throw thrown;
      // Whoever embeds otherwise now begins anew: what was kept cannot be compared.
      await this.#ask('DEL', group);
      await this.#add(group, id, unit, ttlMs);
    }
    this.#sweeps.sweepWhenDue(group, () => this.#sweep(group, unit));
  }

  async delete(group: string, id: string): Promise<void> {
    await this.#ask('VREM', group, id);
  }

  /** The first of a group sets how long its key lasts, later ones only lengthen it. */
  async #add(group: string, id: string, unit: UnitVector, ttlMs: number): Promise<void> {
    const lastsMs = String(Math.ceil(ttlMs));
    const attributes = JSON.stringify({ untilMs: this.#clock.now() + ttlMs });
    await Promise.all([
      this.#ask('VADD', group, 'FP32', bytesOf(unit), id, ...kept, 'SETATTR', attributes),
      this.#ask('PEXPIRE', group, lastsMs, 'NX'),
      this.#ask('PEXPIRE', group, lastsMs, 'GT'),
    ]);
  }

  /** @param filter on attributes */
  async #search(
    group: string,
    unit: UnitVector,
    count: number,
    filter: string,
  ): Promise<readonly Neighbour[]> {
    try {
      const found = await this.#ask(
        ...(['VSIM', group, 'FP32', bytesOf(unit), 'WITHSCORES', 'COUNT', String(count)] as const),
        ...(['FILTER', filter, 'TRUTH'] as const),
      );
      return neighboursOf(found).slice(0, count);
    } catch (thrown) {
      if (saysOtherLength(thrown)) return [];
      throw thrown;
    }
  }

  /** Resolves to whether there may be more. */
  async #sweep(group: string, unit: UnitVector): Promise<boolean> {
    const over = await this.#search(group, unit, sweptAtMost, `.untilMs <= ${this.#clock.now()}`);
    await Promise.all(over.map(({ id }) => this.delete(group, id)));
    return over.length === sweptAtMost;
  }

  /** Rejects soon where the server cannot be asked. */
  async #ask(command: string, group: string, ...args: readonly (string | Buffer)[]): Promise<unknown> {
    const ready = this.#client.status === 'ready';
    this.#begun ||= ready;
    if (!ready && this.#begun) throw unreachable(command, undefined);
    const key = `${this.#prefix}${group}`;
    try {
      return await answerWithin(this.#clock, this.#client.call(command, key, ...args));
    } catch (thrown) {
      throw told(command, key, thrown);
    }
  }
}

/** As Redis reads them: four bytes each, the lowest first, as in the memory of every machine that Node runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: UnitVector): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Pairs of an id and a score; under RESP3 a client may be told to make them an object, whose order says nothing. */
function neighboursOf(answer: unknown): readonly Neighbour[] {
  const flat = Array.isArray(answer) ? answer : Object.entries(Object(answer)).flat();
  const found: Neighbour[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2)
    // A score is 0 where vectors point apart, 1 where they point the same way.
    found.push({ id: String(flat[at]), similarity: asCosine(2 * Number(flat[at + 1]) - 1) });
  return found.sort((a, b) => b.similarity - a.similarity);
}

function saysOtherLength(thrown: unknown): boolean {
  return thrown instanceof ManagedLLMError && messageOf(thrown.cause).includes('dimension mismatch');
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : '';
}

function told(command: string, key: string, thrown: unknown): ManagedLLMError {
  const message = messageOf(thrown);
  if (message.includes('unknown command'))
    return new ManagedLLMError({
      code: 'invalid-options',
      message:
        '`redisVectors.client` is of a server without vector sets, which Redis has from version 8 on. Give one of Redis 8, ' +
        'or keep vectors elsewhere: `memoryVectors()`, or `postgresVectors({ pool })` of `managed-llm/postgres`.',
      details: { path: 'redisVectors.client' },
      cause: thrown,
    });
  if (message.startsWith('WRONGTYPE') || message.includes('mismatch with existing'))
    return new ManagedLLMError({
      code: 'state-incompatible',
      message: `\`redisVectors\`: \`${command}\` did nothing: \`${key}\` is not of this package. Give it a \`prefix\` of its own.`,
      cause: thrown,
    });
  return unreachable(command, thrown);
}

function unreachable(command: string, cause: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'state-unreachable',
    message: `\`redisVectors\`: \`${command}\` could not be asked. Check that Redis is up and that its client is connected.`,
    cause,
  });
}
