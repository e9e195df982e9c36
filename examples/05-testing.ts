// Unit tests of your own code, through the real SDK classes, without network, keys or waiting. Run as `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { APIError } from 'openai';
import { ManagedLLM, type Receipt } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';

/** The code under test. */
async function summarize(client: OpenAI, text: string): Promise<string> {
  const stream = await client.chat.completions.create({
    model: 'gpt-6-luna',
    messages: [{ role: 'user', content: `Summarize: ${text}` }],
    stream: true,
  });
  let summary = '';
  for await (const chunk of stream) {
    summary += chunk.choices[0]?.delta.content ?? '';
    if (summary.includes('.')) break; // one sentence is enough
  }
  return summary;
}

function setUp() {
  const provider = standIn();
  const clock = manualClock();
  const openai = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
  const llm = new ManagedLLM({ providers: { openai }, clock });
  const receipts: Receipt[] = [];
  llm.on('call:end', (receipt) => receipts.push(receipt));
  return { provider, clock, receipts, client: llm.clients.openai };
}

test('keeps the first sentence and stops the provider', async () => {
  const { provider, receipts, client } = setUp();
  provider.next({ text: ['Short', '.', ' And', ' much', ' more', '.'] });
  assert.equal(await summarize(client, 'a long text'), 'Short.');
  assert.equal(provider.requests[0]?.cancelled, true);
  assert.equal(receipts[0]?.outcome, 'abandoned');
});

test('waits as long as a rate limit says, and no longer', async () => {
  const { provider, clock, receipts, client } = setUp();
  provider.next({ status: 429, headers: { 'retry-after': '20' } }, { text: 'Done.' });
  const summary = summarize(client, 'a text');
  await clock.advance(19_999);
  assert.equal(provider.requests.length, 1);
  await clock.advance(1);
  assert.equal(await summary, 'Done.');
  assert.equal(receipts[0]?.attempts.length, 2);
});

test('fails when the answer is cut off, rather than returning half of it', async () => {
  const { provider, client } = setUp();
  provider.next({ text: ['Half an', ' answer'], endWithoutTerminal: true });
  await assert.rejects(summarize(client, 'a text'), APIError);
});
