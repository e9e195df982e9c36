import { seeded } from './availability/random.ts';
import { generatedRows } from './estimates/generated.ts';
import { Judgement } from './estimates/judge.ts';
import { recordedRows } from './estimates/recorded.ts';
import type { Row } from './estimates/row.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { quietly } from './recordings/quietly.ts';

/** What was expected of requests, and what they came to. */
export const proof: Proof = {
  name: 'estimates',
  claim:
    'No request is billed for more tokens than its bound; what is expected comes near, the nearer the more was learnt. Learnt on one half, measured on the other.',
  run,
};

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const splits = small ? 3 : 20;
  const recorded = await quietly(recordedRows);
  log('recordings read');
  const perKind = small ? 60 : 400;
  const generated = generatedRows(perKind, seeded(seed));
  const rows: ProofRow[] = [];
  const failures = new Set<string>();
  let passed = 0;
  const judge = (of: string, those: readonly Row[], times: number): void => {
    const judgement = new Judgement();
    for (let split = 0; split < times; split++) judgement.judge(those, seeded(seed + split));
    rows.push(judgement.row(of));
    passed += judgement.bounded - judgement.broken.length;
    for (const broken of judgement.broken) failures.add(`${of}: ${broken}`);
  };
  if (recorded !== undefined) {
    const isPlain = ({ measure }: Row): boolean =>
      measure.complete && measure.files.length + measure.images.length + measure.serverTools.length === 0;
    judge('recorded, all', recorded, splits);
    judge('… of texts and tools alone', recorded.filter(isPlain), splits);
    for (const [kind, those] of Map.groupBy(recorded, (row) => row.kind)) judge(`… ${kind}`, those, splits);
  }
  for (const [kind, those] of Map.groupBy(generated, (row) => row.kind))
    judge(`generated: ${kind}`, those, 1);
  const unbounded = recorded?.filter(({ measure }) =>
    measure.serverTools.some(({ maxUses }) => maxUses === undefined),
  );
  return {
    sample:
      `${recorded === undefined ? 'no recordings beside the repository' : `${recorded.length} recorded requests that tell usage, in ${splits} splits`}; ` +
      `${generated.length} generated requests, counted by gpt-tokenizer (o200k_base)`,
    rows,
    passed,
    failures: [...failures],
    notes: [
      'off: how far the expectation is from what was reported, in shares of that; bounds are judged before and after learning',
      'all output, expected: the sum of what was expected of answers, in shares of what they were, which is what money goes by',
      ...(unbounded === undefined
        ? []
        : [
            `${unbounded.length} recorded requests have tools that the provider may use as often as the model likes: nothing bounds those, and strict budgets refuse them`,
            'recorded targets were asked some two times each: what is learnt of the maker does most',
          ]),
    ],
  };
}
