import type { Issue } from '../core/standard-schema.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** What is wrong with the variables of a prompt. @param prompt its name and version */
export function variablesError(
  prompt: string,
  variable: string | undefined,
  problem: string,
  issues?: readonly Issue[],
): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-variables',
    message: `Prompt \`${prompt}\` ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: {
      prompt,
      ...(variable === undefined || variable === '' ? {} : { variable }),
      ...(issues === undefined ? {} : { issues }),
    },
  });
}
