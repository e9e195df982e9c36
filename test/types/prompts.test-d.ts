import { Anthropic } from '@anthropic-ai/sdk';
import { Anthropic as OldestAnthropic } from 'anthropic-oldest';
import { definePrompt, type PromptImage, type PromptValue, untrusted } from 'managed-llm';
import { OpenAI } from 'openai';
import { OpenAI as OldestOpenAI } from 'openai-oldest';
import { expectTypeOf } from 'vitest';
import * as z from 'zod';

const openai = new OpenAI();
const anthropic = new Anthropic();
const oldestOpenai = new OldestOpenAI();
const oldestAnthropic = new OldestAnthropic();

const support = definePrompt({
  name: 'support',
  version: '3',
  model: 'gpt-5-mini',
  partials: { house: 'Be {{tone}}. {{> sign}}', sign: 'Sign as {{ agent }}.', unused: '{{nothing}}' },
  messages: [
    { role: 'system', content: 'You answer customers of {{company}}.\n{{> house}} {{{{no}}' },
    { role: 'user', content: '{{question}} {{image:photo}}' },
  ],
  parameters: {
    temperature: 0.2,
    maxOutputTokens: 500,
    reasoning: { effort: 'low' },
    stopSequences: ['END'],
  },
  output: z.object({ answer: z.string() }),
});
type V = Parameters<typeof support.render>[0];
expectTypeOf<V>().toEqualTypeOf<{
  readonly company: PromptValue;
  readonly tone: PromptValue;
  readonly agent: PromptValue;
  readonly question: PromptValue;
  readonly photo: PromptImage;
}>();
const vars = {
  company: 'Acme',
  tone: 'kind',
  agent: 'Ann',
  question: untrusted('x'),
  photo: 'https://a/b.png',
} as const;
support.render(vars);
support.render({ ...vars, company: 'A' });
support.render({ compny: 'Acme', tone: 'kind', agent: 'Ann', question: 'x', photo: 'https://a/b.png' });
support.openai({ compny: 'Acme', tone: 'kind', agent: 'Ann', question: 'x', photo: 'https://a/b.png' });
support.openai({ company: 'Acme', tone: 'kind', agent: 'Ann', question: 'x' });
support.openai({ company: 'Acme', tone: 'kind', agent: 'Ann', question: {}, photo: 'h' });
const r = await openai.chat.completions.create(...support.openai(vars));
expectTypeOf(r).toEqualTypeOf<OpenAI.ChatCompletion & { _request_id?: string | null }>();
const s = await openai.chat.completions.create(...support.openai(vars, { stream: true }));
for await (const x of s) void x.choices;
await openai.chat.completions.create(
  ...support.openai(vars, {
    reasoning_effort: 'low',
    tools: [{ type: 'function', function: { name: 'a', parameters: {} } }],
    messages: [{ role: 'user', content: 'more' }],
  }),
);
await openai.responses.create(...support.responses(vars));
for await (const x of await openai.responses.create(...support.responses(vars, { stream: true })))
  void x.type;
await anthropic.messages.create(...support.anthropic(vars));
for await (const x of await anthropic.messages.create(
  ...support.anthropic(vars, { stream: true, model: 'claude-sonnet-5-5' }),
))
  void x.type;
anthropic.messages.stream(...support.anthropic(vars));
openai.chat.completions.stream(...support.openai(vars));
openai.responses.stream(...support.responses(vars));
(await openai.chat.completions.parse(...support.openai(vars))).choices;
(await openai.responses.parse(...support.responses(vars))).output_parsed;
await oldestOpenai.chat.completions.create(...support.openai(vars));
await oldestOpenai.responses.create(...support.responses(vars));
await oldestAnthropic.messages.create(...support.anthropic(vars));
await oldestAnthropic.beta.messages.create(...support.anthropic(vars));
await anthropic.beta.messages.create(...support.anthropic(vars));

const none = definePrompt({ name: 'none', version: '1', template: 'Hi' });
none.render();
none.render({});
none.render({ a: 1 });
openai.chat.completions.create(...none.openai());
openai.chat.completions.create(...none.openai({}, { model: 'gpt', stream: true }));
definePrompt({ name: 'a', version: '1', template: 'Hi {{> hous}}', partials: { house: 'x' } });
definePrompt({ name: 'a', version: '1', template: 'Hi', tempurature: 1 });
definePrompt({ name: 'a', version: '1', template: 'Hi {{a}} {{b}}', variables: z.object({ a: z.string() }) });
const refined = definePrompt({
  name: 'a',
  version: '1',
  template: 'Hi {{a}} {{b}}',
  variables: z.object({ a: z.string().transform(untrusted), b: z.number().default(3) }),
});
refined.render({ a: 'x' });
refined.render({ a: 1 });
definePrompt({
  name: 'a',
  version: '1',
  template: 'Hi {{a}} {{b}}',
  variables: z.object({ a: z.string(), b: z.date() }),
});
import { ManagedLLM } from 'managed-llm';
const llm = new ManagedLLM({ providers: { openai, anthropic }, routes: { smart: 'openai/gpt' } });
void llm.chat({ prompt: support, variables: vars });
void llm.chat({ prompt: support, variables: vars, model: 'smart', messages: 'more', maxSteps: 3 });
void llm.stream({ prompt: support, variables: vars });
expectTypeOf((await llm.object({ prompt: support, variables: vars })).object).toEqualTypeOf<{
  answer: string;
}>();
void llm.chat({ prompt: none, model: 'smart' });
void llm.chat({ prompt: none });
void llm.chat({
  prompt: support,
  variables: { compny: 'Acme', tone: 'kind', agent: 'Ann', question: 'x', photo: 'https://a/b.png' },
});
void llm.chat({ prompt: support });
void llm.object({ prompt: none, model: 'smart' });
