// Sending no more than a provider lets through: by stated limits, by what its answers tell, by priority; and no more than
// a user may ask for. In your own code leave `apiKey` and `fetch` out.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { RateLimitError } from 'openai';
import { ManagedLLM, ManagedLLMError, limit, throttle } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

// The provider lets 10 requests through at once and 50 a second, which nobody has told the throttle.
const provider = standIn({ rateLimit: { requestsPerMinute: 3_000, burstRequests: 10 } });
provider.always({ latencyMs: 5 });
const options = { apiKey: 'none', fetch: provider.fetch };
const pace = throttle({
  openai: { concurrency: 5 },
  anthropic: { inputTokensPerMinute: 400_000, outputTokensPerMinute: 80_000 },
  'anthropic/claude-opus-5-5': { requestsPerMinute: 50 }, // besides its provider's
});
const perUser = limit({ per: 'user', requestsPerMinute: 3, onMissing: 'skip' });
await using llm = new ManagedLLM({
  providers: { openai: new OpenAI(options), anthropic: new Anthropic(options) },
  interceptors: [pace, perUser],
});
const ask = async ({ clients: { openai } }: Pick<typeof llm, 'clients'>): Promise<string> =>
  (await openai.responses.create({ model: 'gpt-6-luna', input: 'Hello' })).output_text;

// Twice as many as would pass at once. Batch calls give way to those that a person waits for.
const order: string[] = [];
const priorities = [...Array<'batch'>(19).fill('batch'), 'interactive'] as const;
await Promise.all(priorities.map((priority) => ask(llm.with({ priority })).then(() => order.push(priority))));
const refused = provider.requests.filter(({ status }) => status === 429).length;
console.log(`20 calls at once, ${refused} refused by the provider`);
console.log(
  `the interactive one was the last to come and number ${order.indexOf('interactive') + 1} to be answered`,
);

for (const { limiter, waiting, running, concurrency, limits } of await pace.status()) {
  const { learnt, left = 0 } = limits.requestsPerMinute ?? {};
  const stated = concurrency === undefined ? '' : `, ${running} of ${concurrency} under way`;
  const told = learnt === undefined ? '' : `, told ${learnt} a minute, of which ${Math.floor(left)} are left`;
  console.log(`  ${limiter}: ${waiting} waiting${stated}${told}`);
}

// What a user may ask for. The SDK raises its own class for a 429, and does not repeat it.
const alice = llm.with({ user: 'alice' });
await Promise.all([ask(alice), ask(alice), ask(alice)]);
console.log('alice:', (await perUser.status({ user: 'alice' })).requestsPerMinute?.left, 'left');
try {
  await ask(alice);
} catch (error) {
  if (!(error instanceof RateLimitError)) throw error;
  console.log(`${error.constructor.name}, retry-after ${error.headers.get('retry-after')} s:`);
  console.log(`  ${ManagedLLMError.from(error)?.message}`);
}
if (refused > 0) process.exitCode = 1;
