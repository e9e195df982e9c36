import { assignmentRows } from './experiments/assignments.ts';
import { meanRuns, rateRuns, type Runs } from './experiments/simulations.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** Who is in which arm, and how often chance is taken for a difference. */
export const proof: Proof = {
  name: 'experiments',
  claim:
    'Users stay with their arm and come to arms by their weights; a change of weights moves only the share that has to move; looked at after every call, the test takes chance for a difference at most as often as it says.',
  run,
};

const alpha = 0.05;

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const assignments = assignmentRows(100_000);
  log('assigned');
  const sizes = small
    ? { runs: 150, calls: 800, effectRuns: 20 }
    : { runs: 2_000, calls: 5_000, effectRuns: 200 };
  const simulations = [...rateRuns(sizes, alpha, seed), ...meanRuns(sizes, alpha, seed)];
  const failures = [...assignments.failures];
  const rows: ProofRow[] = [...assignments.rows];
  let passed = assignments.passed;
  for (const simulate of simulations) {
    const runs = simulate();
    log(runs.of);
    rows.push(rowOf(runs));
    const failure = failureOf(runs);
    if (failure === undefined) passed++;
    else failures.push(failure);
  }
  return {
    sample:
      `100,000 users; ${sizes.runs.toLocaleString('en-US')} simulated experiments of up to ${sizes.calls.toLocaleString('en-US')} calls ` +
      `without a difference in each row, ${sizes.effectRuns} with one; alpha ${alpha}`,
    rows,
    passed,
    failures,
    notes: [
      'calls until: calls of both arms together until the test says so, half of the time at most',
      'rates are exact for any number of calls; means are asymptotic, with 200 calls of each arm before the first conclusion',
      'calls of one user are more alike than calls of different ones: if each counted, chance would be taken for a difference far more often, which the row without a goal shows; so the first of each counts',
    ],
  };
}

/** Three standard errors above the level: as much as chance alone gives about once in a thousand times at the very level. */
function allowed(runs: number): number {
  return alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs);
}

function rowOf({ of, isDifferent, isBound, runs, decided, wrongWay, untilMedian }: Runs): ProofRow {
  return {
    of,
    [isDifferent ? 'found' : 'false alarms']:
      `${((100 * decided) / runs).toFixed(1)} %${isBound ? '' : ', no goal'}`,
    runs,
    ...(isDifferent ? { 'wrong way': wrongWay, 'calls until': untilMedian ?? 'more' } : {}),
  };
}

function failureOf({ of, isDifferent, isBound, runs, decided }: Runs): string | undefined {
  if (isDifferent || !isBound || decided / runs <= allowed(runs)) return undefined;
  return `${of}: ${decided} of ${runs} false alarms`;
}
