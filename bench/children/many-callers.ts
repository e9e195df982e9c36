// Prints the bytes alive after each twentieth of so many calls, each by a caller never seen before:
// `many-callers.ts <count>`, under --expose-gc.
import OpenAI from 'openai';
import { ManagedLLM } from 'managed-llm';
import { plainFetch, prompt } from '../canned.ts';
import { bareClients } from '../clients.ts';
import { heapBytes } from './heap.ts';

const count = Number(process.argv[2]);
const { openai, anthropic } = bareClients(plainFetch('openai'));
const llm = new ManagedLLM({
  providers: {
    openai,
    anthropic,
    own: () => new OpenAI({ apiKey: 'bench', fetch: plainFetch('openai') }),
  },
});
llm.on('call:end', () => {});
const params = { model: 'gpt-5-mini', messages: [{ role: 'user' as const, content: prompt }] };

let callers = 0;
/** Every tenth call goes through a client of the caller's own. */
async function call(): Promise<void> {
  const index = callers++;
  await llm.run({ user: `user-${index}`, tenant: `tenant-${index}`, tags: { turn: `${index}` } }, () => {
    const client = index % 10 === 0 ? llm.clients.own : llm.clients.openai;
    return client.chat.completions.create(params);
  });
}

// Bounded tables fill up first: clients are kept for the last thousand callers.
for (let made = 0; made < 20_000; made++) await call();
const parts = 20;
const alive: number[] = [heapBytes()];
for (let part = 0; part < parts; part++) {
  for (let made = 0; made < count / parts; made++) await call();
  await new Promise((resolve) => setImmediate(resolve));
  alive.push(heapBytes());
}
console.log(JSON.stringify(alive));
