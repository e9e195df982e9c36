// A budget per user and day in a web server, in Redis, so that all processes of it count together. Runs where Redis does
// (REDIS_URL, or the usual local port), else in this process's memory, which it says.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError, budget } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { standIn } from 'managed-llm/testing';

const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', {
  lazyConnect: true,
  retryStrategy: () => null,
});
redis.on('error', () => {});
const isThere = await redis.connect().then(
  () => true,
  () => false,
);
if (!isThere) console.log('No Redis here: each process counts for itself.');

const provider = standIn();
provider.always({ text: 'Enough for today, and some for tomorrow. '.repeat(80) });
const spend = budget({
  name: 'per-user-daily',
  per: 'user',
  limitUsd: { by: { alice: 0.008 }, default: 0.003 },
  window: 'day',
  timeZone: 'Europe/Berlin',
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) }, // yours: `new OpenAI()`
  models: { 'openai/gpt-6-luna': { price: { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } },
  interceptors: [spend],
  ...(isThere ? { state: redisState({ client: redis, prefix: `example-13:${process.pid}:` }) } : {}),
  onError: (error) => console.log(`told: ${error.code}`),
});
llm.on('budget:alert', ({ subject, share, usedUsd }) =>
  console.log(`  ${subject} has used ${share * 100} % ($${usedUsd.toFixed(4)})`),
);

const app = express().use(express.json());
// Who asks is known to the server, and holds for everything inside.
app.use((request, _response, next) => llm.run({ user: request.get('x-user') ?? 'nobody' }, next));
app.post('/ask', async (request, response) => {
  const completion = await llm.clients.openai.chat.completions.create({
    model: 'gpt-6-luna',
    max_completion_tokens: 1_000,
    messages: [{ role: 'user', content: String(request.body.question) }],
  });
  response.json({ answer: completion.choices[0]?.message.content });
});
app.get('/budget', async (request, response) => {
  response.json(await spend.status({ user: request.get('x-user') ?? 'nobody' }));
});
app.use(((error, _request, response, next) => {
  const refusal = ManagedLLMError.from(error);
  if (refusal?.code !== 'budget-exceeded') return next(error);
  response.status(402).json({ error: 'That was all for today.', resetAt: refusal.details['resetAt'] });
}) satisfies express.ErrorRequestHandler);
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const ask = async (user: string): Promise<number> => {
  const response = await fetch(`${url}/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': user },
    body: JSON.stringify({ question: 'How much is left?' }),
  });
  return response.status;
};
for (const user of ['alice', 'bob']) {
  const statuses = await Promise.all(Array.from({ length: 30 }, () => ask(user)));
  const answered = statuses.filter((status) => status === 200).length;
  const { usedUsd, limitUsd = 0 } = await spend.status({ user });
  console.log(`${user}: ${answered} of 30 answered, $${usedUsd.toFixed(4)} of $${limitUsd} used`);
  if (usedUsd > limitUsd || answered === 0 || answered === 30) process.exitCode = 1;
}
console.log(await (await fetch(`${url}/budget`, { headers: { 'x-user': 'bob' } })).json());

server.close();
await llm.close();
redis.disconnect();
