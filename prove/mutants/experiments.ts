import type { Mutant } from './mutant.ts';

const evidence = 'test/unit/experiments/evidence.test.ts';
const assignment = 'test/unit/experiments/assignment.test.ts';
const experiment = 'test/integration/experiment.test.ts';
const listing = 'test/unit/experiments/listing.test.ts';
const onPages = 'test/unit/report/experiments-section.test.ts';

/** Faults in who is in which arm, in what is concluded from it, and in what a page tells of it. */
export const experimentMutants: readonly Mutant[] = [
  {
    name: 'arms drawn anew for each set of weights',
    file: 'src/experiments/assignment.ts',
    find: 'seed: hashOf(JSON.stringify([seed, name])),',
    replace: 'seed: hashOf(JSON.stringify([seed, name, weight])),',
    test: assignment,
    title: 'subjects leave an arm that gets less, and come to one that gets more, and no others move',
  },
  {
    name: 'evidence that grows where there is none',
    file: 'src/experiments/odds-evidence.ts',
    find: 'const all = others + 1;',
    replace: 'const all = others + 1.1;',
    test: evidence,
    title: 'is expected to stay as it is where the arm makes no difference (1, 0.5)',
  },
  {
    name: 'every call of a user taken for one of another user',
    file: 'src/experiments/first-calls.ts',
    find: 'if (subject === undefined) return true;',
    replace: "if (subject === undefined || kind !== 'score') return true;",
    test: experiment,
    title: 'compare one call of each subject, and add up all of them',
  },
  {
    name: 'what could not be listed once, not listed for a day',
    file: 'src/experiments/in-use.ts',
    find: 'this.#againMs = afterFailureMs;',
    replace: 'this.#againMs = againMs;',
    test: listing,
    title: 'is listed once a day, and a minute after that failed',
  },
  {
    name: 'of experiments with one name, the first on a page instead of the latest',
    file: 'src/report/experiments.ts',
    find: 'new Map(used.toReversed().map(',
    replace: 'new Map(used.map(',
    test: onPages,
    title: 'are told once of each name: the one that was in use last',
  },
];
