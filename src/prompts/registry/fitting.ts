import { isStandardSchema } from '../../core/standard-schema.ts';
import { canonicalText } from '../../dialects/canonical-text.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { outputReader } from '../output-reader.ts';
import { Prompt } from '../prompt.ts';

const none: ReadonlySet<string> = new Set();

/**
 * A version for code that was written for another one of the same prompt: it takes over the schemas of that one where it has
 * none of its own, as one that was read from a file.
 *
 * @throws `prompt-misfit` where that code could not use it: other variables, another output, no model; `prompt-changed` where it
 * is the version of the code with other content
 */
export function fitted(found: Prompt, given: Prompt): Prompt {
  if (found.hash === given.hash && found.version === given.version)
    return found.label === undefined ? given : given.labelled(found.label);
  if (found.version === given.version) throw changed(found, given);
  const misfit = misfitOf(found, given);
  if (misfit !== undefined) throw misfitting(found, given, misfit);
  const { definition, outputSchema } = found.read;
  const { variables } = given.read.definition;
  const schema = hasOutputSchema(found) ? outputSchema : given.outputSchema;
  return new Prompt(
    {
      ...found.read,
      definition:
        definition.variables === undefined && variables !== undefined
          ? { ...definition, variables }
          : definition,
      outputSchema: schema,
      readOutput: schema && outputReader(`${found.name}@${found.version}`, schema),
    },
    found.label,
  );
}

/** Whether a version holds variables or answers to schemas of its own: one that was read from JSON does not. */
export function hasSchemas(prompt: Prompt): boolean {
  return prompt.read.definition.variables !== undefined || hasOutputSchema(prompt);
}

function hasOutputSchema({ read: { definition } }: Prompt): boolean {
  const { output } = definition;
  return output !== undefined && (isStandardSchema(output) || output.schema !== undefined);
}

/** In words: what the code gives or reads that the version has not, or the other way round. */
function misfitOf(found: Prompt, given: Prompt): string | undefined {
  const [has, needs] = [given.read.kinds, found.read.kinds];
  const name =
    [...needs].find(([variable, kind]) => has.get(variable) !== kind)?.[0] ??
    [...has.keys()].find((variable) => !needs.has(variable));
  if (name !== undefined) {
    const [inFound, inGiven] = [needs.get(name) ?? 'none', has.get(name) ?? 'none'];
    return `its variable \`${name}\` is ${inFound}, and was ${inGiven}`;
  }
  if (outputOf(found) !== outputOf(given)) return 'it asks for another output';
  if (found.model === undefined && given.model !== undefined) return 'it names no model';
  return undefined;
}

function outputOf({ read: { output } }: Prompt): string | undefined {
  return output === undefined ? undefined : canonicalText(output.schema, none);
}

function changed({ name, version, hash }: Prompt, given: Prompt): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-changed',
    message: `Version \`${version}\` of prompt \`${name}\` has other content in the code that asks for it than in the registry (${given.hash}, there ${hash}). Versions never change: give one of them another version. That of the code was served.`,
    details: { prompt: name, version, hash: given.hash, known: hash },
  });
}

function misfitting(found: Prompt, given: Prompt, misfit: string): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-misfit',
    message: `Version \`${found.version}\` of prompt \`${found.name}\` does not fit the code that asks for it, which was written for version \`${given.version}\`: ${misfit}. Version \`${given.version}\` was served.`,
    details: { prompt: found.name, version: found.version, served: given.version },
  });
}
