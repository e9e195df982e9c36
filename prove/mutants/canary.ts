import type { Mutant } from './mutant.ts';

const canary = 'test/integration/canary.test.ts';

/** Faults in who gets a canary, and in what it does of its own accord. */
export const canaryMutants: readonly Mutant[] = [
  {
    name: 'a canary that goes on whatever speaks against it',
    file: 'src/canaries/judge.ts',
    find: 'weighed.towardsBreach >= 1',
    replace: 'weighed.towardsBreach > 1e9',
    test: canary,
    title: 'it is rolled back within a few calls where all of them fail, and that is told once',
  },
  {
    name: 'the canary for all where the state does not answer',
    file: 'src/interceptors/canary/running.ts',
    find: "this.#applied(place?.arm ?? 'stable', call)",
    replace: "this.#applied(place?.arm ?? 'canary', call)",
    test: canary,
    title: 'that has never answered leaves all calls stable, told once, and uncounted',
  },
  {
    name: 'who gets a canary drawn anew at each step',
    file: 'src/interceptors/canary/running.ts',
    find: '          seed,\n        ),',
    replace: '          `${seed}${percent}`,\n        ),',
    test: canary,
    title: 'keeps it as it grows, and gets it with all others once it is promoted',
  },
  {
    name: 'evidence of harm that grows where there is what is tolerated',
    file: 'src/canaries/share-evidence.ts',
    find: 'likelihood(tolerated * Math.exp(effect))',
    replace: 'likelihood(tolerated * Math.exp(effect)) + 0.1 * canary',
    test: 'test/unit/canaries/share-evidence.test.ts',
    title: 'is expected to stay as it is at the ratio itself (5 %, 1 and 2)',
  },
  {
    name: 'a canary whose later calls nobody looks at',
    file: 'src/canaries/judge.ts',
    find: "failuresOf(sums, 'failing')",
    replace: "failuresOf(sums, 'failedAtFirst')",
    test: 'test/integration/canary-harm.test.ts',
    title: 'in later calls of those who are known already rolls it back',
  },
  {
    name: 'a canary promoted by an outage of all',
    file: 'src/canaries/judge.ts',
    find: 'const mostFailing = 2;',
    replace: 'const mostFailing = 100;',
    test: 'test/unit/canaries/judge.test.ts',
    title: 'are not held by an outage that both arms share',
  },
  {
    name: 'a canary promoted while its calls hang',
    file: 'src/canaries/step-sums.ts',
    find: 'return Math.max(0, open - expected',
    replace: 'return 0 * Math.max(0, open - expected',
    test: 'test/integration/canary-harm.test.ts',
    title: 'in calls that are not answered for long holds it where it is',
  },
];
