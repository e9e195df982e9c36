import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Case, Group } from './case.ts';
import { runChild } from './child.ts';
import { bootstrap, exactly, median } from './interval.ts';

/** What importing the package costs before the first call. */
export const start: Group = {
  heading: "Start: import { ManagedLLM } from 'managed-llm'",
  cases: [bundleCase(), importCase()],
};

function bundleCase(): Case {
  const name = 'bundle, minified and gzipped';
  return {
    name,
    async measure() {
      return {
        name,
        unit: 'kB',
        bare: undefined,
        added: exactly((await bundledBytes()) / 1_000),
        share: undefined,
        goal: { of: 'added', atMost: 20, text: '20 kB' },
      };
    },
  };
}

/** The entry and what it imports statically; what loads on first use is a chunk of its own and does not count. */
async function bundledBytes(): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: "export { ManagedLLM } from 'managed-llm'", resolveDir: import.meta.dirname },
    absWorkingDir: import.meta.dirname,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    splitting: true,
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const wanted = new Set<string>();
  const take = (path: string): void => {
    if (wanted.has(path)) return;
    wanted.add(path);
    for (const { path: imported, kind, external } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) take(imported);
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs))
    if (entryPoint === '<stdin>') take(path);
  let bytes = 0;
  for (const { path, contents } of outputFiles)
    if ([...wanted].some((name) => path.endsWith(name))) bytes += gzipSync(contents, { level: 9 }).length;
  if (bytes === 0) throw new Error('esbuild wrote no entry.');
  return bytes;
}

function importCase(): Case {
  const name = 'import time beside `node -e 0`';
  return {
    name,
    async measure({ quick }) {
      const pairs = Array.from({ length: quick ? 3 : 40 }, (_, index) => {
        const bareFirst = index % 2 === 0;
        const first = startMs(bareFirst ? '0' : "import('managed-llm')");
        const second = startMs(bareFirst ? "import('managed-llm')" : '0');
        return bareFirst ? { bare: first, ours: second } : { bare: second, ours: first };
      });
      return {
        name,
        unit: 'ms',
        bare: median(pairs.map(({ bare }) => bare)),
        added: bootstrap(pairs, (drawn) => median(drawn.map(({ bare, ours }) => ours - bare))),
        share: undefined,
        goal: { of: 'added', atMost: 15, text: '15 ms' },
      };
    },
  };
}

function startMs(script: string): number {
  const startedAt = performance.now();
  runChild(['-e', script]);
  return performance.now() - startedAt;
}
