import { checkNow, type StandardSchemaV1 } from '../core/standard-schema.ts';
import { parsed } from '../dialects/record.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { ReadOutput } from './format.ts';

/**
 * Reads the text of an answer as what a schema lets through, for helpers of SDKs (`parse`), which do not wait.
 *
 * @param prompt its name and version, for a message
 * @throws `invalid-output` for what does not fit, and where the schema has to wait; the message tells no value.
 */
export function outputReader(prompt: string, schema: StandardSchemaV1): ReadOutput {
  return (content) => {
    const json = parsed(content);
    const checked = json === undefined ? undefined : checkNow(schema, json);
    if (checked?.ok === true) return checked.value;
    const why =
      json === undefined
        ? 'is no JSON'
        : checked === undefined
          ? 'is held to a schema that has to wait: ask by `llm.object`'
          : 'does not fit its schema';
    throw new ManagedLLMError({
      code: 'invalid-output',
      message: `The answer to prompt \`${prompt}\` ${why}.`,
      details: { prompt, ...(checked === undefined ? {} : { issues: checked.issues }) },
    });
  };
}
