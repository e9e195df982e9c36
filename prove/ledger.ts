import { blocksOf, Contender, type Block } from './ledger/contender.ts';
import { arenas, type Arena } from './race/arenas.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** How many accounts an attempt is counted in. */
const accountCounts = [1, 3] as const;

/** Figures are printed, never judged: they are the machine's. What is judged is that the books are right afterwards. */
export const proof: Proof = {
  name: 'ledger',
  claim: 'What it costs to reserve and settle each call, and that nothing stays reserved.',
  run,
};

async function run({ small, log }: ProofContext): Promise<ProofResult> {
  const calls = small ? 100 : 1_000;
  const blocks = small ? 3 : 9;
  const rows: ProofRow[] = [];
  const failures: string[] = [];
  const notes = [
    'added to the same call without a budget, in alternating blocks: the median of the blocks',
    'CPU is this process’s; what a server of its own takes comes on top',
  ];
  let passed = 0;
  const check = (holds: boolean, otherwise: string): void => {
    if (holds) passed += 1;
    else failures.push(otherwise);
  };
  for (const open of arenas) {
    const arena = await open();
    if ('missing' in arena) {
      notes.push(`${arena.name} was left out: ${arena.missing}`);
      check(process.env['CI'] === undefined, `${arena.name}: ${arena.missing}`);
      continue;
    }
    await using found: Arena = arena;
    for (const accounts of accountCounts) {
      log(`${found.name}, ${accounts} accounts`);
      await using budgeted = await Contender.enter(found.spec, accounts);
      await using bare = await Contender.enter({ kind: 'memory' }, 0);
      const [ours, theirs] = await blocksOf([budgeted, bare], blocks, calls);
      rows.push(rowOf(found.name, accounts, ours, theirs));
      for (const { name, isRight, found: what } of await budgeted.audit())
        check(isRight, `${found.name}, ${accounts} accounts: \`${name}\` ${what}`);
    }
  }
  return {
    sample: `${blocks} blocks of ${calls} calls one after the other, and as many 32 at a time, for each row`,
    rows,
    passed,
    failures,
    notes,
  };
}

function rowOf(state: string, accounts: number, ours: readonly Block[], bare: readonly Block[]): ProofRow {
  const added = (figure: (block: Block) => number): number =>
    median(ours.map((block, index) => figure(block) - figure(bare[index] ?? block)));
  return {
    state,
    accounts,
    'CPU, µs a call': Math.round(added(({ cpuUs }) => cpuUs)),
    'latency, ms': added(({ medianMs }) => medianMs).toFixed(3),
    'slowest in a hundred, ms': added(({ p99Ms }) => p99Ms).toFixed(3),
    'calls a second, 32 at a time': Math.round(median(ours.map(({ perSecond }) => perSecond))),
    without: Math.round(median(bare.map(({ perSecond }) => perSecond))),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
