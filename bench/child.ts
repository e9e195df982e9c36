import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs Node with these arguments at the root of the project and gives back what it printed. */
export function runChild(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 900_000,
  });
  if (status === 0) return stdout;
  throw new Error(`\`node ${args.join(' ')}\` failed: ${error?.message ?? `exit ${status}`}\n${stderr}`);
}
