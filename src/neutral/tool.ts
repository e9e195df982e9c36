import { invalidOption } from '../core/parse-options.ts';
import { checkOutput } from '../dialects/neutral/check-output.ts';
import type { ToolDefinition } from '../dialects/neutral/request.ts';
import { strictSchema } from '../dialects/openai-strict-schema.ts';
import {
  isStandardSchema,
  jsonSchemaOf,
  type InferOutput,
  type JsonSchema,
  type StandardSchemaV1,
} from '../core/standard-schema.ts';

/** What a running tool is told. */
export interface ToolContext {
  /** The model's own id of this call of the tool. */
  readonly toolCallId: string;
  /** The LLM call in which the model asked for it. */
  readonly callId: string;
  /** Aborts when nobody waits for the result any more: the caller's signal, the deadline, another tool that threw. */
  readonly signal: AbortSignal;
}

/**
 * A tool that the model may call. With `execute`, `llm.chat` runs it and goes on; without, the answer is handed back with
 * the model's call in it.
 */
export interface Tool<Args = unknown> extends ToolDefinition {
  /** What arguments are held to before `execute` sees them. */
  readonly schema?: StandardSchemaV1<unknown, Args>;
  /** What becomes of an error that `execute` throws. Default `tell`: the model gets its message, as a failed result. `throw`: the chat rejects with it. */
  readonly onError?: 'tell' | 'throw';
  /** Text is given to the model as it is, nothing as `''`, everything else as JSON. */
  execute?(args: Args, context: ToolContext): unknown;
}

/** The type of a tool's arguments: what its schema lets through; for a plain JSON schema nobody knows. */
export type ArgumentsOf<S> = S extends StandardSchemaV1 ? InferOutput<S> : unknown;

/** What {@link tool} takes. */
export interface ToolOptions<S extends StandardSchemaV1 | JsonSchema> extends Omit<
  ToolDefinition,
  'parameters'
> {
  /** Standard Schema of the arguments object, which types and validates them; or a plain JSON schema, which does neither. */
  readonly parameters: S;
  /** The JSON schema that the model is shown, where `parameters` cannot tell it. */
  readonly jsonSchema?: JsonSchema;
  /** See {@link Tool.onError}. Default `tell`. */
  readonly onError?: 'tell' | 'throw';
  /** Runs it. Text is given to the model as it is, nothing as `''`, everything else as JSON. Left out: the model's call is handed back. */
  execute?(args: ArgumentsOf<S>, context: ToolContext): unknown;
}

/**
 * A tool whose `execute` gets arguments of the type that the schema lets through. Arguments that do not fit never reach
 * it: the model is told what is wrong with them.
 *
 * @example
 * ```ts
 * import { tool } from 'managed-llm';
 * import * as z from 'zod';
 *
 * const weather = tool({
 *   name: 'weather',
 *   description: 'The weather in a city',
 *   parameters: z.object({ city: z.string() }),
 *   execute: ({ city }) => `Sunny in ${city}`,
 * });
 * const reply = await llm.chat({ model: 'openai/gpt-6-luna', messages: 'Oslo?', tools: [weather] });
 * ```
 * With `strict`, providers demand that every object is closed and requires its members: the JSON schema of `parameters` is
 * made so, and a plain one is sent as it is.
 *
 * @throws `invalid-options` when a schema does not tell its JSON schema and `jsonSchema` is not given, when `parameters` is no
 *   schema, or when `strict` is said of one that has optional members which may not be null.
 */
export function tool<const S extends StandardSchemaV1 | JsonSchema>(
  options: ToolOptions<S>,
): Tool<ArgumentsOf<S>> {
  const { parameters, jsonSchema, ...rest } = options;
  const path = `tool(${JSON.stringify(options.name)}).parameters`;
  if (isStandardSchema(parameters)) {
    const schema = parameters as StandardSchemaV1<unknown, ArgumentsOf<S>>;
    const shown = jsonSchemaOf(schema, jsonSchema, path);
    if (rest.strict !== true) return { ...rest, schema, parameters: shown };
    checkOutput(shown, true, path);
    return { ...rest, schema, parameters: strictSchema(shown, path, []) };
  }
  if (typeof parameters !== 'object' || parameters === null) throw invalidOption(path, 'must be a schema');
  for (const [name, member] of Object.entries(parameters)) {
    if (isStandardSchema(member))
      throw invalidOption(
        `${path}.${name}`,
        'is a schema where a JSON schema has none: wrap them all, as `z.object({ … })` does',
      );
  }
  return { ...rest, parameters };
}
