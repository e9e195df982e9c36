// The same question in other words is answered by what was kept; one that is almost the same, and means something else, is
// not. In your own code leave `apiKey` and `fetch` out, name a real model of embeddings, and begin with `shadow: true`.
import OpenAI from 'openai';
import { ManagedLLM, cache } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const provider = standIn(); // its embeddings know words alone: texts with the same words are similar
let count = 0;
provider.always(({ path }) =>
  path.endsWith('/embeddings')
    ? {}
    : { text: `Answer ${++count}`, usage: { inputTokens: 900, outputTokens: 300 } },
);
const answers = cache({ semantic: { embed: 'openai/text-embedding-3-small', minSimilarity: 0.6 } });
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
  models: { 'openai/gpt-6-luna': { price: { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 } } },
  interceptors: [answers],
});
const hits: string[] = [];
llm.on('call:end', ({ callId, parentId, facts: { cache: fact, semantic } }) => {
  if (parentId !== undefined) return; // the embedding of a question is a call of its own
  if (semantic?.verdict === 'given') hits.push(callId);
  const compared =
    semantic && `, ${semantic.similarity.toFixed(2)} ${semantic.verdict} ${semantic.difference ?? ''}`;
  console.log(`  ${fact?.kind} ${fact?.status}${compared ?? ''}`);
});

const ask = async (question: string): Promise<void> => {
  const { output_text } = await llm.clients.openai.responses.create({ model: 'gpt-6-luna', input: question });
  console.log(`${question}\n  ${output_text}`);
  await llm.idle(); // answers are kept in the background
};

await ask('How do I return the 3 items of my order?');
await ask('My order: how do I return the 3 items of it?'); // in other words
await ask('How do I return the 4 items of my order?'); // another number
await ask('How do I not return the 3 items of my order?'); // the opposite
await ask('What is the weather in Oslo?'); // something else

const [hit = ''] = hits;
const explained = await answers.explain(hit);
console.log(`Why: “${explained?.question}” was compared with “${explained?.compared[0]?.question}”`);
await answers.evict(hit); // suppose that was wrong: never again
await ask('My order: how do I return the 3 items of it?');

await llm.close();
console.log(`${count} answers bought for 6 questions`);
if (hits.length !== 1 || count !== 5) process.exitCode = 1;
