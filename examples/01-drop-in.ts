// A program written against `openai` and `@anthropic-ai/sdk`, unchanged below the line. Only where its clients come
// from is different. In your own code leave `baseURL` and `apiKey` out.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { InternalServerError } from 'openai';
import { ManagedLLM, consoleTelemetry, fallback } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn().when({ model: 'gpt-6-luna' }, { status: 503, headers: { 'retry-after-ms': '1' } });
await using server = await provider.listen();
await using llm = new ManagedLLM({
  providers: {
    openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' }),
    anthropic: new Anthropic({ baseURL: server.url, apiKey: 'none' }),
    local: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' }),
  },
  routes: { smart: fallback('openai/gpt-6-luna', 'local/llama3.2') },
  interceptors: [consoleTelemetry()],
});
const { openai, anthropic } = llm.clients;

// ---------------------------------------------------------------------------------------------------------------

const chat = await openai.chat.completions.create({
  model: 'smart', // a route: the first target is overloaded, the second answers
  messages: [{ role: 'user', content: 'Hello from the chat API' }],
});
console.log(chat.choices[0]?.message.content);

const { data, response } = await openai.responses
  .create({ model: 'local/llama3.2', input: 'Hello from the responses API', stream: true })
  .withResponse();
let text = '';
for await (const event of data) if (event.type === 'response.output_text.delta') text += event.delta;
console.log(`${text} (${(await llm.receipt(response)).usage?.outputTokens} tokens)`);

const stream = anthropic.messages.stream({
  model: 'claude-haiku-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Hello from the messages API' }],
});
console.log(await stream.finalText());

try {
  await openai.chat.completions.create(
    { model: 'gpt-6-luna', messages: [], temperature: 0 },
    { maxRetries: 0 },
  );
} catch (error) {
  if (!(error instanceof InternalServerError)) throw error;
  console.log(`still the SDK's own error class: ${error.constructor.name}, status ${error.status}`);
}
