// Tools: `llm.chat` runs them, at the same time where the model wants several, and asks again until it wants none. Their
// arguments are validated and typed; the same tools serve every provider, also when one takes over from another.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ManagedLLM, fallback, tool, type Message } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import * as z from 'zod';

const weather = tool({
  name: 'weather',
  description: 'The weather in a city',
  parameters: z.object({ city: z.string(), unit: z.enum(['C', 'F']).default('C') }),
  execute: ({ city, unit }) => ({ city, degrees: unit === 'C' ? 4 : 39 }),
});
const book = tool({
  name: 'book',
  description: 'Books a train',
  parameters: z.object({ to: z.string() }),
  async execute({ to }, { signal }) {
    signal.throwIfAborted();
    if (to === 'Atlantis') throw new Error('there is no line to Atlantis');
    return `a seat to ${to}`;
  },
});

const weatherIn = (city: string) => ({ name: 'weather', arguments: { city } });
const provider = standIn()
  .when({ model: 'gpt-6-luna' }, { toolCalls: [weatherIn('Oslo'), weatherIn('Bergen')] }, { times: 1 })
  .when({ model: 'gpt-6-luna' }, { status: 503, headers: { 'retry-after-ms': '1' } })
  .next({ toolCalls: [{ name: 'book', arguments: { to: 'Atlantis' } }] })
  .next({ toolCalls: [{ name: 'book', arguments: { to: 'Bergen' } }] })
  .next({ text: 'Booked: Bergen is as warm as Oslo.' });
const options = { apiKey: 'test', fetch: provider.fetch };
const llm = new ManagedLLM({
  providers: { openai: new OpenAI(options), anthropic: new Anthropic(options) },
  routes: { smart: fallback('openai/gpt-6-luna', 'anthropic/claude-haiku-5-5') },
});

const messages: Message[] = [{ role: 'user', content: 'Where is it warmer, Oslo or Bergen? Book me there.' }];
const reply = await llm.chat({ model: 'smart', messages, tools: [weather, book] }, { user: 'alice' });
messages.push(...reply.messages);

for (const { receipt, toolCalls, toolResults } of reply.steps) {
  console.log(`${receipt.target?.provider}: ${toolCalls.length} tools wanted`);
  for (const { content, isError } of toolResults) console.log(isError === true ? '  failed:' : '  ', content);
}
console.log(reply.text);

const [first] = reply.receipts;
const rest = reply.receipts.slice(1);
const belong = rest.every(({ parentId, caller }) => parentId === first?.callId && caller.user === 'alice');
console.log(`${reply.receipts.length} calls, one for each turn; all belong to the first: ${belong}`);
if (!belong || messages.length !== 9) process.exitCode = 1;
