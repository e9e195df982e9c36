// Checked by `tsc` (npm run check:types): a line that compiles but should not, or the reverse, fails there.
import { Anthropic } from '@anthropic-ai/sdk';
import {
  fallback,
  ManagedLLM,
  tool,
  type AssistantMessage,
  type ChatEvent,
  type ChatReply,
  type ChatRequest,
  type ChatStream,
  type Embeddings,
  type Message,
  type ModelOf,
  type NeutralApi,
  type NeutralEvent,
  type ObjectReply,
  type Receipt,
  type StandardSchemaV1,
  type StopReason,
  type Tool,
  type ToolContext,
} from 'managed-llm';
import { OpenAI } from 'openai';
import { expectTypeOf } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';

const providers = { openai: new OpenAI(), anthropic: new Anthropic() };
const llm = new ManagedLLM({
  providers,
  routes: { smart: fallback('openai/gpt', 'anthropic/claude'), fast: 'openai/mini' },
});
const bare = new ManagedLLM({ providers });

// Models: declared routes and targets are suggested, any text is taken.
type Model = Parameters<typeof llm.chat>[0]['model'];
expectTypeOf<Model>().toEqualTypeOf<
  'smart' | 'fast' | `openai/${string}` | `anthropic/${string}` | (string & {})
>();
expectTypeOf<Parameters<typeof bare.chat>[0]['model']>().toEqualTypeOf<
  `openai/${string}` | `anthropic/${string}` | (string & {})
>();
expectTypeOf<ModelOf<{ a: OpenAI }, { r: 'a/b' }>>().toEqualTypeOf<'r' | `a/${string}` | (string & {})>();
declare const anyModel: string;
void llm.chat({ model: anyModel, messages: 'Hi' });
// Routes that are known by name take nothing away: one type for all, as before.
expectTypeOf(llm).toExtend<ManagedLLM<typeof providers>>();

// The same on what `with` returns.
const scoped = llm.with({ user: 'alice' });
expectTypeOf(scoped.chat).toEqualTypeOf<typeof llm.chat>();
expectTypeOf(scoped).toExtend<NeutralApi>();
expectTypeOf(llm).toExtend<NeutralApi>();

// Replies.
const reply = await llm.chat(
  { model: 'smart', messages: 'Hi' },
  { user: 'a', signal: AbortSignal.timeout(5) },
);
expectTypeOf(reply).toEqualTypeOf<ChatReply>();
expectTypeOf(reply.text).toEqualTypeOf<string>();
expectTypeOf(reply.stop).toEqualTypeOf<StopReason>();
expectTypeOf(reply.message).toEqualTypeOf<AssistantMessage>();
expectTypeOf(reply.receipts).toEqualTypeOf<readonly Receipt[]>();
const messages: Message[] = [{ role: 'user', content: 'Hi' }, reply.message, ...reply.messages];
expectTypeOf(llm.embed({ model: 'fast', input: 'a' })).toEqualTypeOf<Promise<Embeddings>>();

// @ts-expect-error a misspelt member
void llm.chat({ model: 'smart', messages, maxOutputToken: 5 });
// @ts-expect-error a role that there is not
void llm.chat({ model: 'smart', messages: [{ role: 'usr', content: 'Hi' }] });
// @ts-expect-error no model
void llm.chat({ messages });
// @ts-expect-error a misspelt setting
void llm.chat({ model: 'smart', messages }, { usr: 'alice' });
// @ts-expect-error a stream runs no tools, so it has no steps
void llm.stream({ model: 'smart', messages, maxSteps: 3 });
// @ts-expect-error the shape of an object is its schema
void llm.object({ model: 'smart', messages, schema: z.object({}), output: { type: 'json' } });

// Streams: failures are no events.
const stream = llm.stream({ model: 'smart', messages });
expectTypeOf(stream).toEqualTypeOf<ChatStream>();
for await (const event of stream) {
  expectTypeOf(event).toEqualTypeOf<ChatEvent>();
  if (event.type === 'text-delta') expectTypeOf(event.text).toEqualTypeOf<string>();
  if (event.type === 'tool-call') expectTypeOf(event.arguments).toEqualTypeOf<unknown>();
}
expectTypeOf<'error'>().not.toExtend<ChatEvent['type']>();
expectTypeOf<ChatEvent>().toExtend<NeutralEvent>();
expectTypeOf(stream.text).toEqualTypeOf<Promise<string>>();
expectTypeOf(stream.reply).toEqualTypeOf<Promise<ChatReply>>();
expectTypeOf(stream.textStream).toEqualTypeOf<AsyncIterable<string>>();
expectTypeOf(stream.toResponse({ status: 201 })).toEqualTypeOf<Response>();

// Objects are typed by what their schema lets through, whichever library it is from.
const schema = z.object({ name: z.string(), people: z.number().default(0), at: z.iso.date().optional() });
expectTypeOf(llm.object({ model: 'smart', messages, schema })).toEqualTypeOf<
  Promise<ObjectReply<{ name: string; people: number; at?: string | undefined }>>
>();
expectTypeOf(
  scoped.object({ model: 'smart', messages, schema: mini.object({ n: mini.number() }), jsonSchema: {} }),
).toEqualTypeOf<Promise<ObjectReply<{ n: number }>>>();
declare const own: StandardSchemaV1<unknown, { readonly own: true }>;
expectTypeOf((await llm.object({ model: 'smart', messages, schema: own })).object).toEqualTypeOf<{
  readonly own: true;
}>();
// @ts-expect-error no schema
void llm.object({ model: 'smart', messages, schema: { type: 'object' } });

// Tools: arguments are what the schema lets through.
const weather = tool({
  name: 'weather',
  parameters: z.object({ city: z.string(), days: z.number().default(1) }),
  execute(args, context) {
    expectTypeOf(args).toEqualTypeOf<{ city: string; days: number }>();
    expectTypeOf(context).toEqualTypeOf<ToolContext>();
    return args.city;
  },
});
expectTypeOf(weather).toEqualTypeOf<Tool<{ city: string; days: number }>>();
const loose = tool({
  name: 'loose',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  execute: (args) => expectTypeOf(args).toEqualTypeOf<unknown>(),
});
const transformed = tool({
  name: 'transformed',
  parameters: z.object({ at: z.string().transform(Number) }),
  execute: ({ at }) => expectTypeOf(at).toEqualTypeOf<number>(),
});
const definition: Tool = { name: 'mine', parameters: { type: 'object' } };
void llm.chat({ model: 'smart', messages, tools: [weather, loose, transformed, definition], maxSteps: 3 });
void llm.chat({ model: 'smart', messages, toolChoice: { name: 'weather' } });
expectTypeOf<ChatRequest['tools']>().toEqualTypeOf<readonly Tool[] | undefined>();
// @ts-expect-error a tool has parameters
tool({ name: 'none', execute: () => '' });
// @ts-expect-error of the wrong type
tool({ name: 'wrong', parameters: z.object({ city: z.string() }), execute: ({ city }) => city.toFixed() });
// @ts-expect-error what is not given by a schema is not there
tool({ name: 'wrong', parameters: z.object({ town: z.string() }), execute: ({ city }) => city });
