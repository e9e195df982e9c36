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
    file: 'src/experiments/odds-evidence.ts',
    find: 'const from = Math.log(tolerated);',
    replace: 'const from = Math.log(tolerated) - 0.1;',
    test: 'test/unit/canaries/ratio-evidence.test.ts',
    title: 'is expected to stay as it is at the ratio itself (1:1, 1 and 2)',
  },
];
