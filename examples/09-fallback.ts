// An outage is a few lines: a route over providers of different protocols, and who does what when one of them is in
// trouble. What asks stays as it was, in either SDK. In your own code leave `apiKey` and `fetch` out.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { InternalServerError } from 'openai';
import { ManagedLLM, ManagedLLMError, breaker, fallback, retry, timeLimits } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const claude = standIn();
const gpt = standIn();
const health = breaker();
await using llm = new ManagedLLM({
  providers: {
    anthropic: new Anthropic({ apiKey: 'none', fetch: claude.fetch }),
    openai: new OpenAI({ apiKey: 'none', fetch: gpt.fetch }),
  },
  routes: {
    smart: fallback('anthropic/claude-sonnet-5-5', 'openai/gpt-6-luna', {
      // Too long for one is for a larger one; what was filtered is not taken elsewhere; else on to the next.
      on: { 'context-overflow': 'openai/gpt-5.6-sol', 'content-policy': 'stop' },
    }),
  },
  interceptors: [retry(), health, timeLimits({ firstEventMs: 15_000, callMs: 120_000 })],
});
const { anthropic, openai } = llm.clients;
const messages = [{ role: 'user' as const, content: 'Hello' }];
const request = { model: 'smart' as const, max_tokens: 200, messages };

llm.on('call:end', ({ attempts }) => {
  const each = attempts.map(({ target, error }) => `${target.model}: ${error?.kind ?? 'answered'}`);
  console.log(`  ${each.join(', ')}`);
});

console.log('Overloaded: whichever SDK asks, the next provider answers');
claude.always({ status: 529 });
await openai.chat.completions.create(request);
await anthropic.messages.stream(request).finalText();

console.log('The prompt is too long: the larger model answers');
claude.always({ status: 413 });
await openai.chat.completions.create(request);

console.log('Switched off by hand: not even tried');
health.kill({ provider: 'anthropic', reason: 'see their status page' });
await anthropic.messages.create(request);
for (const { target, ready, reason } of (await llm.explain({ model: 'smart', messages })).choices)
  console.log(`  explain: ${target}, ${ready ? 'ready' : reason}`);
health.revive({ provider: 'anthropic' });

console.log('Nobody can: the SDK raises its own error, with all that was tried behind it');
claude.always({ status: 529 });
gpt.always({ status: 503, headers: { 'retry-after-ms': '10' } });
try {
  await openai.chat.completions.create(request);
} catch (error) {
  if (!(error instanceof InternalServerError)) throw error;
  const original = ManagedLLMError.from(error);
  console.log(`  ${error.status} ${original?.code}: ${original?.message}`);
}
