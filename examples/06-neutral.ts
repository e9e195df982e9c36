// One API for every provider: one question asked of OpenAI, Anthropic and a local server, plain, streamed, as a typed
// object and as a web response. In your own code leave `fetch` and `apiKey` out.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError, fallback } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import * as z from 'zod';

const provider = standIn();
const options = { apiKey: 'test', fetch: provider.fetch };
await using llm = new ManagedLLM({
  providers: {
    openai: new OpenAI(options),
    anthropic: new Anthropic(options),
    local: new OpenAI({ ...options, baseURL: 'http://127.0.0.1:11434/v1' }),
  },
  routes: { smart: fallback('openai/gpt-6-luna', 'anthropic/claude-haiku-5-5', 'local/llama3.2') },
});

const question = { messages: 'Why is the sky blue?', maxOutputTokens: 200 };
for (const model of ['openai/gpt-6-luna', 'anthropic/claude-haiku-5-5', 'local/llama3.2']) {
  const { text, stop, usage, receipt } = await llm.chat({ model, ...question }, { user: 'alice' });
  const target = `${receipt.target?.provider}/${receipt.target?.model}`;
  console.log(`${target}: ${text} (${stop}, ${usage?.outputTokens} tokens)`);
}

// The same as it grows; a route picks who answers, whatever protocol that one speaks.
provider.when({ model: 'gpt-6-luna' }, { status: 503, headers: { 'retry-after-ms': '1' } });
const stream = llm.stream({ model: 'smart', ...question });
for await (const event of stream) if (event.type === 'text-delta') process.stdout.write(`${event.text}|`);
console.log(` from ${(await stream.reply).receipt.target?.provider}`);

// A request handler: the client's abort stops the provider.
const handler = (request: Request): Response =>
  llm.stream({ model: 'smart', ...question }, { signal: request.signal }).toResponse();
const body = await handler(new Request('http://localhost/ask')).text();
console.log(body.split('\n').filter((line) => line.startsWith('event:')).length, 'server-sent events');

const City = z.object({ name: z.string(), people: z.number() });
provider.next({ json: { name: 'Oslo' } }, { json: { name: 'Oslo', people: 717_710 } });
const { object } = await llm.object({
  model: 'anthropic/claude-haiku-5-5',
  messages: 'The capital of Norway',
  schema: City,
  repair: 1, // the first answer lacks something: the model is told so and asked again
});
console.log(object.name, object.people);

const failed = llm.chat({ model: 'openai/gpt-6-luna', ...question }, { deadlineMs: 5_000 });
const error = await failed.catch((thrown: unknown) => thrown);
if (!ManagedLLMError.isInstance(error) || error.code !== 'provider-failure') throw error;
console.log(error.message, error.retryable);
