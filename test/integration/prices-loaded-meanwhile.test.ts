import { setImmediate as turn } from 'node:timers/promises';
import { ManagedLLM } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { expect, test, vi } from 'vitest';

// In a file of its own: prices are loaded once a process.
test('the first neutral call does not wait for prices once it is answered: they are loaded meanwhile', async () => {
  const clock = manualClock();
  const provider = standIn({ clock });
  const openai = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
  const llm = new ManagedLLM({ providers: { openai }, clock });
  provider.next({ text: 'Hello', usage: { inputTokens: 10, outputTokens: 2 }, latencyMs: 1_000 });
  const state = { answered: false };
  const reply = llm
    .chat({ model: 'openai/gpt-4o-mini', messages: 'Hi' })
    .finally(() => (state.answered = true));
  await expect.poll(() => provider.requests.length).toBe(1);
  await vi.dynamicImportSettled();
  await clock.advance(1_000);
  for (let turns = 0; turns < 20 && !state.answered; turns += 1) await turn();
  expect(state.answered).toBe(true);
  expect((await reply).receipt.costNanoUsd).toBe(10 * 150 + 2 * 600);
});
