import { hash } from 'node:crypto';
import { invalidOption } from '../core/parse-options.ts';
import {
  isStandardSchema,
  jsonSchemaOf,
  type InferOutput,
  type StandardSchemaV1,
} from '../core/standard-schema.ts';
import { canonicalText } from '../dialects/canonical-text.ts';
import {
  checkDefinition,
  type PromptDefinition,
  type PromptMessage,
  type PromptOutput,
} from './definition.ts';
import { Prompt, type PromptEffort } from './prompt.ts';
import type { ReadMessage, Rendering } from './rendering.ts';
import { outputReader } from './output-reader.ts';
import { readTemplate } from './template.ts';
import type { VariableKinds } from './checked-values.ts';
import type { NamedIn, UnknownPartials, VariablesOf } from './variables.ts';
import { rememberVersion } from './versions.ts';

/** What is wrong with a definition, as far as the compiler can tell, by its member. */
export type DefinitionProblems<D extends PromptDefinition> = {
  readonly [K in Exclude<keyof D, keyof PromptDefinition>]: never;
} & ([UnknownPartials<D>] extends [never]
  ? unknown
  : { readonly partials: { readonly [K in UnknownPartials<D>]: string } }) &
  (D extends { readonly variables: StandardSchemaV1 }
    ? { readonly variables: StandardSchemaV1<unknown, NamedIn<D>> }
    : unknown);

/** What a prompt's answers are typed by. */
export type OutputOf<D extends PromptDefinition> = D extends { readonly output: infer O }
  ? O extends StandardSchemaV1
    ? InferOutput<O>
    : O extends { readonly schema: infer S extends StandardSchemaV1 }
      ? InferOutput<S>
      : unknown
  : never;

type ModelOf<D extends PromptDefinition> = D extends { readonly model: infer M extends string }
  ? M
  : undefined;

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
 *   model: 'gpt-5-mini',
 *   messages: [
 *     { role: 'system', content: 'You answer customers of {{company}}.' },
 *     { role: 'user', content: '{{question}}' },
 *   ],
 * });
 * const variables = { company: 'Acme', question: 'Where is my order?' };
 * await llm.clients.openai.chat.completions.create(...support.openai(variables));
 * await llm.chat({ prompt: support, variables, model: 'openai/gpt-5-mini' });
 * ```
 * @throws `invalid-options` with the path of what is wrong; `prompt-changed` when this process has defined the same
 *   version with other content.
 */
export function definePrompt<const D extends PromptDefinition>(
  definition: D & DefinitionProblems<D>,
): Prompt<VariablesOf<D>, OutputOf<D>, ModelOf<D>, EffortOf<D>> {
  return remembered(definition) as never;
}

/**
 * A prompt of what `toJSON` gave, or of a file or a server: whatever it is, it is checked as a definition. Its variables
 * and its output have no types, and are checked at run time.
 *
 * @throws as {@link definePrompt}
 */
export function promptFromJSON(json: unknown): Prompt {
  return remembered(json as PromptDefinition);
}

function remembered(definition: PromptDefinition): Prompt {
  const prompt = promptOfDefinition(definition);
  rememberVersion(prompt.name, prompt.version, prompt.hash);
  return prompt;
}

/**
 * A prompt that this process does not hold others to.
 *
 * @throws `invalid-options` with the path of what is wrong
 */
export function promptOfDefinition(given: PromptDefinition): Prompt {
  checkDefinition(given, 'definePrompt');
  const { variables, output: givenOutput, ...plain } = given;
  // What is changed of it later changes no rendering.
  const definition: PromptDefinition = Object.freeze({
    ...frozenCopy(plain),
    ...(variables === undefined ? {} : { variables }),
    ...(givenOutput === undefined ? {} : { output: givenOutput }),
  });
  const path = `definePrompt(${JSON.stringify(definition.name)})`;
  const messages = readMessages(definition, path);
  const { outputSchema, output } = readOutput(definition, path);
  const { name, version, model, parameters } = definition;
  const content = canonicalText(
    {
      messages: messages.map(({ role, segments }) => [role, segments]),
      model,
      parameters,
      output,
    },
    new Set(),
  );
  const digest = hash('sha256', content ?? '', 'base64url').slice(0, hashLength);
  return new Prompt({
    definition,
    hash: digest,
    messages,
    kinds: kindsOf(messages, path),
    output,
    outputSchema,
    readOutput: outputSchema && outputReader(`${name}@${version}`, outputSchema),
  });
}

/** 96 bits. */
const hashLength = 16;

function readMessages(definition: PromptDefinition, path: string): readonly ReadMessage[] {
  const { partials = {}, template } = definition;
  const written: readonly PromptMessage[] = definition.messages ?? [
    { role: 'user', content: template ?? '' },
  ];
  let begun = false;
  return written.map(({ role, content }, index) => {
    const at = template === undefined ? `${path}.messages.${index}` : path;
    const isInstructions = role === 'system' || role === 'developer';
    if (isInstructions && begun)
      throw invalidOption(at, `is of role "${role}" and stands behind others: put it before them`);
    begun ||= !isInstructions;
    const place = template === undefined ? `${at}.content` : `${at}.template`;
    const segments = readTemplate(content, partials, place, path);
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
  return {
    outputSchema: schema ?? anyJson,
    output: frozenCopy({
      type: 'json-schema',
      // Names of formats are shorter than names of prompts may be, and have no dots.
      name: name ?? promptName.replace(/[^\w-]/g, '_').slice(0, 64),
      schema: schema === undefined ? (jsonSchema ?? {}) : jsonSchemaOf(schema, jsonSchema, `${path}.output`),
      ...told,
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

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
