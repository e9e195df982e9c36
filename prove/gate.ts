import { judge, type Judged } from './gate/judge.ts';
import { heldOutPairs } from './gate/held-out-pairs.ts';
import type { QuestionPair } from './gate/question-pair.ts';
import { tuningPairs } from './gate/tuning-pairs.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** Of the pairs of a set, at most so many. Counts are the same in every run. */
interface Goal {
  /** Near misses that are given the answer to the other question. */
  readonly nearMissesPassed: number;
  /** Paraphrases that are not. */
  readonly paraphrasesBlocked: number;
}

const sets: readonly {
  readonly name: string;
  readonly pairs: readonly QuestionPair[];
  readonly goal: Goal;
}[] = [
  { name: 'held out', pairs: heldOutPairs, goal: { nearMissesPassed: 4, paraphrasesBlocked: 44 } },
  { name: 'tuning', pairs: tuningPairs, goal: { nearMissesPassed: 1, paraphrasesBlocked: 17 } },
];

/** What rules about words make of pairs of questions, if meaning tells none of them apart. */
export const proof: Proof = {
  name: 'gate',
  claim:
    'With embeddings that call every two questions equal, few near misses are given the answer to the other question, and most paraphrases are. The rules were set by the tuning pairs, and are judged by those held out.',
  run,
};

async function run({ small, log }: ProofContext): Promise<ProofResult> {
  const rows: ProofRow[] = [];
  const notes: string[] = [];
  const failures: string[] = [];
  let count = 0;
  for (const { name, pairs, goal } of sets) {
    const judged = await judge(small ? pairs.filter((_pair, index) => index % 5 === 0) : pairs);
    log(`${name}: judged`);
    count += judged.length;
    const nearMisses = judged.filter(({ kind }) => kind !== 'paraphrase');
    const paraphrases = judged.filter(({ kind }) => kind === 'paraphrase');
    for (const [kind, those] of Map.groupBy(nearMisses, ({ kind }) => kind))
      rows.push(row(name, kind, those));
    rows.push(row(name, 'all near misses', nearMisses), row(name, 'paraphrase', paraphrases));
    const passed = nearMisses.filter(({ isGiven }) => isGiven).length;
    const blocked = paraphrases.filter(({ isGiven }) => !isGiven).length;
    if (passed > goal.nearMissesPassed)
      failures.push(`${name}: ${passed} near misses pass, more than ${goal.nearMissesPassed}`);
    if (blocked > goal.paraphrasesBlocked)
      failures.push(`${name}: ${blocked} paraphrases are blocked, more than ${goal.paraphrasesBlocked}`);
    notes.push(
      `${name}: at most ${goal.nearMissesPassed} near misses may pass and ${goal.paraphrasesBlocked} paraphrases be blocked; ` +
        `a call that compares takes ${median(judged.map(({ ms }) => ms))} ms with the gate and ${median(judged.map(({ msWithout }) => msWithout))} without (medians, of the whole call)`,
    );
  }
  return {
    sample: `${count} pairs of questions, each asked of a cache of its own`,
    rows,
    passed: sets.length * 2 - failures.length,
    failures,
    notes,
  };
}

function row(set: string, kind: string, judged: readonly Judged[]): ProofRow {
  const given = judged.filter(({ isGiven }) => isGiven).length;
  const wrong = kind === 'paraphrase' ? judged.length - given : given;
  return {
    set,
    kind,
    pairs: judged.length,
    'the same': given,
    different: judged.length - given,
    wrong,
    share: `${((100 * wrong) / judged.length).toFixed(1)} %`,
  };
}

function median(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(2);
}
