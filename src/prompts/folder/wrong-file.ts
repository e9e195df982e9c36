import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { named } from './file-names.ts';

/** @param path of a file, from its folder. @param problem goes on from it */
export function wrongFile(path: string, problem: string, cause?: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-invalid',
    message: `The file \`${path}\` of the folder of prompts ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: { file: path, prompt: named(path).name },
    cause,
  });
}
