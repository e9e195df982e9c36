import { budget } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed, readAll, rejection, type Governed } from './governed.ts';

const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const request = { model: 'gpt', max_tokens: 2_000, messages: [{ role: 'user' as const, content: 'hello' }] };

function budgeted(): Governed & { readonly spend: ReturnType<typeof budget> } {
  const spend = budget({ name: 'daily', limitUsd: 1, window: 'day' });
  return {
    ...governed({ models: { 'openai/*': { price }, 'anthropic/*': { price } }, interceptors: [spend] }),
    spend,
  };
}

/** A chunk of a provider that tells with each what the answer has come to so far, as xAI and Perplexity do. */
function chunk(outputTokens: number, finish: string | null = null): object {
  return {
    object: 'chat.completion.chunk',
    model: 'gpt',
    choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: finish }],
    usage: { prompt_tokens: 8, completion_tokens: outputTokens, total_tokens: 8 + outputTokens },
  };
}

test('a stream that tells its usage as it goes and is broken off is counted at a bound, not at what it had told', async () => {
  const world = budgeted();
  world.provider.always({ events: Array.from({ length: 50 }, (_, index) => chunk(index + 1)) });
  const { completions } = world.llm.clients.openai.chat;
  for await (const _chunk of await completions.create({ ...request, stream: true })) break;
  await world.llm.idle();
  const [receipt] = world.receipts;
  expect(receipt).toMatchObject({
    outcome: 'abandoned',
    usage: { provenance: 'estimated' },
    facts: { spend: { basis: 'bound' } },
  });
  // Two seconds, in which the provider may go on at the model's top speed.
  expect((await world.spend.status()).usedUsd).toBeGreaterThan(1_000 * 10e-6);
});

test('one that is cut behind what it has come to is counted at that', async () => {
  const world = budgeted();
  const usage = { inputTokens: 8, outputTokens: 3 };
  world.provider.next({ usage });
  const ask = async () =>
    readAll(
      await world.llm.clients.anthropic.messages.create({
        ...request,
        stream: true,
      }),
    );
  await ask();
  const events = world.provider.requests[0]?.eventsProduced ?? 0;
  world.provider.next({ usage, cutAfterEvents: events - 1 });
  await rejection(ask());
  await world.llm.idle();
  expect(world.receipts[1]).toMatchObject({
    outcome: 'failed',
    facts: { spend: { basis: 'reported', chargedNanoUsd: 38_000 } },
  });
});

test('a failure behind the whole answer and its usage leaves that to be paid', async () => {
  const world = budgeted();
  const failure = { error: { message: 'The server had an error.', type: 'server_error' } };
  world.provider.always({ events: [chunk(1), chunk(2, 'stop'), failure] });
  const { completions } = world.llm.clients.openai.chat;
  const error = await rejection(completions.create({ ...request, stream: true }).then(readAll));
  expect(error).toBeInstanceOf(Error);
  await world.llm.idle();
  expect(world.receipts[0]).toMatchObject({
    outcome: 'failed',
    facts: { spend: { basis: 'reported', chargedNanoUsd: 28_000 } },
  });
});
