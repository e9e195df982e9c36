import { ManagedLLM, pick } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { expect, test } from 'vitest';

// In a file of its own: prices are loaded once a process.
test('the first call that is routed by what models can do waits until that is known', async () => {
  const provider = standIn();
  const openai = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
  const routes = { seeing: pick({ from: ['openai/gpt-4', 'openai/gpt-5.5'], requires: ['vision'] }) };
  const llm = new ManagedLLM({ providers: { openai }, routes });
  const messages = [{ role: 'user' as const, content: 'Hi' }];
  await llm.clients.openai.chat.completions.create({ model: 'seeing', messages });
  expect(provider.requests.map(({ model }) => model)).toEqual(['gpt-5.5']);
});
