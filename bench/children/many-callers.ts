// Prints the bytes alive after each twentieth of so many calls by so many callers in turn, with everything on that keeps
// something for a target or a caller: `many-callers.ts <calls> <callers>`, under --expose-gc. As many callers as calls
// means one never seen before each time; else all of them have called before the first figure.
import OpenAI from 'openai';
import { breaker, fallback, limit, ManagedLLM, retry, throttle, timeLimits } from 'managed-llm';
import { plainFetch, prompt } from '../canned.ts';
import { bareClients } from '../clients.ts';
import { heapBytes } from './heap.ts';

const [calls = 0, callers = 0] = process.argv.slice(2).map(Number);
const returning = callers < calls;
const { openai, anthropic } = bareClients(plainFetch('openai'));
const most = { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1_000 };
const llm = new ManagedLLM({
  providers: {
    openai,
    anthropic,
    own: () => new OpenAI({ apiKey: 'bench', fetch: plainFetch('openai') }),
  },
  routes: { smart: fallback('openai/gpt-5-mini', 'anthropic/claude-sonnet-5-5') },
  interceptors: [
    retry(),
    breaker(),
    throttle({ openai: most, anthropic: most, own: most }),
    timeLimits({ firstEventMs: 10_000, attemptMs: 60_000, callMs: 120_000 }),
    // What a limit knows of a caller it has to know for as long as it counts: a day of callers never seen again is no leak.
    ...(returning ? [limit({ per: 'user', requestsPerMinute: 1e9, requestsPerDay: 1_000 })] : []),
  ],
});
llm.on('call:end', () => {});
const messages = [{ role: 'user' as const, content: prompt }];

let made = 0;
/** Every tenth call goes through a client of the caller's own. */
async function call(): Promise<void> {
  const index = made++;
  const who = index % callers;
  await llm.run({ user: `user-${who}`, tenant: `tenant-${who}`, tags: { turn: `${index}` } }, () =>
    index % 10 === 0
      ? llm.clients.own.chat.completions.create({ model: 'gpt-5-mini', messages })
      : llm.clients.openai.chat.completions.create({ model: 'smart', messages }),
  );
}

// Bounded tables fill up first: clients are kept for the last thousand callers, limits of two thousand keys.
for (const before = returning ? callers : 40_000; made < before;) await call();
const parts = 20;
const alive: number[] = [heapBytes()];
for (let part = 0; part < parts; part++) {
  for (let left = calls / parts; left > 0; left--) await call();
  await new Promise((resolve) => setImmediate(resolve));
  alive.push(heapBytes());
}
console.log(JSON.stringify(alive));
