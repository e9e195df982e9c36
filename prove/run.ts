// npm run prove -- <name>…|all [--small] [--seed N]
import { globSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Proof, ProofResult } from './proof.ts';
import { tableOf } from './table.ts';

const here = import.meta.dirname;
const machinery = new Set(['run', 'proof', 'table']);
const known = globSync('*.ts', { cwd: here })
  .map((file) => basename(file, '.ts'))
  .filter((name) => !machinery.has(name))
  .toSorted();

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
});
const seed = Number(values.seed);
const names = positionals.includes('all') ? known : positionals;
const unknown = names.filter((name) => !known.includes(name));
if (names.length === 0 || unknown.length > 0 || !Number.isSafeInteger(seed)) {
  for (const name of unknown) console.error(`There is no proof \`${name}\`.`);
  console.error(`npm run prove -- <name>…|all [--small] [--seed N]\nProofs: ${known.join(', ')}`);
  process.exit(2);
}

/** A rejection that nobody handles is a fault of what is being proved, in every proof. */
const strays: unknown[] = [];
process.on('unhandledRejection', (reason) => strays.push(reason));

let passed = 0;
let failed = 0;
const missed: { readonly verdict: string; readonly failures: readonly string[] }[] = [];
for (const name of names) {
  const { proof } = (await import(`./${name}.ts`)) as { readonly proof: Proof };
  const startedAt = performance.now();
  console.log(`\n# ${proof.name}\n${proof.claim}`);
  console.log(`seed ${seed}${values.small ? ', small sample' : ''}; ${machine()}\n`);
  const result = await outcomeOf(proof);
  const failures = [
    ...result.failures,
    ...strays.splice(0).map((reason) => `unhandled rejection: ${reason}`),
  ];
  console.log(`sample: ${result.sample}\n`);
  console.log(tableOf(result.rows));
  for (const note of result.notes ?? []) console.log(`note: ${note}`);
  printFailures(failures, shownFailures());
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const goal = failures.length === 0 ? 'goal met' : 'GOAL MISSED';
  const verdict = `${proof.name}: ${goal}, ${result.passed} of ${result.passed + failures.length}, ${seconds} s`;
  console.log(verdict);
  if (failures.length > 0) missed.push({ verdict, failures });
  passed += result.passed;
  failed += failures.length;
}
// Of many proofs, those that failed stand far above the end: they are named once more.
if (names.length > 1) {
  for (const { verdict, failures } of missed) {
    console.log(`\n${verdict}`);
    printFailures(failures, 10);
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function outcomeOf(proof: Proof): Promise<ProofResult> {
  try {
    const log = (line: string): void => {
      if (process.stderr.isTTY || process.env['PROVE_LOG'] !== undefined) console.error(`  ${line}`);
    };
    const result = await proof.run({ small: values.small, seed, log });
    // What is still settling may yet reject.
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { sample: 'none: the proof broke off', rows: [], passed: 0, failures: [text] };
  }
}

function printFailures(failures: readonly string[], atMost: number): void {
  for (const failure of failures.slice(0, atMost)) console.log(`FAILED ${failure}`);
  if (failures.length > atMost) console.log(`… and ${failures.length - atMost} more`);
}

function shownFailures(): number {
  return process.env['PROVE_ALL_FAILURES'] === undefined ? 40 : Infinity;
}

function machine(): string {
  const processors = cpus();
  const sdks = ['openai', 'openai-oldest', '@anthropic-ai/sdk', 'anthropic-oldest'].map(
    (name) => `${name} ${versionOf(name)}`,
  );
  return [
    `${processors[0]?.model.trim() ?? 'unknown cpu'}, ${processors.length} cores`,
    `node ${process.version}`,
    ...sdks,
  ].join('; ');
}

function versionOf(name: string): string {
  const manifest = join(here, '..', 'node_modules', ...name.split('/'), 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
