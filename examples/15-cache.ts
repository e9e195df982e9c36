// Never pay twice: what was asked before is answered from what was kept, plain or streamed, and calls that ask the same at
// the same time are one request. In your own code leave `apiKey` and `fetch` out; a `state` that processes share, or
// `cache({ store: new Keyv(…) })`, shares answers too.
import OpenAI from 'openai';
import { ManagedLLM, cache } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn();
let count = 0;
provider.always(() => ({
  text: `Oslo (${++count})`,
  usage: { inputTokens: 2_000, outputTokens: 400 },
  latencyMs: 50,
}));
const answers = cache({ ttlMs: 3_600_000 });
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  models: { 'openai/gpt-6-luna': { price: { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } },
  interceptors: [answers],
});
let saved = 0;
llm.on('call:end', ({ caller, facts, costNanoUsd = 0 }) => {
  const { status, savedNanoUsd = 0 } = facts.cache ?? {};
  saved += savedNanoUsd;
  console.log(`  ${caller.tenant}: ${status}, cost $${costNanoUsd / 1e9}, saved $${savedNanoUsd / 1e9}`);
});

const question = { model: 'gpt-6-luna', input: 'The capital of Norway?' };
const ask = async (tenant: string): Promise<string> => {
  const { output_text } = await llm.with({ tenant }).clients.openai.responses.create(question);
  await llm.idle(); // answers are kept in the background
  return output_text;
};

console.log('Ten at the same time: one request');
await Promise.all(Array.from({ length: 10 }, () => ask('acme')));

console.log('Asked again, and as a stream: none');
await ask('acme');
const stream = await llm
  .with({ tenant: 'acme' })
  .clients.openai.responses.create({ ...question, stream: true });
for await (const event of stream)
  if (event.type === 'response.output_text.done') console.log(`  ${event.text}`);

console.log('Another tenant asks for itself');
await ask('globex');

console.log('Out of date: asked anew');
await answers.invalidate({ tenant: 'acme' });
await new Promise((resolve) => setTimeout(resolve, 2)); // calls of the same millisecond count as from before
await ask('acme');

await llm.close();
console.log(`${provider.requests.length} requests for 14 calls, $${saved / 1e9} saved`);
if (provider.requests.length !== 3) process.exitCode = 1;
