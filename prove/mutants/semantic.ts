import type { Mutant } from './mutant.ts';

const test = 'test/integration/semantic-cache.test.ts';
const faults = 'test/integration/semantic-cache-faults.test.ts';
const answers = 'src/interceptors/cache/semantic/semantic-answers.ts';
const comparison = 'src/interceptors/cache/semantic/comparison.ts';
const known = 'src/interceptors/cache/semantic/known-questions.ts';

/** Faults in comparing questions. */
export const semanticMutants: readonly Mutant[] = [
  {
    name: 'questions taken for the same however far apart they are',
    file: comparison,
    find: 'const isNear = similarity >= minSimilarity;',
    replace: 'const isNear = similarity >= -minSimilarity;',
    test,
    title: 'answers a question in other words by what was kept, without an attempt and without cost',
  },
  {
    name: 'what the gate finds let through',
    file: comparison,
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
    file: comparison,
    find: "const asked = found.kind === 'fresh' ? found.entry.head.asked : undefined;\n    if (found.kind !== 'fresh' ||",
    replace:
      "const asked = found.kind !== 'none' ? found.entry.head.asked : undefined;\n    if (found.kind === 'none' ||",
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
    replace: 'if (finding.stopped === true) return finding;',
    test,
    title: 'looks again for the others when the one that looked is stopped',
  },
  {
    name: 'any number taken for a similarity',
    file: known,
    find: "typeof similarity === 'number' && Math.abs(similarity) <= 1 + rounding",
    replace: "typeof similarity === 'number'",
    test: faults,
    title: 'neither that a similarity is a cosine: 7',
  },
  {
    name: 'answers of one tenant given to another where a store mixes them up',
    file: comparison,
    find: 'if (asked.context !== question.context)',
    replace: "if (asked.context === '')",
    test: faults,
    title: 'nor that it keeps groups apart: no tenant gets, nor is told of, what another has asked',
  },
  {
    name: 'vectors of two models compared',
    file: known,
    find: 'JSON.stringify([space, context])',
    replace: 'JSON.stringify([space.length, context])',
    test: faults,
    title: 'not what another model told that has come to stand behind the name',
  },
  {
    name: 'what a second choice has told remembered',
    file: 'src/interceptors/cache/semantic/embedder.ts',
    find: 'return isOfFirstChoice(facts) ?',
    replace: 'return facts !== undefined ?',
    test: faults,
    title: 'not what the second choice told with what the first did, which is asked again when it is back',
  },
  {
    name: 'others left waiting for an embedding that nobody wants any more',
    file: 'src/interceptors/cache/semantic/embedder.ts',
    find: 'const asked = orAborted(told, call.signal).finally(',
    replace: 'const asked = told.finally(',
    test: faults,
    title: 'and others wait no longer for one whose call was stopped, whatever it is that does not heed that',
  },
  {
    name: 'what was asked for left running when its time is over',
    file: 'src/interceptors/cache/semantic/semantic-answers.ts',
    find: 'work(call.with({ signal }))',
    replace: 'work(call.with(signal.aborted ? { signal } : {}))',
    test: faults,
    title: 'and a call of its own for it ends then',
  },
  {
    name: 'vectors written without a limit of time',
    file: known,
    find: 'await this.#writing.waitFor(async () => write());',
    replace: 'await write();',
    test: faults,
    title: 'when it keeps, and for the next ten seconds not at all',
  },
  {
    name: 'a meaning lost with the verifier',
    file: comparison,
    find: "this.#failing.failed('verifying', thrown);",
    replace: 'throw thrown;',
    test: faults,
    title: 'also where its verifier cannot be asked, which its receipt tells',
  },
  {
    name: 'an answer given that was put out of date while the verifier thought',
    file: comparison,
    find: "if (found.kind !== 'fresh') return { key",
    replace:
      "if (found.kind !== 'fresh') return candidate;\n    if (candidate.entry === undefined) return { key",
    test: faults,
    title: 'by `invalidate`, to who waits for a verifier',
  },
  {
    name: 'looks joined that began before an invalidation',
    file: answers,
    find: 'if (shared?.epoch === epoch) return shared;',
    replace: 'if (shared !== undefined) return shared;',
    test: faults,
    title: 'and none who comes later shares in what began to look before',
  },
];
