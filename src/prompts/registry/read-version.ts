import { isPrompt } from '../../core/prompt-mark.ts';
import { member } from '../../dialects/record.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { promptOfJSON } from '../define-prompt.ts';
import { Prompt } from '../prompt.ts';

/**
 * A version of a prompt, of whatever a source or a state has given for it. Nothing is remembered of it.
 *
 * @throws `prompt-invalid`
 */
export function readVersion(name: string, given: unknown): Prompt {
  const prompt = given instanceof Prompt ? (given as Prompt) : parse(name, given);
  if (prompt.name === name) return prompt;
  throw invalid(name, given, `is of prompt \`${prompt.name}\`: serve it where that one is asked for`);
}

function parse(name: string, given: unknown): Prompt {
  // Of another copy of this package, which may hash in another way.
  const json: unknown = isPrompt(given) ? { ...JSON.parse(JSON.stringify(given)), hash: undefined } : given;
  try {
    return promptOfJSON(json);
  } catch (thrown) {
    if (!ManagedLLMError.isInstance(thrown)) throw invalid(name, given, 'cannot be read', thrown);
    throw invalid(name, given, `is wrong: ${thrown.message.replace(/\.$/, '')}`, thrown);
  }
}

function invalid(name: string, given: unknown, problem: string, cause?: unknown): ManagedLLMError {
  const version = versionOf(given);
  const which = typeof version === 'string' ? `Version \`${version}\`` : 'A version';
  return new ManagedLLMError({
    code: 'prompt-invalid',
    message: `${which} of prompt \`${name}\`, as the source serves it, ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: { prompt: name, ...(typeof version === 'string' ? { version } : {}) },
    cause,
  });
}

function versionOf(given: unknown): unknown {
  try {
    return member(given, 'version');
  } catch {
    // A getter of somebody else's.
    return undefined;
  }
}
