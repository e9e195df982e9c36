import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryState, type Clock, type State } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { describeStateContract, manualClock } from 'managed-llm/testing';
import { afterAll, describe, test } from 'vitest';
import { realClock } from '../../src/core/clock.ts';
import { PostgresStores, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';

/** What all of ours have. */
const parts = { accounts: true, receipts: true, cache: true, documents: true, tallies: true };

describe('a state in this process', () => {
  const open = () => {
    const clock = manualClock();
    const state = memoryState({ clock });
    return { connect: () => state, pass: (ms: number) => clock.advance(ms) };
  };
  describeStateContract({ test }, { name: 'memory', open, ...parts });
});

describe('a state in a file of SQLite', () => {
  const open = () => {
    const folder = mkdtempSync(join(tmpdir(), 'managed-llm-state-'));
    // Time runs by itself, for those who wait for a slot that another connection frees, and is put forward to pass.
    let passedMs = 0;
    const clock: Clock = { ...realClock, now: () => performance.timeOrigin + performance.now() + passedMs };
    const states: State[] = [];
    return {
      connect: () => {
        const state = sqliteState({ path: join(folder, 'state.db'), clock });
        states.push(state);
        return state;
      },
      pass: (ms: number) => {
        passedMs += ms;
      },
      close: async () => {
        for (const state of states) await state.dispose?.();
        rmSync(folder, { recursive: true });
      },
    };
  };
  describeStateContract({ test }, { name: 'sqlite', open, ...parts, limiters: true });
});

describe.skipIf(withoutRedis)('a state in Redis', () => {
  const open = () => {
    const prefix = freshPrefix();
    const clients: ReturnType<typeof connect>[] = [];
    return {
      connect: () => {
        const client = connect();
        clients.push(client);
        return redisState({ client, prefix });
      },
      // The server's clock cannot be driven.
      pass: (ms: number) => sleep(ms),
      close: async () => {
        const ready = clients.filter(({ status }) => status === 'ready');
        // What was told without waiting for it is done by then.
        await Promise.all(ready.map((client) => client.ping()));
        for (const client of ready.slice(0, 1)) await clear(client, prefix);
        for (const client of clients) client.disconnect();
      },
    };
  };
  describeStateContract({ test }, { name: 'redis', open, ...parts, limiters: true });
});

describe.skipIf(withoutPostgres)('a state in PostgreSQL', () => {
  const stores = new PostgresStores();
  afterAll(() => stores.close());
  const open = () => stores.open();
  // Thousands of questions, each of which takes a disk's time.
  const patient = { test: (title: string, run: () => Promise<void>) => test(title, run, 30_000) };
  describeStateContract(patient, { name: 'postgres', open, ...parts, limiters: true });
});
