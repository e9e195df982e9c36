import { isPrompt, type CarriedPrompt } from '../../core/prompt-mark.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** What a source is asked with. */
export interface PromptLoadOptions {
  /** One version that is wanted, and was not among those served before. A source may serve others with it. */
  readonly version?: string;
  /** Aborts where nobody waits any more: after `loadTimeoutMs`, and when the registry is closed. */
  readonly signal: AbortSignal;
}

/** What a source serves of one prompt. */
export interface PromptsServed {
  /** Its versions, the newest last: prompts, or what `promptFromJSON` takes. None: there is no such prompt. */
  readonly versions: readonly unknown[];
  /**
   * What the source could not read, for `onError`. Where there is no version, one whose `details.prompt` is the name is why.
   */
  readonly problems?: readonly ManagedLLMError[];
}

/**
 * Where versions come from. Throws or rejects where it cannot be read: what was known before is used then. Not called again
 * for one prompt and purpose before it has answered or `loadTimeoutMs` have passed, so heed the `signal`: what comes later than
 * that is not used.
 */
export interface PromptSource {
  load(name: string, options: PromptLoadOptions): PromptsServed | Promise<PromptsServed>;
  /** All that it has, where it can tell. */
  names?(): readonly string[] | Promise<readonly string[]>;
  /** Calls back when something may have changed, until it is stopped. Keeps no process alive. */
  watch?(changed: () => void): () => void;
}

/**
 * A function as a source: gives the versions of one prompt, the newest last, as prompts or as what `promptFromJSON` takes;
 * an empty list where there is no such prompt.
 */
export type PromptLoader = (
  name: string,
  options: PromptLoadOptions,
) => Iterable<unknown> | Promise<Iterable<unknown>>;

/** What a source has given, read once; `undefined` where it is not what it is to give. */
export function servedOf(given: unknown): PromptsServed | undefined {
  try {
    return isServed(given) ? { ...given, versions: [...given.versions] } : undefined;
  } catch {
    // A getter of somebody else's.
    return undefined;
  }
}

function isServed(given: unknown): given is PromptsServed {
  return (
    typeof given === 'object' &&
    given !== null &&
    'versions' in given &&
    Array.isArray(given.versions) &&
    (!('problems' in given) ||
      given.problems === undefined ||
      (Array.isArray(given.problems) && given.problems.every(ManagedLLMError.isInstance)))
  );
}

/** All names of a source; `undefined` where it cannot tell. @throws what it throws, and `prompt-source-failed` for what is no list of them */
export async function namesOf(source: PromptSource): Promise<readonly string[] | undefined> {
  const names: unknown = await source.names?.();
  if (names === undefined) return undefined;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new ManagedLLMError({
    code: 'prompt-source-failed',
    message: 'The source of prompts gave no list of `names`.',
  });
}

/** One kind of source for all that may be given. */
export function sourceOf(given: PromptSource | PromptLoader | readonly CarriedPrompt[]): PromptSource {
  if (typeof given === 'function')
    return {
      load: async (name, options) => {
        const versions: unknown = await given(name, options);
        if (typeof versions === 'string') throw new TypeError('A text is no list of versions.');
        return { versions: [...(versions as Iterable<unknown>)] };
      },
    };
  if (!isList(given)) return given;
  const versions = Map.groupBy(given, ({ name }) => name);
  return {
    load: (name) => ({ versions: versions.get(name) ?? [] }),
    names: () => [...versions.keys()],
  };
}

function isList(given: unknown): given is readonly CarriedPrompt[] {
  return Array.isArray(given);
}

/** Whether something can be a source. */
export function isSource(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (Array.isArray(value)) return value.every(isPrompt);
  return typeof value === 'object' && value !== null && 'load' in value && typeof value.load === 'function';
}
