import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachingMutants } from './mutants/caching.ts';
import { canaryMutants } from './mutants/canary.ts';
import { experimentMutants } from './mutants/experiments.ts';
import { foundationMutants } from './mutants/foundation.ts';
import { moneyMutants } from './mutants/money.ts';
import type { Mutant } from './mutants/mutant.ts';
import { promptMutants } from './mutants/prompts.ts';
import { resilienceMutants } from './mutants/resilience.ts';
import { semanticMutants } from './mutants/semantic.ts';
import type { Proof } from './proof.ts';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const mutants: readonly Mutant[] = [
  ...foundationMutants,
  ...resilienceMutants,
  ...moneyMutants,
  ...cachingMutants,
  ...semanticMutants,
  ...experimentMutants,
  ...canaryMutants,
  ...promptMutants,
];

/** Breaks the source in named ways: each must turn its named test red, and that test is green on the source as it is. */
export const proof: Proof = {
  name: 'mutants',
  claim: 'Each of these faults, put into the source on its own, turns its named test red.',
  async run({ log, small, seed }) {
    const failures: string[] = [];
    const rows: { mutant: string; test: string; verdict: string }[] = [];
    // In a small run every thirtieth one is broken, and all are looked for; that all tests are green, `npm test` shows.
    const broken = mutants.filter((_mutant, index) => !small || (index + seed) % 30 === 0);
    const red = await unsoundTests(broken);
    await eachOf(mutants, async (mutant) => {
      const isBroken = broken.includes(mutant);
      const problem = problemBefore(mutant, red) ?? (isBroken ? await problemWith(mutant) : undefined);
      const verdict = problem ?? (isBroken ? 'red, as it must be' : 'in place');
      rows.push({ mutant: mutant.name, test: mutant.title, verdict });
      if (problem !== undefined) failures.push(`${mutant.name}: ${problem}`);
      log(`${mutant.name}: ${verdict}`);
    });
    return {
      sample: `${broken.length} of ${mutants.length} faults, one test each`,
      rows,
      passed: mutants.length - failures.length,
      failures,
    };
  },
};

/** Two at a time: a run of one test keeps about one core busy. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

/** Titles that are not green on the source as it is, each file run once. */
async function unsoundTests(of: readonly Mutant[]): Promise<ReadonlyMap<string, string>> {
  const red = new Map<string, string>();
  await eachOf([...new Set(of.map(({ test }) => test))], async (test) => {
    const titles = new Set(of.filter((mutant) => mutant.test === test).map(({ title }) => title));
    const { tests, output } = await runTests(test, [...titles]);
    for (const title of titles) {
      const own = tests.filter((found) => found.title === title);
      if (own.length === 0 || own.some(({ passed }) => !passed)) red.set(title, output);
    }
  });
  return red;
}

function problemBefore({ file, find, title }: Mutant, red: ReadonlyMap<string, string>): string | undefined {
  const places = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  if (places !== 1) return `its passage stands ${places} times in ${file}`;
  const output = red.get(title);
  return output === undefined ? undefined : `its test is not green on the source as it is: ${output}`;
}

/** A run that hangs or dies before it reports counts as red. */
async function problemWith(mutant: Mutant): Promise<string | undefined> {
  const { tests } = await runTests(mutant.test, [mutant.title], mutant);
  const stayed = tests.length > 0 && tests.every(({ passed }) => passed);
  return stayed ? 'its test stays green' : undefined;
}

interface TestRun {
  /** Those of the titles asked for that ran. */
  readonly tests: readonly { readonly title: string; readonly passed: boolean }[];
  readonly output: string;
}

/** Runs tests by title, on the source as it is or on a broken one. */
function runTests(test: string, titles: readonly string[], mutant?: Mutant): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  const report = join(folder, 'report.json');
  const pattern = titles.map((title) => title.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('|');
  const args = [
    vitest,
    'run',
    test,
    '--config=vitest.mutant.config.ts',
    '--reporter=json',
    '--testTimeout=3000',
    `--outputFile=${report}`,
    `--testNamePattern=${pattern}`,
  ];
  const env = { ...process.env };
  if (mutant !== undefined) env['MANAGED_LLM_MUTANT'] = JSON.stringify(mutant);
  return new Promise((resolve) => {
    const options = { cwd: root, env, timeout: 60_000, maxBuffer: 64 * 2 ** 20 };
    execFile(process.execPath, args, options, (_error, _stdout, stderr) => {
      const tests = testsOf(report);
      rmSync(folder, { recursive: true, force: true });
      resolve({ tests, output: stderr.slice(-400) });
    });
  });
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** The tests of a report that ran; none when the run died before it wrote one. */
function testsOf(report: string): TestRun['tests'] {
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    return testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ title, status }) => ({ title, passed: status === 'passed' }));
  } catch {
    return [];
  }
}
