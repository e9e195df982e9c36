import { memoryState, type ManagedLLMError, type State } from 'managed-llm';
import { promptRegistry, type PromptRegistry, type PromptRegistryOptions } from 'managed-llm/prompts';
import { manualClock, type ManualClock } from 'managed-llm/testing';

let names = 0;
/** Versions are remembered for as long as the process lives. */
export const freshName = (): string => `registered-${(names += 1)}`;
export const version = (name: string, which: string, template = `version ${which} of {{it}}`) => ({
  name,
  version: which,
  template,
});
export const by = { by: 'alice' };

export interface World {
  readonly name: string;
  readonly clock: ManualClock;
  readonly errors: ManagedLLMError[];
  /** What the source does next. */
  serve: (asked: { version?: string; signal: AbortSignal }) => unknown;
  readonly asked: { name: string; version?: string }[];
  readonly registry: PromptRegistry;
  open(more?: Partial<PromptRegistryOptions>): PromptRegistry;
}

/** A source that serves versions 1 and 2, and a registry over it. */
export function world(options: Partial<PromptRegistryOptions> = {}): World {
  const name = freshName();
  const clock = manualClock(1_000_000);
  const errors: ManagedLLMError[] = [];
  const asked: World['asked'] = [];
  const all: World = {
    name,
    clock,
    errors,
    asked,
    serve: () => [version(name, '1'), version(name, '2')],
    open: (more) =>
      promptRegistry({
        source: async (name, wanted) => {
          asked.push({ name, ...(wanted.version === undefined ? {} : { version: wanted.version }) });
          return all.serve(wanted) as Iterable<unknown>;
        },
        clock,
        onError: (error) => void errors.push(error),
        ...options,
        ...more,
      }),
    get registry() {
      return registry;
    },
  };
  const registry = all.open();
  return all;
}

export const down = (): never => {
  throw new Error('The source is down.');
};
export const hangs = (): Promise<never> => new Promise(() => {});
export const codes = (errors: readonly ManagedLLMError[]): string[] => errors.map(({ code }) => code);

/** A state whose documents can be switched off, or hang. */
export function switchable(): State & { how: 'up' | 'down' | 'hangs' } {
  const inner = memoryState();
  const { documents } = inner;
  const ask = <T>(answer: () => T): T => {
    if (state.how === 'down') throw new Error('The state is down.');
    return state.how === 'hangs' ? (hangs() as T) : answer();
  };
  const state: State & { how: 'up' | 'down' | 'hangs' } = {
    ...inner,
    how: 'up',
    documents: {
      read: (key) => ask(() => documents?.read(key)),
      write: (...given) => ask(() => documents!.write(...given)),
    },
  };
  return state;
}

/** Whatever it kept is gone. */
export function emptied() {
  let { documents } = memoryState();
  const state: State = {
    ...memoryState(),
    documents: {
      read: (key) => documents?.read(key),
      write: (...given) => documents!.write(...given),
    },
  };
  return { state, empty: () => void ({ documents } = memoryState()) };
}
