import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { CarriedPrompt } from '../../core/prompt-mark.ts';
import type { State } from '../../core/state.ts';
import type { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { isSource, type PromptLoader, type PromptSource } from './source.ts';

/** Options of `promptRegistry`. */
export interface PromptRegistryOptions {
  /**
   * Where versions come from: prompts of the code (the newest last), a folder (`promptFolder`), a function, or anything with a
   * `load`.
   */
  readonly source: readonly CarriedPrompt[] | PromptLoader | PromptSource;
  /**
   * Where labels live, and a copy of each version for when the source is down. Default: the memory of this process, so that
   * labels are gone with it.
   */
  readonly state?: State;
  /** Milliseconds, ≥ 0: versions that were loaded longer ago are served, and asked for again in the background. Default 60,000. */
  readonly freshMs?: number;
  /**
   * The same for labels; those that are three times as old, because nobody has asked in a while, are waited for, up to 250 ms.
   * Default 5,000.
   */
  readonly labelsFreshMs?: number;
  /** Milliseconds, > 0: a source that takes longer has failed. Only who asks for a prompt first waits so long. Default 10,000. */
  readonly loadTimeoutMs?: number;
  /**
   * Told what hurts no call: a source or a state that does not answer, versions that are wrong or have changed. The same at most
   * once a minute. Default: a warning of the process.
   */
  readonly onError?: (error: ManagedLLMError, context: string) => void;
  /** What times go by. Default: the machine's. */
  readonly clock?: Clock;
}

const aFunction = z.custom((value) => typeof value === 'function', 'must be a function');
const atLeastZero = z.optional(z.number().check(z.nonnegative()));

/** Schema of {@link PromptRegistryOptions}. */
export const promptRegistryOptionsSchema = z.strictObject({
  source: z.custom(
    isSource,
    'must be a list of prompts, `promptFolder(…)`, a function that gives versions, or an object with `load`',
  ),
  state: z.optional(
    z.custom((value) => typeof value === 'object' && value !== null && 'ledger' in value, 'must be a state'),
  ),
  freshMs: atLeastZero,
  labelsFreshMs: atLeastZero,
  loadTimeoutMs: z.optional(z.number().check(z.positive())),
  onError: z.optional(aFunction),
  clock: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be a clock')),
});
