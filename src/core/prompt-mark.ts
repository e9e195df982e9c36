import type { Call } from './call.ts';
import type { DialectId } from './dialect.ts';
import type { PromptFact } from './prompt-fact.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';

/**
 * Key of the {@link PromptMark} on a body that was rendered. An enumerable symbol: it goes along when a body is spread,
 * and is in no JSON, no key of a cache and no list of names. `structuredClone` and JSON lose it.
 */
export const promptMark: unique symbol = Symbol.for('managed-llm.prompt');

/** What a body was rendered from. */
export interface PromptMark {
  readonly prompt: CarriedPrompt;
  /** As they were given. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What the core knows of a prompt: whatever has these members is one. */
export interface CarriedPrompt {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  readonly label: string | undefined;
  /** What its answers are held to by `llm.object`. */
  readonly outputSchema: StandardSchemaV1 | undefined;
  /**
   * The members that it gives to a request of a dialect. Throws `prompt-variables` where one of its variables is missing or
   * not of its kind, and for names that it does not have, unless the variables are `another` prompt's.
   */
  bodyIn(
    dialect: DialectId,
    variables: Readonly<Record<string, unknown>>,
    of?: 'own' | 'another',
  ): Readonly<Record<string, unknown>>;
  /** What it says and requests of a dialect have no place for. */
  leftOutIn(dialect: DialectId): readonly string[];
}

/** Whether a value is a prompt, of this copy of the package or of another. */
export function isPrompt(value: unknown): value is CarriedPrompt {
  return typeof value === 'object' && value !== null && 'bodyIn' in value && 'leftOutIn' in value;
}

/** Variables as a mark keeps them: nobody changes them later. What is no object stays, to be refused by the prompt. */
export function keptVariables(given: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isObject ? Object.freeze({ ...given }) : (given as Readonly<Record<string, unknown>>);
}

/** A body of members that a prompt has rendered, and perhaps of others. */
export function marked<B extends object>(body: B, mark: PromptMark): B {
  return { ...body, [promptMark]: mark };
}

/** The mark of a body; `undefined` for one that was not rendered. */
export function markOf(body: unknown): PromptMark | undefined {
  return typeof body === 'object' && body !== null
    ? (body as { readonly [promptMark]?: PromptMark })[promptMark]
    : undefined;
}

/** What a call was rendered from; `undefined` where its messages were written by hand. */
export function promptOf(call: Call): PromptMark | undefined {
  return markOf(call.body);
}

/** Notes the fact of a call's prompt, if it has one. */
export function notePrompt(call: Call): void {
  const fact = promptFactOf(call);
  if (fact !== undefined) call.run.note('prompt', fact);
}

/** What is told of the prompt that a call was rendered from. */
export function promptFactOf({ body, dialect }: Call): PromptFact | undefined {
  const mark = markOf(body);
  if (mark === undefined) return undefined;
  const { name, version, hash, label } = mark.prompt;
  const leftOut = mark.prompt.leftOutIn(dialect.id);
  return {
    name,
    version,
    hash,
    ...(label === undefined ? {} : { label }),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}
