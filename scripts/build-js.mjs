// The quick build that demo, examples, prove and bench stand on: JavaScript only, and only when a source is
// newer than what lies in dist. Declarations stay as the last full build left them.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = [...globSync('src/**/*.ts'), 'package.json', 'tsup.config.ts', 'tsconfig.json'];
const newestSource = Math.max(...sources.map(modified));

if (modified('dist/index.js') < newestSource) {
  const { status } = spawnSync('tsup', ['--silent', '--no-dts', '--no-clean'], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
