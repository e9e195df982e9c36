// Runs every examples/NN-name.ts as a user would and fails if one of them does.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

const examples = globSync('examples/[0-9][0-9]-*.ts').toSorted();
let failed = 0;
for (const file of examples) {
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (run.status === 0) {
    console.log(`ok    ${file} (${seconds} s)`);
    continue;
  }
  failed += 1;
  const reason = run.error?.message ?? `exit ${run.status ?? run.signal}`;
  console.log(`FAIL  ${file} (${seconds} s): ${reason}\n${run.stdout ?? ''}${run.stderr ?? ''}`);
}
console.log(`examples: ${examples.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || examples.length === 0 ? 1 : 0);
