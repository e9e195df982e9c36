import type { Mutant } from './mutant.ts';

const test = 'test/integration/semantic-cache.test.ts';
const answers = 'src/interceptors/cache/semantic/semantic-answers.ts';

/** Faults in comparing questions. */
export const semanticMutants: readonly Mutant[] = [
  {
    name: 'questions taken for the same however far apart they are',
    file: answers,
    find: 'const isFar = similarity < minSimilarity;',
    replace: 'const isFar = similarity < -minSimilarity;',
    test,
    title: 'answers a question in other words by what was kept, without an attempt and without cost',
  },
  {
    name: 'what the gate finds let through',
    file: answers,
    find: 'const difference = gate ?',
    replace: 'const difference = !gate ?',
    test,
    title: 'that tells apart what is similar and differs in what matters',
  },
  {
    name: 'answers given in shadow',
    file: 'src/interceptors/cache/answers.ts',
    find: 'if (semantic.isShadow) {',
    replace: 'if (semantic.isShadow && call.stream) {',
    test,
    title: 'holds no call up, and its receipt waits for what was found',
  },
  {
    name: 'old answers given to questions in other words',
    file: answers,
    find: "const kept = found.kind === 'fresh' ? found.entry.head.question : undefined;\n    if (found.kind !== 'fresh' ||",
    replace:
      "const kept = found.kind !== 'none' ? found.entry.head.question : undefined;\n    if (found.kind === 'none' ||",
    test,
    title: 'gives nothing that is out of date, and lets go of its question',
  },
  {
    name: 'bad hits forgotten',
    file: 'src/interceptors/cache/semantic/apart.ts',
    find: '.toSorted()',
    replace: '',
    test,
    title: 'and lets go of a bad hit: neither question gets the answer to the other any more',
  },
  {
    name: 'a yes read out of a verifier’s prose',
    file: 'src/interceptors/cache/semantic/verifier.ts',
    find: '/^\\W*same\\W*$/i',
    replace: '/same/i',
    test,
    title: 'or a model, by a call of its own, and takes nothing but a plain yes',
  },
  {
    name: 'everybody stopped by the one that looks',
    file: answers,
    find: 'if (finding.stopped === true) continue;',
    replace: 'if (finding.stopped === true) return nothing;',
    test,
    title: 'looks again for the others when the one that looked is stopped',
  },
];
