import { setTimeout as sleep } from 'node:timers/promises';
import { cache, ManagedLLM, type Receipt, type State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { connectPool, dropSchema, freshSchema, withoutPostgres } from '../postgres.ts';
import { connect, withoutRedisServer } from '../redis.ts';
import { PostgresProxy } from './postgres-proxy.ts';

/** Calls through caches of their own over one store, as of several processes, in eight lines. */
async function callThrough(
  states: readonly State[],
  disturb: () => Promise<void>,
): Promise<readonly Receipt[]> {
  const provider = standIn();
  const receipts: Receipt[] = [];
  const fleet = states.map((state) => {
    const llm = new ManagedLLM({
      providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch, maxRetries: 0 }) },
      interceptors: [cache()],
      state,
      onError: () => {},
    });
    llm.on('call:end', (receipt) => void receipts.push(receipt));
    return llm;
  });
  const work = { begun: 0, isOver: false };
  const line = async (): Promise<void> => {
    while (work.begun < 200 || !work.isOver) {
      const index = (work.begun += 1);
      const { responses } = (fleet[index % fleet.length] ?? expect.fail('none')).clients.openai;
      const request = { model: 'gpt', input: `question ${index % 10}` };
      if (index % 3 > 0) await responses.create(request);
      else for await (const _event of await responses.create({ ...request, stream: true }));
      // Else all of them would be asked before anything happens.
      await sleep(2);
    }
  };
  const lines = Array.from({ length: 8 }, line);
  await disturb();
  work.isOver = true;
  await Promise.all(lines);
  // What was kept is found again.
  const [llm = expect.fail('none')] = fleet;
  const answer = async () => {
    await llm.clients.openai.responses.create({ model: 'gpt', input: 'at last' });
    await llm.idle();
    return receipts.at(-1)?.facts.cache?.status;
  };
  await expect.poll(answer, { timeout: 10_000 }).toBe('hit');
  for (const each of fleet) await each.close();
  return receipts;
}

function expectNoFailure(receipts: readonly Receipt[]): void {
  expect(receipts.length).toBeGreaterThanOrEqual(200);
  expect(receipts.filter(({ outcome }) => outcome !== 'finished')).toEqual([]);
  expect(receipts.some(({ facts }) => facts.cache?.status === 'hit')).toBe(true);
  expect(receipts.map(({ facts }) => facts.cache?.reason)).toContain('the store cannot be asked');
}

// What happens to real servers takes real time: so long calls go on before each of it, and while it lasts.
describe('no call fails', () => {
  test.skipIf(withoutRedisServer)(
    'when Redis is killed, comes back empty and hangs',
    async () => {
      await using server = await RedisServer.start();
      const clients = [1, 2].map(() => connect({ retryStrategy: () => 20 }, server.url));
      const states = clients.map((client) => redisState({ client }));
      const receipts = await callThrough(states, async () => {
        for (const hangs of [false, true]) {
          // Real time: calls go on against a real server meanwhile.
          await sleep(300);
          if (hangs) server.pause();
          else await server.kill();
          // Longer than anybody waits for it.
          await sleep(1_300);
          if (hangs) server.resume();
          else await server.restart();
        }
      });
      expectNoFailure(receipts);
      for (const client of clients) client.disconnect();
    },
    60_000,
  );

  test.skipIf(withoutPostgres)(
    'when PostgreSQL ends its connections, is gone and comes back',
    async () => {
      await using proxy = await PostgresProxy.start();
      const schema = freshSchema();
      const admin = connectPool();
      const pools = [1, 2].map(() => connectPool({ connectionString: proxy.url }));
      const states = pools.map((pool) => postgresState({ pool, schema }));
      try {
        const receipts = await callThrough(states, async () => {
          for (let round = 0; round < 3; round += 1) {
            // Real time: calls go on against a real server meanwhile.
            await sleep(200);
            await admin.query(
              `select pg_terminate_backend(pid) from pg_stat_activity where query like $1 and pid <> pg_backend_pid()`,
              [`%${schema}%`],
            );
          }
          await proxy.go();
          // A real server and real sockets: what was held up goes on.
          await sleep(300);
          await proxy.come();
        });
        expectNoFailure(receipts);
      } finally {
        for (const pool of pools) await pool.end();
        await dropSchema(admin, schema);
        await admin.end();
      }
    },
    60_000,
  );
});
