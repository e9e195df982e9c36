import type { Loss } from '../neutral/loss.ts';
import type { OutputFormat } from '../neutral/request.ts';
import type { JsonRecord } from '../record.ts';
import { encodeSchema } from './output-schema.ts';

/** A format of `output_config`. */
export interface EncodedFormat {
  readonly type: 'json_schema';
  readonly schema: JsonRecord;
}

/** SDK type `JSONOutputFormat`: a schema and nothing else, always held to. Its name rules nothing and is no loss. */
export function encodeFormat(output: OutputFormat | undefined, losses: Loss[]): EncodedFormat | undefined {
  if (output === undefined) return undefined;
  if (output.type === 'json') {
    losses.push({ path: 'output', reason: 'JSON can be asked for only with a schema; it was left out.' });
    return undefined;
  }
  if (output.description !== undefined)
    losses.push({
      path: 'output.description',
      reason: 'A format has no description here; it was left out.',
    });
  if (output.strict === false)
    losses.push({ path: 'output.strict', reason: 'The answer is always held to the schema.' });
  return { type: 'json_schema', schema: encodeSchema(output.schema, 'output.schema', losses) };
}
