// A ceiling round any code: `llm.run({ maxCostUsd }, …)`. An agent that goes round in circles, in the SDKs it was written
// with, streams and tools included, stops before it has spent more. In your own code leave `apiKey` and `fetch` out.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { ManagedLLM, ManagedLLMError } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

const prices = {
  'gpt-6-luna': { inputUsdPerMTok: 0.1, outputUsdPerMTok: 0.5 },
  'claude-sonnet-5-5': { inputUsdPerMTok: 2, outputUsdPerMTok: 10 },
};
const provider = standIn({ prices });
provider.always({ text: 'Not there yet: say more of it, and say it better. '.repeat(80) });
const options = { apiKey: 'none', fetch: provider.fetch };
const llm = new ManagedLLM({
  providers: { openai: new OpenAI(options), anthropic: new Anthropic(options) },
  // Found in the price catalogue, too; what is stated here goes before it.
  models: {
    'openai/gpt-6-luna': { price: prices['gpt-6-luna'] },
    'anthropic/claude-sonnet-5-5': { price: prices['claude-sonnet-5-5'] },
  },
});

/** Code that knows nothing of money. */
async function agent(task: string): Promise<string> {
  let notes = task;
  for (let step = 1; ; step++) {
    const stream = llm.clients.anthropic.messages.stream({
      model: 'claude-sonnet-5-5',
      max_tokens: 2_000,
      messages: [{ role: 'user', content: `Step ${step}. ${notes}` }],
    });
    notes = await stream.finalText();
    // Several at once: they share the ceiling, too.
    const checks = await Promise.all(
      ['facts', 'style', 'length'].map((what) =>
        llm.clients.openai.chat.completions.create({
          model: 'gpt-6-luna',
          messages: [{ role: 'user', content: `Check the ${what}: ${notes}` }],
        }),
      ),
    );
    if (checks.every(({ choices }) => choices[0]?.message.content === 'Fine.')) return notes;
  }
}

const scope = llm.track(() => llm.run({ maxCostUsd: 0.5 }, () => agent('Write the report')));
try {
  console.log(await scope.result);
} catch (error) {
  const refusal = ManagedLLMError.from(error);
  if (refusal?.code !== 'ceiling-exceeded') throw error;
  console.log(refusal.message);
  console.table(refusal.details['spent']);
}

const { receipts, costUsd = Number.NaN } = await scope.settled;
const billed = Object.values(provider.books).reduce((sum, { billedNanoUsd }) => sum + billedNanoUsd, 0) / 1e9;
console.log(
  `${receipts.length} calls for $${costUsd.toFixed(4)}; the provider's own books say $${billed.toFixed(4)}`,
);

// Ceilings hold together: a step may have its own, inside that of the whole.
await llm.run({ maxCostUsd: 0.5 }, async () => {
  const step = llm.run({ maxCostUsd: 0.01 }, () => agent('Summarize'));
  console.log(
    await step.catch((error: unknown) => ManagedLLMError.from(error)?.details['ceiling']),
    'ended the step',
  );
});
if (billed > 0.5 || costUsd !== billed) process.exitCode = 1;
