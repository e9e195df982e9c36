// Asks for users of its own whose calls of the canary fail, until all get stable, and tells its parent what it was told.
// node asker.ts <url> <prefix> <name>
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { canary, ManagedLLM, retry } from '../../../src/index.ts';
import { redisState } from '../../../src/redis.ts';
import { standIn } from '../../../src/testing/index.ts';

const [url = '', prefix = '', name = ''] = process.argv.slice(2);
const client = new Redis(url);
await once(client, 'ready');
const provider = standIn({ keepRequests: 0 }).when(({ model }) => model === 'next', { status: 500 });
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  state: redisState({ client, prefix }),
  interceptors: [
    canary({ name: 'next', canary: { model: 'openai/next' }, steps: [20, 50] }),
    retry({ maxAttempts: 1 }),
  ],
});
const changes: string[] = [];
const last: { percent?: number | undefined } = {};
llm.on('canary:change', ({ to }) => changes.push(to));
llm.on('call:end', ({ facts }) => (last.percent = facts.canaries?.[0]?.percent ?? last.percent));
for (let user = 0; last.percent !== 0 && user < 100_000; user++) {
  const { chat } = llm.with({ user: `${name}-${user}` }).clients.openai;
  await chat.completions.create({ model: 'now', messages: [] }).catch(() => undefined);
  await turn();
}
await llm.close();
client.disconnect();
process.send?.(JSON.stringify({ changes, ...last }), () => process.exit());
