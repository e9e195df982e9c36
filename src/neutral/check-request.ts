import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { Loss } from '../core/translation.ts';
import { request as requestShape } from '../dialects/neutral/request-shape.ts';
import type { NeutralRequest } from '../dialects/neutral/request.ts';
import { expectedForm } from './expected-form.ts';
import { misplacedIn } from './misplaced.ts';
import type { AnswerRequest, ChatRequest, EmbedRequest, ObjectRequest, StreamRequest } from './request.ts';
import { isStandardSchema } from '../core/standard-schema.ts';
import type { Tool } from './tool.ts';

type Members<T> = Readonly<Record<keyof T, z.ZodMiniType>>;

/** What {@link bodyOf} looks into. */
const anything = z.optional(z.unknown());

const answer = {
  model: z.string(),
  messages: z.union([z.string(), z.array(z.unknown())]),
  toolChoice: anything,
  parallelToolCalls: anything,
  maxOutputTokens: anything,
  stopSequences: anything,
  temperature: anything,
  topP: anything,
  topK: anything,
  seed: anything,
  frequencyPenalty: anything,
  presencePenalty: anything,
  reasoning: anything,
  endUserId: anything,
  extras: anything,
} satisfies Members<AnswerRequest>;

const stream = {
  ...answer,
  output: anything,
  tools: z.optional(z.array(z.unknown())),
} satisfies Members<StreamRequest>;

const chat = {
  ...stream,
  maxSteps: z.optional(z.int().check(z.positive())),
} satisfies Members<ChatRequest>;

const object = {
  ...answer,
  schema: z.custom(isStandardSchema, 'must be a schema that follows Standard Schema, such as one of zod'),
  jsonSchema: z.optional(z.record(z.string(), z.unknown())),
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  strict: z.optional(z.boolean()),
  repair: z.optional(z.union([z.literal(0), z.literal(1)])),
} satisfies Members<ObjectRequest>;

const embed = {
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.optional(z.int().check(z.positive())),
} satisfies Members<EmbedRequest>;

const schemas = {
  chat: z.strictObject(chat),
  stream: z.strictObject(stream),
  object: z.strictObject(object),
  embed: z.strictObject(embed),
};

/** Throws `invalid-options` for what no request of this method has. */
export function checkRequest(method: keyof typeof schemas, request: object): void {
  const misplaced = misplacedIn(Object(request) as object, schemas[method].def.shape);
  if (misplaced !== undefined) throw invalidOption(`${method}.${misplaced.name}`, misplaced.problem);
  parseOptions(schemas[method], request, method);
}

/** The request as the chain takes it. Throws `invalid-options` for what a codec would have to leave out unheard. */
export function bodyOf(
  method: keyof typeof schemas,
  { messages, tools, ...rest }: StreamRequest,
): NeutralRequest {
  for (const [index, { parameters }] of (tools ?? []).entries()) {
    if (isStandardSchema(parameters))
      throw invalidOption(
        `${method}.tools.${index}.parameters`,
        'is a schema and must be a JSON schema: let `tool(…)` make the tool',
      );
  }
  const body: NeutralRequest = {
    ...rest,
    messages: typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages.slice(),
    ...(tools === undefined ? {} : { tools: tools.map(definitionOf) }),
  };
  const misshapen: Loss[] = [];
  requestShape(body, '', misshapen);
  const [first] = misshapen;
  if (first !== undefined) throw invalidOption(`${method}.${first.path}`, expectedForm(first.path));
  return body;
}

/** What the model is told of a tool. */
function definitionOf({
  schema: _schema,
  execute: _execute,
  onError: _onError,
  ...definition
}: Tool): NonNullable<NeutralRequest['tools']>[number] {
  return definition;
}
