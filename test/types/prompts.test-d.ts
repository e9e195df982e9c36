// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there. What the
// compiler says is held in test/unit/prompts/compiler-messages.test.ts.
import { Anthropic } from '@anthropic-ai/sdk';
import { Anthropic as OldestAnthropic } from 'anthropic-oldest';
import {
  definePrompt,
  ManagedLLM,
  promptFromJSON,
  untrusted,
  type CarriedPrompt,
  type ChatReply,
  type ChatStream,
  type ObjectReply,
  type Prompt,
  type PromptDefinition,
  type PromptImage,
  type PromptValue,
  type Untrusted,
  type UntypedVariables,
  type VariablesOf,
} from 'managed-llm';
import { OpenAI } from 'openai';
import { OpenAI as OldestOpenAI } from 'openai-oldest';
import { expectTypeOf } from 'vitest';
import * as z from 'zod';

const openai = new OpenAI();
const anthropic = new Anthropic();
const oldestOpenai = new OldestOpenAI();
const oldestAnthropic = new OldestAnthropic();
const llm = new ManagedLLM({ providers: { openai, anthropic }, routes: { smart: 'openai/gpt' } });

/** The type of what a prompt is rendered with. */
type Taken<P extends { render(...given: never[]): unknown }> = Parameters<P['render']>[0];

// Variables are read off the messages and off the partials that these take in, however deep. No `as const`.
const support = definePrompt({
  name: 'support',
  version: '3',
  model: 'gpt-5-mini',
  partials: { house: 'Be {{tone}}. {{> sign}}', sign: 'Sign as {{ agent }}.', unused: '{{nothing}}' },
  messages: [
    {
      role: 'system',
      content: 'You answer customers of {{company}}.\n{{> house}} {{{{this}} is no variable',
    },
    { role: 'user', content: `{{question}} {{image:photo}}` },
  ],
  parameters: {
    temperature: 0.2,
    maxOutputTokens: 500,
    reasoning: { effort: 'low' },
    stopSequences: ['END'],
  },
  output: z.object({ answer: z.string() }),
});
expectTypeOf<Taken<typeof support>>().toEqualTypeOf<{
  readonly company: PromptValue;
  readonly tone: PromptValue;
  readonly agent: PromptValue;
  readonly question: PromptValue;
  readonly photo: PromptImage;
}>();
const variables = {
  company: 'Acme',
  tone: 'kind',
  agent: 7,
  question: untrusted('Where is it?'),
  photo: 'https://example.com/a.png',
};
support.render(variables);
support.render({ ...variables, photo: { data: 'AA', mediaType: 'image/png' } });

// Each must be there, spelt as it is, and of its kind; there are no others.
const { company: _company, ...without } = variables;
// @ts-expect-error one is missing
support.render(without);
// @ts-expect-error none are given
support.render();
// @ts-expect-error one is misspelt
support.render({ ...without, compny: 'Acme' });
// @ts-expect-error one too many
support.render({ ...variables, language: 'en' });
// @ts-expect-error an object is no text
support.render({ ...variables, tone: {} });
// @ts-expect-error nor is nothing
support.render({ ...variables, tone: undefined });
// @ts-expect-error nor null
support.render({ ...variables, tone: null });
// @ts-expect-error an image of a type that not both providers read
support.render({ ...variables, photo: { data: 'AA', mediaType: 'image/tiff' } });
// @ts-expect-error the same where a body is made
support.openai({ ...without, compny: 'Acme' });
// @ts-expect-error and
support.responses({ ...without, compny: 'Acme' });
// @ts-expect-error and
support.anthropic({ ...without, compny: 'Acme' });

// A prompt without variables is rendered without.
const greeting = definePrompt({ name: 'greeting', version: '1', template: 'Say {{{{hi}}' });
greeting.render();
greeting.render({});
// @ts-expect-error there are none
greeting.render({ name: 'Ann' });

// Templates that the compiler has not seen are checked when they are rendered.
declare const loaded: string;
const dynamic = definePrompt({ name: 'dynamic', version: '1', template: loaded });
expectTypeOf<Taken<typeof dynamic>>().toEqualTypeOf<UntypedVariables | undefined>();
const half = definePrompt({
  name: 'half',
  version: '1',
  template: '{{a}} {{> part}}',
  partials: { part: loaded },
});
expectTypeOf<Taken<typeof half>>().toEqualTypeOf<UntypedVariables | undefined>();
const fromJson = promptFromJSON({});
expectTypeOf(fromJson).toEqualTypeOf<Prompt>();
fromJson.render({ whatever: 1 });
expectTypeOf(support).toExtend<CarriedPrompt>();
expectTypeOf(greeting).toExtend<CarriedPrompt>();

// A schema types what is given, and must let through what the templates name.
const refined = definePrompt({
  name: 'refined',
  version: '1',
  template: '{{mail}} {{words}}',
  variables: z.object({
    mail: z.string().transform((mail) => untrusted(mail)),
    words: z.number().default(50),
  }),
});
expectTypeOf<Taken<typeof refined>>().toEqualTypeOf<{ mail: string; words?: number | undefined }>();
refined.render({ mail: 'Hi' });
// @ts-expect-error of another type than the schema takes
refined.render({ mail: untrusted('Hi') });
// @ts-expect-error misspelt
refined.render({ mial: 'Hi' });
const template = '{{mail}} {{words}}';
// @ts-expect-error a schema that lacks a variable
definePrompt({ name: 'a', version: '1', template, variables: z.object({ mail: z.string() }) });
const dated = z.object({ mail: z.string(), words: z.date() });
// @ts-expect-error a schema that lets through what cannot be rendered
definePrompt({ name: 'a', version: '1', template, variables: dated });
expectTypeOf<VariablesOf<{ name: 'a'; version: '1'; template: '{{a}}' }>>().toEqualTypeOf<{
  readonly a: PromptValue;
}>();
expectTypeOf(untrusted('a')).toEqualTypeOf<Untrusted>();

// Definitions.
// @ts-expect-error a misspelt member
definePrompt({ name: 'a', version: '1', template: 'Hi', tempurature: 1 });
// @ts-expect-error a partial that is not given
definePrompt({ name: 'a', version: '1', template: 'Hi {{> hous}}', partials: { house: 'x' } });
// @ts-expect-error partials that are not given
definePrompt({ name: 'a', version: '1', template: 'Hi {{> house}}' });
// @ts-expect-error a role that there is not
definePrompt({ name: 'a', version: '1', messages: [{ role: 'usr', content: 'Hi' }] });
// @ts-expect-error a misspelt parameter
definePrompt({ name: 'a', version: '1', template: 'Hi', parameters: { reasoning: { effort: 'lo' } } });
// @ts-expect-error no version
definePrompt({ name: 'a', template: 'Hi' });

// The bodies are what the SDKs take, plain and streamed, and keep the right overload: newest and oldest.
const chat = await openai.chat.completions.create(...support.openai(variables));
expectTypeOf(chat.choices).toEqualTypeOf<OpenAI.ChatCompletion.Choice[]>();
for await (const chunk of await openai.chat.completions.create(
  ...support.openai(variables, { stream: true }),
))
  expectTypeOf(chunk).toEqualTypeOf<OpenAI.ChatCompletionChunk>();
openai.chat.completions.stream(...support.openai(variables));
const parsedChat = await openai.chat.completions.parse(...support.openai(variables));
expectTypeOf(parsedChat.choices[0]?.message.parsed).toEqualTypeOf<{ answer: string } | null | undefined>();
const parsedGreeting = await openai.chat.completions.parse(...greeting.openai({}, { model: 'gpt-5' }));
expectTypeOf(parsedGreeting.choices[0]?.message.parsed).toEqualTypeOf<null | undefined>();
const oldestChat = await oldestOpenai.chat.completions.parse(...support.openai(variables));
expectTypeOf(oldestChat.choices[0]?.message.parsed).toEqualTypeOf<{ answer: string } | null | undefined>();
await oldestOpenai.chat.completions.create(...support.openai(variables));
for await (const chunk of await oldestOpenai.chat.completions.create(
  ...support.openai(variables, { stream: true }),
))
  expectTypeOf(chunk).toEqualTypeOf<OldestOpenAI.ChatCompletionChunk>();

const response = await openai.responses.create(...support.responses(variables));
expectTypeOf(response.output_text).toEqualTypeOf<string>();
for await (const event of await openai.responses.create(...support.responses(variables, { stream: true })))
  expectTypeOf(event).toEqualTypeOf<OpenAI.Responses.ResponseStreamEvent>();
openai.responses.stream(...support.responses(variables));
const parsedResponse = await openai.responses.parse(...support.responses(variables));
expectTypeOf(parsedResponse.output_parsed).toEqualTypeOf<{ answer: string } | null>();
await oldestOpenai.responses.create(...support.responses(variables));

const message = await anthropic.messages.create(...support.anthropic(variables));
expectTypeOf(message.content).toEqualTypeOf<Anthropic.ContentBlock[]>();
for await (const event of await anthropic.messages.create(...support.anthropic(variables, { stream: true })))
  expectTypeOf(event).toEqualTypeOf<Anthropic.RawMessageStreamEvent>();
anthropic.messages.stream(...support.anthropic(variables));
const parsedMessage = await anthropic.messages.parse(...support.anthropic(variables));
expectTypeOf(parsedMessage.parsed_output).toEqualTypeOf<{ answer: string } | null>();
await anthropic.beta.messages.create(...support.anthropic(variables));
await oldestAnthropic.messages.create(...support.anthropic(variables));
oldestAnthropic.messages.stream(...support.anthropic(variables));

// Whatever else the body takes may be said with it, and turns that follow.
const further: OpenAI.ChatCompletionMessageParam[] = [{ role: 'tool', tool_call_id: 'a', content: 'b' }];
await openai.chat.completions.create(
  ...support.openai(variables, {
    model: 'gpt-5',
    reasoning_effort: 'high',
    tools: [{ type: 'function', function: { name: 'now', parameters: { type: 'object' } } }],
    messages: further,
  }),
);
await openai.responses.create(
  ...support.responses(variables, { input: 'And now?', text: { verbosity: 'low' } }),
);
await anthropic.messages.create(
  ...support.anthropic(variables, { max_tokens: 5, messages: [{ role: 'user', content: 'And now?' }] }),
);
// @ts-expect-error a value that the SDK does not take
await openai.chat.completions.create(...support.openai(variables, { reasoning_effort: 'hgh' }));
// @ts-expect-error instructions stand in the prompt
support.anthropic(variables, { system: 'Be long.' });
// @ts-expect-error likewise
support.responses(variables, { instructions: 'Be long.' });

// A body of one API is none of another: newest and oldest.
// @ts-expect-error of Chat Completions, not of Responses
void openai.responses.create(...support.openai(variables));
// @ts-expect-error nor streamed
void openai.responses.create(...support.openai(variables, { stream: true }));
// @ts-expect-error nor with the oldest
void oldestOpenai.responses.create(...support.openai(variables));
// @ts-expect-error of Responses, not of Chat Completions
void openai.chat.completions.create(...support.responses(variables));
// @ts-expect-error of OpenAI
void anthropic.messages.create(...support.openai(variables));
// @ts-expect-error of OpenAI
void anthropic.messages.create(...support.responses(variables));
// @ts-expect-error of Anthropic
void openai.chat.completions.create(...support.anthropic(variables));
// @ts-expect-error nor for Responses
void openai.responses.create(...support.anthropic(variables));

// Spread, nothing that is misspelt shows; `satisfies` holds further members to what the SDK takes.
void openai.responses.create(
  ...support.responses(variables, {
    stream: true,
  } satisfies Partial<OpenAI.Responses.ResponseCreateParams>),
);
void openai.responses.create(
  // @ts-expect-error a misspelt member
  ...support.responses(variables, { strem: true } satisfies Partial<OpenAI.Responses.ResponseCreateParams>),
);

// A prompt without a model leaves it to the call.
await openai.chat.completions.create(...greeting.openai({}, { model: 'gpt-5' }));
await openai.chat.completions.create(...fromJson.openai({}, { model: 'gpt-5', reasoning_effort: 'low' }));
// @ts-expect-error no model
await openai.chat.completions.create(...greeting.openai());
// @ts-expect-error no model
await anthropic.messages.create(...greeting.anthropic());

// The neutral API.
expectTypeOf(llm.chat({ prompt: support, variables })).toEqualTypeOf<Promise<ChatReply>>();
void llm.chat({ prompt: support, variables, model: 'smart', messages: 'And?', maxSteps: 3, tools: [] });
expectTypeOf(llm.stream({ prompt: support, variables })).toEqualTypeOf<ChatStream>();
expectTypeOf(llm.object({ prompt: support, variables })).toEqualTypeOf<
  Promise<ObjectReply<{ answer: string }>>
>();
expectTypeOf(llm.with({ user: 'a' }).object({ prompt: support, variables })).toEqualTypeOf<
  Promise<ObjectReply<{ answer: string }>>
>();
void llm.chat({ prompt: greeting, model: 'smart' });
void llm.chat({ prompt: fromJson, variables: { a: 1 }, model: 'smart' });
expectTypeOf(llm.object({ prompt: fromJson, model: 'smart' })).toEqualTypeOf<Promise<ObjectReply<unknown>>>();
// @ts-expect-error one is misspelt
void llm.chat({ prompt: support, variables: { ...without, compny: 'Acme' } });
// @ts-expect-error none are given
void llm.stream({ prompt: support });
// @ts-expect-error no model
void llm.chat({ prompt: greeting });
// @ts-expect-error nothing types the object
void llm.object({ prompt: greeting, model: 'smart' });
// @ts-expect-error nor through what is derived
void llm.with({ user: 'a' }).object({ prompt: greeting, model: 'smart' });
// @ts-expect-error the shape of the object stands in the prompt
void llm.object({ prompt: support, variables, schema: z.object({}) });

// A definition that the compiler knows little of leaves open what it does not know.
declare const yes: boolean;
declare const wide: PromptDefinition;
const ofWide = definePrompt(wide);
expectTypeOf(ofWide.model).toEqualTypeOf<string | undefined>();
expectTypeOf(llm.object({ prompt: ofWide, model: 'smart' })).toEqualTypeOf<Promise<ObjectReply<unknown>>>();
// @ts-expect-error it may have no model
void llm.chat({ prompt: ofWide });
const maybe = definePrompt({
  name: 'maybe',
  version: '1',
  template: 'Hi',
  ...(yes ? { model: 'gpt' as const, output: z.object({ a: z.string() }) } : {}),
});
expectTypeOf(maybe.model).toEqualTypeOf<'gpt' | undefined>();
expectTypeOf(llm.object({ prompt: maybe, model: 'smart' })).toEqualTypeOf<Promise<ObjectReply<unknown>>>();
// @ts-expect-error it may have no model
void openai.chat.completions.create(...maybe.openai());
await openai.chat.completions.create(...maybe.openai({}, { model: 'gpt-5' }));

// Of two templates it takes the variables of either.
const either = definePrompt({ name: 'either', version: '1', template: yes ? 'Hi {{x}}' : 'Ho {{y}}' });
either.render({ x: '1' });
either.render({ y: '1' });
// @ts-expect-error of neither
either.render({ z: '1' });

// Settings beside the prompt's own leave the format of its output, and what is undefined leaves all.
const verbose = { text: { verbosity: 'low' }, reasoning: { summary: 'auto' } } as const;
const parsedBrief = await openai.responses.parse(...support.responses(variables, verbose));
expectTypeOf(parsedBrief.output_parsed).toEqualTypeOf<{ answer: string } | null>();
const parsedEasily = await anthropic.messages.parse(
  ...support.anthropic(variables, { output_config: { effort: 'low' } }),
);
expectTypeOf(parsedEasily.parsed_output).toEqualTypeOf<{ answer: string } | null>();
expectTypeOf(support.openai(variables, { model: undefined })[0].model).toEqualTypeOf<'gpt-5-mini'>();
await openai.responses.create(...greeting.responses({}, { model: 'gpt-5', text: { verbosity: 'low' } }));
await anthropic.messages.create(
  ...greeting.anthropic({}, { model: 'claude', output_config: { effort: 'low' } }),
);
void llm.chat({ prompt: support, variables, model: undefined });

// Fifty variables in more than 5,000 characters.
type Words =
  'Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod tempor invidunt. ';
type Line<N extends string> = `${Words}{{v${N}}} `;
type Ten<N extends string> =
  `${Line<`${N}0`>}${Line<`${N}1`>}${Line<`${N}2`>}${Line<`${N}3`>}${Line<`${N}4`>}${Line<`${N}5`>}${Line<`${N}6`>}${Line<`${N}7`>}${Line<`${N}8`>}${Line<`${N}9`>}`;
type Long = `${Ten<'1'>}${Ten<'2'>}${Ten<'3'>}${Ten<'4'>}${Ten<'5'>}`;
declare const long: Long;
const longPrompt = definePrompt({
  name: 'long',
  version: '1',
  messages: [
    { role: 'system', content: long },
    { role: 'user', content: '{{last}}' },
  ],
});
type LongVariable = keyof Taken<typeof longPrompt>;
expectTypeOf<'v10' | 'v25' | 'v59' | 'last'>().toExtend<LongVariable>();
expectTypeOf<LongVariable>().toExtend<`v${1 | 2 | 3 | 4 | 5}${number}` | 'last'>();
