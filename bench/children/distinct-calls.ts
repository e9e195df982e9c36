// Prints the bytes alive after each twentieth of so many calls, no two alike, through `cache()` over the state's memory:
// `distinct-calls.ts <calls>`, under --expose-gc. The memory is full before the first figure.
import { cache, memoryState } from 'managed-llm';
import { plainFetch } from '../canned.ts';
import { caller, governed } from '../clients.ts';
import { heapBytes } from './heap.ts';

const calls = Number(process.argv[2]);
const entries = 2_000;
const llm = governed(plainFetch('openai'), [cache()], memoryState({ cache: { entries } }));
let asked = 0;
const { plain } = caller('openai', llm.clients, { ask: () => `What is ${asked++} and one?` });

async function ask(count: number): Promise<void> {
  for (let made = 0; made < count; made++) await plain();
  await llm.idle();
}

await ask(10 * entries);
const parts = 20;
const alive: number[] = [heapBytes()];
for (let part = 0; part < parts; part++) {
  await ask(calls / parts);
  alive.push(heapBytes());
}
console.log(JSON.stringify(alive));
