// Asks once for each of some users, in an experiment that is counted in Redis, and tells its parent their arms.
// node asker.ts <url> <prefix> <users>
import { once } from 'node:events';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { experiment, ManagedLLM } from '../../../src/index.ts';
import { redisState } from '../../../src/redis.ts';
import { standIn } from '../../../src/testing/index.ts';

const [url = '', prefix = '', users = ''] = process.argv.slice(2);
const client = new Redis(url);
await once(client, 'ready');
const length = experiment({
  name: 'length',
  arms: { control: {}, short: { parameters: { maxOutputTokens: 50 } } },
  decideBy: 'score',
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: standIn().fetch }) },
  state: redisState({ client, prefix }),
  interceptors: [length],
});
const arms: (string | undefined)[] = [];
llm.on('call:end', ({ facts }) => arms.push(facts.experiments?.[0]?.arm));
for (let user = 0; user < Number(users); user++)
  await llm
    .with({ user: `user-${user}` })
    .clients.openai.chat.completions.create({ model: 'gpt', messages: [] });
await llm.close();
client.disconnect();
process.send?.(JSON.stringify(arms), () => process.exit());
