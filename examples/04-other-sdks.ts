// Other SDKs take their calls through the chain by `llm.fetch(name)`: the Vercel AI SDK and LangChain here, their own
// keys and URLs untouched. In your own code leave `baseURL` and `apiKey` out.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import { ManagedLLM, consoleTelemetry, foreign, type Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const signature: Interceptor = {
  name: 'signature',
  stage: 'shape',
  on: ['chat'],
  intercept: (call, next) =>
    next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Sign as Example Ltd.') })),
};

const provider = standIn();
await using server = await provider.listen();
await using llm = new ManagedLLM({
  providers: { vercel: foreign(), langchain: foreign() },
  interceptors: [signature, consoleTelemetry()],
});

const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', fetch: llm.fetch('vercel') });
const anthropic = createAnthropic({
  baseURL: `${server.url}/v1`,
  apiKey: 'none',
  fetch: llm.fetch('vercel'),
});
const langchain = new ChatOpenAI({
  model: 'gpt-6-luna',
  apiKey: 'none',
  configuration: { baseURL: `${server.url}/v1`, fetch: llm.fetch('langchain') },
});

await llm.run({ user: 'alice' }, async () => {
  const { text } = await generateText({ model: openai('gpt-6-luna'), prompt: 'Hello from the AI SDK' });
  console.log(text);

  const streamed = streamText({ model: anthropic('claude-haiku-5-5'), prompt: 'Hello in a stream' });
  for await (const piece of streamed.textStream) process.stdout.write(`${piece}|`);
  console.log();

  console.log((await langchain.invoke('Hello from LangChain')).text);
});
await llm.idle();

const signed = provider.requests.filter(({ bodyText }) => bodyText.includes('Sign as Example Ltd.')).length;
console.log(`${signed} of ${provider.requests.length} requests carried the instruction`);
if (signed !== 3) process.exitCode = 1;
