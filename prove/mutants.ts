import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundationMutants } from './mutants/foundation.ts';
import type { Mutant } from './mutants/mutant.ts';
import type { Proof } from './proof.ts';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** Breaks the source in named ways: each must turn its named test red, and that test is green on the source as it is. */
export const proof: Proof = {
  name: 'mutants',
  claim: 'Each of these faults, put into the source on its own, turns its named test red.',
  async run({ log }) {
    const failures: string[] = [];
    const rows: { mutant: string; test: string; verdict: string }[] = [];
    for (const mutant of foundationMutants) {
      const problem = await problemWith(mutant);
      const verdict = problem ?? 'red, as it must be';
      rows.push({ mutant: mutant.name, test: mutant.title, verdict });
      if (problem !== undefined) failures.push(`${mutant.name}: ${problem}`);
      log(`${mutant.name}: ${verdict}`);
    }
    return {
      sample: `${foundationMutants.length} faults, one test each`,
      rows,
      passed: foundationMutants.length - failures.length,
      failures,
    };
  },
};

async function problemWith(mutant: Mutant): Promise<string | undefined> {
  const places = readFileSync(join(root, mutant.file), 'utf8').split(mutant.find).length - 1;
  if (places !== 1) return `its passage stands ${places} times in ${mutant.file}`;
  const [sound, broken] = await Promise.all([runTest(mutant), runTest(mutant, mutant)]);
  if (sound.passed === 0 || sound.failed > 0) return `on the sound source its test gave: ${sound.output}`;
  if (broken.failed === 0 && broken.passed > 0) return 'its test stays green';
  return undefined;
}

/** Runs one test, on the source as it is or on a broken one. A run that hangs counts as red. */
function runTest({ test, title }: Mutant, mutant?: Mutant): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  const report = join(folder, 'report.json');
  const escaped = title.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const args = [
    vitest,
    'run',
    test,
    '--config',
    'vitest.mutant.config.ts',
    '--reporter=json',
    `--outputFile=${report}`,
    '--testTimeout=5000',
    '--testNamePattern',
    escaped,
  ];
  const env = { ...process.env };
  if (mutant !== undefined) env['MANAGED_LLM_MUTANT'] = JSON.stringify(mutant);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env, timeout: 60_000, maxBuffer: 64 * 2 ** 20 },
      (_error, _stdout, stderr) => {
        const counts = countsOf(report);
        rmSync(folder, { recursive: true, force: true });
        resolve({
          passed: counts?.numPassedTests ?? 0,
          failed: counts?.numFailedTests ?? 0,
          output: `${JSON.stringify(counts ?? 'no report')} ${stderr.slice(-400)}`,
        });
      },
    );
  });
}

interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** The counts of a report; none when the run died before it wrote one. */
function countsOf(report: string): Counts | undefined {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Counts;
    return { numPassedTests, numFailedTests };
  } catch {
    return undefined;
  }
}
