import { setTimeout as sleep } from 'node:timers/promises';
import { memoryState } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { describeStateContract, manualClock } from 'managed-llm/testing';
import { afterAll, describe, test } from 'vitest';
import { PostgresStores, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';

describe('a state in this process', () => {
  const open = () => {
    const clock = manualClock();
    const state = memoryState({ clock });
    return { connect: () => state, pass: (ms: number) => clock.advance(ms) };
  };
  describeStateContract({ test }, { name: 'memory', open, accounts: true, receipts: true });
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
  describeStateContract({ test }, { name: 'redis', open, limiters: true, accounts: true, receipts: true });
});

describe.skipIf(withoutPostgres)('a state in PostgreSQL', () => {
  const stores = new PostgresStores();
  afterAll(() => stores.close());
  const open = () => stores.open();
  // Thousands of questions, each of which takes a disk's time.
  const patient = { test: (title: string, run: () => Promise<void>) => test(title, run, 30_000) };
  describeStateContract(patient, { name: 'postgres', open, limiters: true, accounts: true, receipts: true });
});
