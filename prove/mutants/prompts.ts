import type { Mutant } from './mutant.ts';

const registry = 'test/integration/prompt-registry.test.ts';

/** Faults in what a registry of prompts keeps, and in where labels lead. */
export const promptMutants: readonly Mutant[] = [
  {
    name: 'a label that goes back and forth between two versions',
    file: 'src/prompts/registry/label-book.ts',
    find: 'earlier: before.earlier.slice(0, -1) };',
    replace: 'earlier: [...before.earlier.slice(0, -1), before.version] };',
    test: registry,
    title: 'move, go back one version after another, and tell who did it',
  },
  {
    name: 'a version replaced by what is served under its name later',
    file: 'src/prompts/registry/known-versions.ts',
    find: 'if (known.hash !== hash) this.#tell(this.#changed(prompt, known.hash));',
    replace: 'if (known.hash !== hash) this.#versions.set(version, prompt);',
    test: registry,
    title: 'stays as it was first seen, which is told',
  },
  {
    name: 'what was known given up when it cannot be loaded again',
    file: 'src/prompts/registry/refreshing.ts',
    find: 'this.#dueAt = clock.now() + this.#pauseMs;',
    replace: 'this.#value = undefined; this.#dueAt = clock.now() + this.#pauseMs;',
    test: registry,
    title: 'labels stay as they were last known (down)',
  },
  {
    name: 'what another process has first seen taken for nothing',
    file: 'src/prompts/registry/known-versions.ts',
    find: 'if (kept !== undefined && !this.#isSame(kept, prompt)) return this.#firstOf(kept, prompt);',
    replace: 'if (kept !== undefined && hash === version) return this.#firstOf(kept, prompt);',
    test: registry,
    title: 'is as the state knows it, also for a process that has never seen it',
  },
];
