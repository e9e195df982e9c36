import type { Prompt, PromptEffort } from '../prompt.ts';
import type { PromptDiff } from './diff-prompts.ts';
import type { PromptLabelChange } from './label-book.ts';
import type { PromptRegistryOptions } from './options.ts';
import { Registry } from './registry.ts';

/** Which version `get` is asked for. Neither: the newest, as the source orders them. */
export interface GetPromptOptions {
  /** The version that a label names. */
  readonly label?: string;
  /** That very version. Not together with `label`. */
  readonly version?: string;
}

/** Who changes a label, and why. */
export interface LabelOptions {
  /** Who does it: a name, a mail address, the id of a deployment. 1 to 200 characters. */
  readonly by: string;
  /** Up to 1,000 characters. */
  readonly note?: string;
}

/** A version that a registry knows. */
export interface PromptVersionInfo {
  readonly version: string;
  readonly hash: string;
  /** When a process first recorded it in the state; `undefined` where none has, as of drafts. */
  readonly recordedAt: number | undefined;
  /** Those that name it now. */
  readonly labels: readonly string[];
}

/** What has become of the labels of a prompt. */
export interface PromptHistory {
  /** The latest last. */
  readonly changes: readonly PromptLabelChange[];
  /** How many older ones have made room: what fits into 64 kB is kept, some 400 to 600 changes. */
  readonly dropped: number;
}

/** Versions of prompts and the labels that name them. Made by {@link promptRegistry}. */
export interface PromptRegistry {
  /**
   * A version of a prompt, to be rendered as any. What is known is given at once, without asking anybody; what is not new any
   * more is asked for again in the background; only labels that are long out of date are waited for, up to 250 ms. Its `label` is told in receipts (`facts.prompt.label`).
   *
   * @throws `prompt-unknown` for a prompt, a version or a label that there is not; `prompt-source-failed` and
   * `state-unreachable` where source or state are down and nothing is known from before; `prompt-invalid` and
   * `prompt-changed` where the version is served and is wrong, or is not what it was. Fails open: what was once known stays
   * in use.
   */
  get(name: string, options?: GetPromptOptions): Promise<Prompt>;
  /**
   * The same, typed as the prompt of the code that is given. Never rejects but for wrong options, for `closed`, and where another
   * version is asked for by `version` and cannot be had: that prompt itself is given where nothing else is known, where the
   * label is not set, and where the version has other variables, another output or no model, which is reported
   * (`prompt-misfit`). What was read from JSON takes over its schemas.
   */
  get<V extends object, O, M extends string | undefined, E extends PromptEffort>(
    prompt: Prompt<V, O, M, E>,
    options?: GetPromptOptions,
  ): Promise<Prompt<V, O, M extends string ? string : M, E>>;
  /**
   * Lets a label name a version, in every process that uses it within `labelsFreshMs`, while the state answers.
   *
   * @param label begins with a letter; letters, digits, `_`, `-` and `.`; up to 100
   * @throws `prompt-unknown` for a version that nobody knows, or a draft; `state-unreachable`: it may have been set or not
   */
  label(name: string, label: string, version: string, options: LabelOptions): Promise<void>;
  /**
   * Lets a label name the version that it named before; once more: the one before that, up to 50.
   *
   * @returns the version that it names now
   * @throws `prompt-unknown` where there is none; `state-unreachable`: it may have been done or not
   */
  rollback(name: string, label: string, options: LabelOptions): Promise<string>;
  /** Takes a label away, and what it named before. @throws `prompt-unknown`, `state-unreachable` */
  unlabel(name: string, label: string, options: LabelOptions): Promise<void>;
  /** Each label with the version that it names, as the state has them now. @throws `state-unreachable` */
  labels(name: string): Promise<Readonly<Record<string, string>>>;
  /** @throws `state-unreachable` */
  history(name: string): Promise<PromptHistory>;
  /** Those of the source, and those that only the state has kept, oldest first. @throws as `get` */
  versions(name: string): Promise<readonly PromptVersionInfo[]>;
  /** Those of the source, where it can tell, and those that were asked for and found. @throws `prompt-source-failed` */
  names(): Promise<readonly string[]>;
  /** What is different in another version. @throws as `get` */
  diff(name: string, from: string, to: string): Promise<PromptDiff>;
  /**
   * Asks source and state now: for one prompt, or all that were asked for, and waits for all of them.
   *
   * @throws `prompt-source-failed`, `state-unreachable`, and for one prompt `prompt-unknown`; what is known stays
   */
  refresh(name?: string): Promise<void>;
  /** Ends what runs in the background, and lets go of the state. `get` rejects with `closed` from then on. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A registry of prompts. Versions come from the code, a folder or any function, and never change: a version that is served with
 * other content stays as it was first seen, in any process that shares the state. Labels (`production`, `staging`, …) live in
 * the state and move without a deploy.
 *
 * Fails open: a source that is down, hangs or serves nonsense hurts no call. Each process uses what it knew; one that starts
 * meanwhile uses what the state has kept.
 *
 * @example
 * ```ts
 * import { promptFolder, promptRegistry } from 'managed-llm/prompts';
 * import { sqliteState } from 'managed-llm/sqlite';
 *
 * const registry = promptRegistry({ source: promptFolder('prompts'), state: sqliteState({ path: 'llm.db' }) });
 * const support = await registry.get('support', { label: 'production' });
 * await llm.chat({ prompt: support, variables: { question: 'Where is my order?' }, model: 'openai/gpt-5-mini' });
 * await registry.label('support', 'production', '4', { by: 'alice' });
 * await registry.rollback('support', 'production', { by: 'alice' });
 * ```
 * @throws `invalid-options`
 */
export function promptRegistry(options: PromptRegistryOptions): PromptRegistry {
  return new Registry(options) as PromptRegistry;
}
