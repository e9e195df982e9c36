// What it all cost, as a page: `receipts()` keeps a receipt of each call in the state, `renderReport` reads them. Over a
// store that outlasts the process, the command does the same: `npx managed-llm report --sqlite llm.db`.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { APIError } from 'openai';
import { ManagedLLM, budget, cache, experiment, receipts } from 'managed-llm';
import { renderReport } from 'managed-llm/report';
import { standIn } from 'managed-llm/testing';

const provider = standIn();
provider.always({ usage: { inputTokens: 900, outputTokens: 400 } });
const log = receipts({ keepDays: 90 });
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch, maxRetries: 0 }) },
  interceptors: [
    log,
    cache(),
    experiment({
      name: 'length',
      arms: { control: {}, short: { parameters: { maxOutputTokens: 200 } } },
      by: 'call',
    }),
    budget({ name: 'per-user-hourly', per: 'user', limitUsd: 0.05, window: 'hour' }),
  ],
});

const users = ['alice', 'bob', 'carol', 'dave'];
const features = ['search', 'chat', 'summaries'];
const models = ['gpt-6-luna', 'gpt-6.1-sol', 'gpt-5.4-mini'];
for (let index = 0; index < 120; index += 1) {
  const at = <T>(list: readonly T[], step: number): T => list[Math.floor(index / step) % list.length] as T;
  if (index % 40 === 39) provider.next({ status: 503 });
  const settings = { user: at(users, 1), tags: { feature: at(features, 5) } };
  const stream = index % 3 === 0;
  await llm
    .run(settings, async () => {
      const answer = await llm.clients.openai.responses.create({
        model: at(models, 2),
        input: index % 3 === 0 ? 'Opening hours?' : `Question ${index}`,
        stream,
      });
      if (Symbol.asyncIterator in answer) for await (const _event of answer);
    })
    .catch((error: unknown) => {
      if (!(error instanceof APIError)) throw error; // over budget, or the provider was down: both are on the page
    });
}

// By whatever you like, in numbers …
for (const { user, costUsd, savedUsd, calls, failed, refused } of await log.query({ by: ['user'] }))
  console.log(
    `${user}: $${costUsd.toFixed(4)} in ${calls} calls, $${savedUsd.toFixed(4)} saved; ${failed} failed, ${refused} refused`,
  );

// … and as a page, which needs no network. What the experiment counts is in the state a quarter of a second later.
await llm.idle();
const path = join(await mkdtemp(join(tmpdir(), 'managed-llm-')), 'report.html');
await writeFile(path, await renderReport({ state: log.state, title: 'What our calls cost' }));
console.log(`Open it in a browser: ${path}`);
await llm.close();
