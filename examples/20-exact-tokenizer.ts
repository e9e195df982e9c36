// What a request will use and cost, before it is sent, and a tokenizer of your own for the figure that is expected.
import OpenAI from 'openai';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { ManagedLLM, type Tokenizer } from 'managed-llm';
import { standIn } from 'managed-llm/testing';

/** OpenAI's vocabulary, for OpenAI's models; all others are left to the built-in estimate. */
const exact: Tokenizer = {
  count: (text, { provider }) => (provider === 'openai' ? countTokens(text) : undefined),
};

const { fetch } = standIn();
// Words that no vocabulary has: they look like far fewer tokens than they are.
const messages = 'wozugri tebako fluminex pradoth quenbile '.repeat(40);

for (const [name, tokenizer] of Object.entries({ 'by its look': undefined, 'by gpt-tokenizer': exact })) {
  await using llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none', fetch }) },
    ...(tokenizer === undefined ? {} : { tokenizer }),
  });
  const told = await llm.estimate({ model: 'openai/gpt-6-luna', messages, maxOutputTokens: 500 });
  console.log(
    `${name}: ${told.inputTokens} tokens of input, never more than ${told.inputBound}; ` +
      `$${told.costUsd?.toFixed(6)}, never more than $${told.costBoundUsd?.toFixed(6)}`,
  );
}
