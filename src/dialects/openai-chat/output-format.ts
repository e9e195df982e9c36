import type { Loss } from '../neutral/loss.ts';
import type { OutputFormat } from '../neutral/request.ts';
import type { JsonRecord } from '../record.ts';
import { strictSchema } from '../openai-strict-schema.ts';

type JsonSchemaOutput = Extract<OutputFormat, { readonly type: 'json-schema' }>;

/** A JSON schema with what is said of it, as `response_format` has it and, in one level less, `text.format`. */
export interface EncodedSchema {
  readonly name: string;
  readonly description?: string;
  readonly schema: JsonRecord;
  readonly strict?: boolean;
}

/** @param defaultName the format must have one */
export function encodeSchema(
  { name, description, schema, strict }: JsonSchemaOutput,
  defaultName: string,
  losses: Loss[],
): EncodedSchema {
  return {
    name: name ?? defaultName,
    ...(description === undefined ? {} : { description }),
    schema: strict === true ? strictSchema(schema, 'output.schema', losses) : schema,
    ...(strict === undefined ? {} : { strict }),
  };
}

/** `response_format` of Chat Completions. */
export interface EncodedFormat {
  readonly type: 'json_schema';
  readonly json_schema: EncodedSchema;
}

export function encodeFormat(output: JsonSchemaOutput, losses: Loss[]): EncodedFormat {
  return { type: 'json_schema', json_schema: encodeSchema(output, 'response', losses) };
}
