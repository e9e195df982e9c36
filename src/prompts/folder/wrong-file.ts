import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** @param path of a file, from its folder. @param problem goes on from it */
export function wrongFile(path: string, problem: string, cause?: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-invalid',
    message: `The file \`${path}\` of the folder of prompts ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: { file: path },
    cause,
  });
}
