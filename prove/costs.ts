import { compareGenerated } from './costs/generated.ts';
import { compareRecorded } from './costs/recorded.ts';
import { sumOf, type Tally } from './costs/tally.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { quietly } from './recordings/quietly.ts';

/** Our arithmetic against that of the package whose data it stands on. */
export const proof: Proof = {
  name: 'costs',
  claim:
    'What usage costs is what `calcPrice` of @pydantic/genai-prices makes of it, to the nano-USD, wherever that knows the terms it was billed at; what is not known is said to be so.',
  run,
};

async function run(context: ProofContext): Promise<ProofResult> {
  const generated = await compareGenerated(context);
  context.log('generated usages compared');
  const { isRecorded, exchanges, tally, reading } = await quietly(compareRecorded);
  const source = isRecorded ? 'recorded' : 'of the project';
  const tallies = [generated, tally];
  return {
    sample:
      `${generated.usages} generated usages, ${generated.unaskable} models left out that the data finds by no id of their own; ` +
      `${exchanges} exchanges ${isRecorded ? 'recorded' : 'that the project wrote itself, since there are no recordings beside the repository'}, ${tally.usages} of which tell usage`,
    rows: [rowOf('generated', generated), rowOf(source, tally)],
    passed: tallies.reduce((sum, { same, explained }) => sum + same + sumOf(explained), 0),
    failures: tallies.flatMap(({ failures }) => failures),
    notes: [
      ...notesOf('generated', generated),
      ...notesOf(source, tally),
      `${source}: of ${reading.read} plain replies whose usage it reads by itself, ${reading.same} cost the same by its own reading`,
      ...linesOf(`${source}: by its own reading`, 'differ', reading.explained),
    ],
  };
}

function rowOf(usages: string, { usages: all, priced, same, explained, unknown, failures }: Tally): ProofRow {
  return {
    usages,
    all,
    priced,
    'same as calcPrice': same,
    'differ, explained': sumOf(explained),
    'differ, unexplained': failures.length,
    unknown: sumOf(unknown),
  };
}

function notesOf(usages: string, { explained, unknown }: Tally): readonly string[] {
  return [...linesOf(usages, 'differ', explained), ...linesOf(usages, 'unknown', unknown)];
}

function linesOf(of: string, verb: string, table: ReadonlyMap<string, number>): readonly string[] {
  return [...table]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, many]) => `${of}: ${many} ${verb}: ${reason}`);
}
