import { isPrompt, type CarriedPrompt } from '../../core/prompt-mark.ts';
import type { ManagedLLMError } from '../../errors/managed-llm-error.ts';

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
  /** What the source could not read, for `onError`. */
  readonly problems?: readonly ManagedLLMError[];
}

/**
 * Where versions come from. Throws or rejects where it cannot be read: what was known before is used then. Never called twice
 * at once for one prompt and purpose.
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

/** One kind of source for all that may be given. */
export function sourceOf(given: PromptSource | PromptLoader | readonly CarriedPrompt[]): PromptSource {
  if (typeof given === 'function')
    return { load: async (name, options) => ({ versions: [...(await given(name, options))] }) };
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
