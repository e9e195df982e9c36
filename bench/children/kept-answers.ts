// Prints how many bytes an answer takes that `cache()` keeps in memory: `kept-answers.ts <count>`, under --expose-gc.
import { cache, memoryState } from 'managed-llm';
import { plainFetch, prompt } from '../canned.ts';
import { caller, governed } from '../clients.ts';
import { heapBytes } from './heap.ts';

const count = Number(process.argv[2]);
const state = memoryState({ cache: { entries: count + 1_000, bytes: 2 ** 40 } });
const llm = governed(plainFetch('openai'), [cache()], state);
let asked = 0;
const { plain } = caller('openai', llm.clients, { ask: () => `${asked++} ${prompt}` });

async function keep(answers: number): Promise<void> {
  for (let kept = 0; kept < answers; kept++) await plain();
  await llm.idle();
}

// What the first calls leave behind (compiled code, tables of the SDK) is no answer's own.
await keep(1_000);
const before = heapBytes();
await keep(count);
console.log((heapBytes() - before) / count);
