// Code written against one SDK, answered by the other's provider: streams, tools and parsed output included.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError, fallback } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const { fetch } = standIn()
  .when({ model: 'gpt-5.6-sol' }, { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] })
  .when({ model: 'gpt-6-luna' }, { status: 503 });
await using llm = new ManagedLLM({
  providers: {
    openai: new OpenAI({ apiKey: 'none', fetch, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: 'none', fetch }),
  },
  routes: { smart: fallback('openai/gpt-6-luna', 'anthropic/claude-sonnet-5-5') },
});
const { openai, anthropic } = llm.clients;

// OpenAI's stream helper, reading what Claude says: the first target is down.
const stream = openai.chat.completions.stream({
  model: 'smart',
  messages: [{ role: 'user', content: 'Hello from the chat API' }],
});
console.log(await stream.finalContent());

// Anthropic's types, filled by a model behind the chat API.
const message = await anthropic.messages.create({
  model: 'openai/gpt-5.6-sol',
  max_tokens: 500,
  tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }],
  messages: [{ role: 'user', content: 'How is the weather in Oslo?' }],
});
console.log(message.stop_reason, message.content);

// What the other side has no place for is told, or refused where it matters.
const request = {
  model: 'anthropic/claude-sonnet-5-5',
  input: 'Hello',
  truncation: 'auto',
  seed: 7,
} as const;
const { data, response } = await openai.responses.create(request).withResponse();
const { losses } = await llm.receipt(response);
console.log(data.output_text, losses);
try {
  await llm.with({ onUnsupported: 'refuse' }).clients.openai.responses.create(request);
} catch (error) {
  console.log(ManagedLLMError.from(error)?.message);
}
