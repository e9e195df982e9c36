import * as z from 'zod/mini';
import { requestParametersSchema, type RequestParameters } from '../core/parameters-lens.ts';
import { parseOptions, invalidOption } from '../core/parse-options.ts';
import { isStandardSchema, type JsonSchema, type StandardSchemaV1 } from '../core/standard-schema.ts';
import { checkPlainJson } from './plain-json.ts';

/** One message of a prompt, with `{{variables}}` in its content. */
export interface PromptMessage {
  /** Instructions (`system`, `developer`) stand before all others: not every format has a place for them further on. */
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  /**
   * `{{name}}` is a text, `{{image:name}}` an image (of a user only), `{{> name}}` a partial, `{{{{` two braces. Names are
   * letters, digits and `_`.
   */
  readonly content: string;
}

/** What a prompt asks of the model, in no provider's words. */
export type PromptParameters = RequestParameters;

/** The JSON that a prompt asks for, with more to say of it than a schema alone. */
export interface PromptOutput<S extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> {
  /** What `llm.object` holds the answer to, and types it by. Default: any JSON. */
  readonly schema?: S;
  /** The JSON schema that the model is shown, where `schema` cannot tell it. */
  readonly jsonSchema?: JsonSchema;
  /** Letters, digits, `_` and `-`. Default: the prompt's name. */
  readonly name?: string;
  readonly description?: string;
  /** Whether the provider holds the model to the schema, where it can be asked not to. Default: the provider's. */
  readonly strict?: boolean;
}

/** What `definePrompt` takes: `messages`, or a `template` that is the user's only message. */
export interface PromptDefinition {
  /** Letters, digits, `_`, `-`, `.` and `/`; up to 256. */
  readonly name: string;
  /** Any text, up to 256 characters. What it stands for never changes. */
  readonly version: string;
  readonly messages?: readonly PromptMessage[];
  readonly template?: string;
  /** Templates that others take in by `{{> name}}`, their variables with them. Those that nobody takes are not looked at. */
  readonly partials?: Readonly<Record<string, string>>;
  /**
   * What variables are held to, at once: a schema that has to wait is refused. It types what is given, and what it lets
   * through is rendered: its defaults and transformations hold. It must let through every variable of the templates.
   */
  readonly variables?: StandardSchemaV1;
  /** A route, `provider/model`, or a model of the client that is used. Default: the call names it. */
  readonly model?: string;
  readonly parameters?: PromptParameters;
  readonly output?: StandardSchemaV1 | PromptOutput;
}

const schema = z.custom<StandardSchemaV1>(
  isStandardSchema,
  'must be a schema that follows Standard Schema, such as one of zod',
);
const text = z.string().check(z.minLength(1));
/** What can be the name of a prompt. */
export const promptName = /^[\w./-]{1,256}$/;

const outputSchema = z.strictObject({
  schema: z.optional(schema),
  jsonSchema: z.optional(z.record(z.string(), z.unknown())),
  name: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, 'must be letters, digits, `_` and `-`'))),
  description: z.optional(z.string()),
  strict: z.optional(z.boolean()),
});

/** Schema of {@link PromptDefinition}. */
export const promptDefinitionSchema = z.strictObject({
  name: z.string().check(z.regex(promptName, 'must be 1 to 256 letters, digits, `_`, `-`, `.` and `/`')),
  version: text.check(z.maxLength(256)),
  messages: z.optional(
    z
      .array(z.strictObject({ role: z.enum(['system', 'developer', 'user', 'assistant']), content: text }))
      .check(z.minLength(1)),
  ),
  template: z.optional(text),
  partials: z.optional(z.record(z.string(), z.string())),
  variables: z.optional(schema),
  model: z.optional(text),
  parameters: z.optional(requestParametersSchema),
  output: z.optional(z.unknown()),
});

/** Throws `invalid-options` for what is no definition. @param path of it in a message */
export function checkDefinition(definition: PromptDefinition, path: string): void {
  parseOptions(promptDefinitionSchema, definition, path);
  const { messages, template, output } = definition;
  if ((messages === undefined) === (template === undefined))
    throw invalidOption(path, 'takes `messages` or a `template`: give one of them');
  if (output !== undefined && !isStandardSchema(output)) {
    parseOptions(outputSchema, output, `${path}.output`);
    if (output.schema === undefined && output.jsonSchema === undefined)
      throw invalidOption(`${path}.output`, 'takes a `schema` or a `jsonSchema`');
    checkPlainJson(output.jsonSchema, `${path}.output.jsonSchema`);
  }
}
