// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there.
import { definePrompt, ManagedLLM, type Prompt, type PromptValue } from 'managed-llm';
import { diffPrompts, promptFolder, promptRegistry, type PromptDiff } from 'managed-llm/prompts';
import { OpenAI } from 'openai';
import { expectTypeOf } from 'vitest';
import * as z from 'zod';

const openai = new OpenAI();
const llm = new ManagedLLM({ providers: { openai } });
const support = definePrompt({
  name: 'support',
  version: '3',
  model: 'gpt-5-mini',
  template: 'Answer {{question}}.',
  output: z.object({ answer: z.string() }),
});

// Prompts of the code, a folder, a function, and whatever loads.
const registry = promptRegistry({ source: [support] });
promptRegistry({ source: promptFolder('prompts', { watch: true }) });
promptRegistry({ source: (name) => [{ name, version: '1', template: 'x' }] });
promptRegistry({
  source: async (_name, { version, signal }) => [await fetch(`/${version}`, { signal })],
});
promptRegistry({ source: { load: () => ({ versions: [support] }), names: () => ['support'] } });
// @ts-expect-error there is no such option
promptRegistry({ source: [support], freshMS: 1 });
// @ts-expect-error names are no prompts
promptRegistry({ source: ['support'] });

// By its name, a prompt has the types of one that was read from JSON.
expectTypeOf(await registry.get('support')).toEqualTypeOf<Prompt>();

// By a prompt of the code, it has the types of that one; only the model may be another one.
const typed = await registry.get(support, { label: 'production' });
expectTypeOf<Parameters<typeof typed.render>[0]>().toEqualTypeOf<{ readonly question: PromptValue }>();
expectTypeOf(typed.model).toEqualTypeOf<string>();
typed.render({ question: 'Where?' });
// @ts-expect-error misspelt
typed.render({ qestion: 'Where?' });
await openai.chat.completions.create(...typed.openai({ question: 'Where?' }));
const { object } = await llm.object({
  prompt: typed,
  variables: { question: 'Where?' },
  model: 'openai/gpt',
});
expectTypeOf(object).toEqualTypeOf<{ answer: string }>();
const parsed = await openai.chat.completions.parse(...typed.openai({ question: 'Where?' }));
expectTypeOf(parsed.choices[0]!.message.parsed).toEqualTypeOf<{ answer: string } | null>();

// One without a model still needs one in the call.
const open = await registry.get(definePrompt({ name: 'open', version: '1', template: 'Hi.' }));
expectTypeOf(open.model).toEqualTypeOf<undefined>();
// @ts-expect-error no model
await openai.chat.completions.create(...open.openai());
await openai.chat.completions.create(...open.openai({}, { model: 'gpt-5-mini' }));

// Who moves a label says who it is.
await registry.label('support', 'production', '4', { by: 'alice', note: 'faster' });
// @ts-expect-error nobody
await registry.rollback('support', 'production', {});
expectTypeOf(await registry.rollback('support', 'production', { by: 'alice' })).toEqualTypeOf<string>();
expectTypeOf(await diffPrompts(support, open)).toEqualTypeOf<PromptDiff>();
expectTypeOf(await registry.diff('support', '3', '4')).toEqualTypeOf<PromptDiff>();
