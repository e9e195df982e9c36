import { hash } from 'node:crypto';
import { frozen } from '../core/frozen.ts';
import { invalidOption } from '../core/parse-options.ts';
import {
  isStandardSchema,
  jsonSchemaOf,
  type InferOutput,
  type JsonSchema,
  type StandardSchemaV1,
} from '../core/standard-schema.ts';
import { canonicalText } from '../dialects/canonical-text.ts';
import { checkOutput } from '../dialects/neutral/check-output.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import { asRecord } from '../dialects/record.ts';
import { withChildren } from '../dialects/schema-children.ts';
import {
  checkDefinition,
  type PromptDefinition,
  type PromptMessage,
  type PromptOutput,
} from './definition.ts';
import { Prompt, type PromptEffort } from './prompt.ts';
import type { ReadMessage, Rendering } from './rendering.ts';
import { outputReader } from './output-reader.ts';
import { TemplateReader } from './template.ts';
import type { VariableKinds } from './checked-values.ts';
import type { NamedIn, UnknownPartials, VariablesOf } from './variables.ts';
import { checkHash, rememberVersion } from './versions.ts';

/** What is wrong with a definition, as far as the compiler can tell, by its member. */
export type DefinitionProblems<D extends PromptDefinition> = {
  readonly [K in Exclude<keyof D, keyof PromptDefinition>]: never;
} & ([UnknownPartials<D>] extends [never]
  ? unknown
  : { readonly partials: { readonly [K in UnknownPartials<D>]: string } }) &
  (D extends { readonly variables: StandardSchemaV1 }
    ? { readonly variables: StandardSchemaV1<unknown, NamedIn<D>> }
    : unknown);

/** What a prompt's answers are typed by: `never` without `output`, `unknown` where the compiler does not know of any. */
export type OutputOf<D extends PromptDefinition> = 'output' extends keyof D ? OutputIn<D['output']> : never;

type OutputIn<O> = [O] extends [undefined]
  ? never
  : undefined extends O
    ? unknown
    : O extends StandardSchemaV1
      ? InferOutput<O>
      : O extends { readonly schema: infer S extends StandardSchemaV1 }
        ? InferOutput<S>
        : unknown;

type ModelOf<D extends PromptDefinition> = 'model' extends keyof D ? D['model'] : undefined;

type EffortOf<D extends PromptDefinition> = D extends {
  readonly parameters: { readonly reasoning: { readonly effort: infer E extends PromptEffort } };
}
  ? E
  : never;

/**
 * A version of a prompt. Its variables are inferred from its templates: a missing, misspelt or superfluous one does not
 * compile, and is refused when it is rendered.
 *
 * Templates have `{{name}}` for a text, `{{image:name}}` for an image in a message of the user, `{{> name}}` for a partial,
 * and `{{{{` for two braces. There is no logic in them, and what stands in a value is not read as a template.
 *
 * @example
 * ```ts
 * import { definePrompt } from 'managed-llm';
 *
 * const support = definePrompt({
 *   name: 'support',
 *   version: '3',
 *   model: 'gpt-6-luna',
 *   messages: [
 *     { role: 'system', content: 'You answer customers of {{company}}.' },
 *     { role: 'user', content: '{{question}}' },
 *   ],
 * });
 * const variables = { company: 'Acme', question: 'Where is my order?' };
 * await llm.clients.openai.chat.completions.create(...support.openai(variables));
 * await llm.chat({ prompt: support, variables, model: 'openai/gpt-6-luna' });
 * ```
 * @throws `invalid-options` with the path of what is wrong; `prompt-changed` when this process has defined the same
 *   version with other content.
 */
export function definePrompt<const D extends PromptDefinition>(
  definition: D & DefinitionProblems<D>,
): Prompt<VariablesOf<D>, OutputOf<D>, ModelOf<D>, EffortOf<D>> {
  return remembered(promptOfDefinition(definition)) as never;
}

/**
 * A prompt of what `toJSON` gave, or of a file or a server: whatever it is, it is checked as a definition. Its variables
 * and its output have no types, and are checked at run time. A `hash` that it tells must be that of its content.
 *
 * @throws as {@link definePrompt}; `prompt-changed` also where the content does not have the hash.
 */
export function promptFromJSON(json: unknown): Prompt {
  return remembered(promptOfJSON(json));
}

function remembered(prompt: Prompt): Prompt {
  rememberVersion(prompt.name, prompt.version, prompt.hash);
  return prompt;
}

/** As {@link promptFromJSON}, of a prompt that this process does not hold others to. */
export function promptOfJSON(json: unknown): Prompt {
  const record = asRecord(json);
  if (record === undefined) return promptOfDefinition(json as PromptDefinition);
  const { hash: told, ...definition } = record;
  if (told !== undefined && typeof told !== 'string')
    throw invalidOption('promptFromJSON.hash', 'must be a text, as `toJSON` gives it');
  return promptOfDefinition(definition as unknown as PromptDefinition, told);
}

/**
 * A prompt that this process does not hold others to.
 *
 * @throws `invalid-options` with the path of what is wrong; `prompt-changed` where the content does not have the hash.
 */
export function promptOfDefinition(given: PromptDefinition, toldHash?: string): Prompt {
  checkDefinition(given, 'definePrompt');
  const { variables, output: givenOutput, parameters: givenParameters = {}, ...plain } = given;
  const parameters = defined(givenParameters);
  // What is changed of it later changes no rendering.
  const definition: PromptDefinition = Object.freeze({
    ...frozenCopy(plain),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: frozenCopy(parameters) }),
    ...(variables === undefined ? {} : { variables }),
    ...(givenOutput === undefined ? {} : { output: givenOutput }),
  });
  const path = `definePrompt(${JSON.stringify(definition.name)})`;
  const messages = readMessages(definition, path);
  const kinds = kindsOf(messages, path);
  const { outputSchema, output } = readOutput(definition, path);
  const { name, version } = definition;
  const digest = hashOf(definition, messages, output);
  if (digest === undefined) throw invalidOption(`${path}.output`, 'is nested too deep');
  if (toldHash !== undefined) checkHash(name, version, digest, toldHash);
  return new Prompt({
    definition,
    hash: digest,
    messages,
    kinds,
    output,
    outputSchema,
    readOutput: outputSchema && outputReader(`${name}@${version}`, outputSchema),
  });
}

/** 96 bits. */
const hashLength = 16;

/** Counts the ways in which versions were hashed: to be raised with each change of {@link hashOf}. */
export const hashing = 1;

/** Of what shapes the request; `undefined` for what is nested too deep. */
function hashOf(
  { model, parameters }: PromptDefinition,
  messages: readonly ReadMessage[],
  output: Rendering['output'],
): string | undefined {
  const content = canonicalText(
    {
      messages: messages.map(({ role, segments }) => [role, segments]),
      model,
      parameters,
      output: output && { ...output, schema: inOrder(output.schema) },
    },
    new Set(),
  );
  return content && hash('sha256', content, 'base64url').slice(0, hashLength);
}

/** A schema whose properties are a list: a model writes them in the order in which it is shown them. */
function inOrder(schema: JsonSchema): JsonSchema {
  const ordered = withChildren(schema, inOrder);
  const properties = asRecord(ordered['properties']);
  return properties === undefined ? ordered : { ...ordered, properties: Object.entries(properties) };
}

function readMessages(definition: PromptDefinition, path: string): readonly ReadMessage[] {
  const { partials = {}, template } = definition;
  const written: readonly PromptMessage[] = definition.messages ?? [
    { role: 'user', content: template ?? '' },
  ];
  const reader = new TemplateReader(partials, path);
  let begun = false;
  return written.map(({ role, content }, index) => {
    const at = template === undefined ? `${path}.messages.${index}` : path;
    const isInstructions = role === 'system' || role === 'developer';
    if (isInstructions && begun)
      throw invalidOption(at, `is of role "${role}" and stands behind others: put it before them`);
    begun ||= !isInstructions;
    const place = template === undefined ? `${at}.content` : `${at}.template`;
    const segments = reader.read(content, place);
    if (!isInstructions && segments.every((segment) => typeof segment === 'string' && segment.trim() === ''))
      throw invalidOption(place, 'says nothing: providers refuse blank turns');
    if (
      role !== 'user' &&
      segments.some((segment) => typeof segment !== 'string' && segment.kind === 'image')
    )
      throw invalidOption(place, `has an image: only messages of role "user" have such, not "${role}"`);
    return { role, segments };
  });
}

function kindsOf(messages: readonly ReadMessage[], path: string): VariableKinds {
  const kinds = new Map<string, 'text' | 'image'>();
  for (const { segments } of messages) {
    for (const segment of segments) {
      if (typeof segment === 'string') continue;
      const { name, kind } = segment;
      if ((kinds.get(name) ?? kind) !== kind)
        throw invalidOption(path, `uses its variable \`${name}\` as a text and as an image`);
      kinds.set(name, kind);
    }
  }
  return kinds;
}

function readOutput(
  { name: promptName, output: given }: PromptDefinition,
  path: string,
): { readonly output: Rendering['output']; readonly outputSchema: StandardSchemaV1 | undefined } {
  if (given === undefined) return { output: undefined, outputSchema: undefined };
  const { schema, jsonSchema, name, ...told }: PromptOutput = isStandardSchema(given)
    ? { schema: given }
    : given;
  const shown =
    schema === undefined ? (jsonSchema ?? {}) : jsonSchemaOf(schema, jsonSchema, `${path}.output`);
  checkOutput(shown, told.strict === true, `${path}.output`);
  return {
    outputSchema: schema ?? anyJson,
    output: frozenCopy({
      type: 'json-schema',
      // Names of formats are shorter than names of prompts may be, and have no dots.
      name: name ?? promptName.replace(/[^\w-]/g, '_').slice(0, 64),
      schema: shown,
      ...defined(told),
    }),
  };
}

/** For a prompt that says what it asks for as JSON schema alone. */
const anyJson: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'managed-llm', validate: (value) => ({ value }) },
};

function frozenCopy<T>(value: T): T {
  return frozen(structuredClone(value));
}
