import type { Loss } from '../neutral/loss.ts';
import type { OutputFormat } from '../neutral/request.ts';
import { encodeSchema, type EncodedSchema } from '../openai-chat/output-format.ts';

/** `text.format` of Responses. */
export interface EncodedFormat extends EncodedSchema {
  readonly type: 'json_schema';
}

export function encodeFormat(
  output: Extract<OutputFormat, { readonly type: 'json-schema' }>,
  losses: Loss[],
): EncodedFormat {
  return { type: 'json_schema', ...encodeSchema(output, 'answer', losses) };
}
