// Looks at the package as npm will ship it: publint, are-the-types-wrong, a declaration file for every
// entry of the exports map, and what each entry costs to import.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const { bin, exports: exportsMap, peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8'));
const goalKb = 20;
const problems = [];

const folder = mkdtempSync(join(tmpdir(), 'managed-llm-pack-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const answer = JSON.parse(packed);
  const [tarball] = Array.isArray(answer) ? answer : Object.values(answer);
  const shipped = new Map(tarball.files.map((file) => [file.path, file.size]));
  console.log(`tarball: ${shipped.size} files, ${(tarball.size / 1000).toFixed(1)} kB`);

  // attw passes a package that has no types at all, so their presence is checked here.
  for (const [entry, target] of Object.entries(exportsMap)) {
    const files = typeof target === 'string' ? [target] : [target.types, target.default];
    for (const file of files) {
      if (!(shipped.get(file?.replace('./', '')) > 0))
        problems.push(`${entry}: ${file} is not in the tarball`);
    }
  }
  for (const [name, file] of Object.entries(bin)) {
    if (!(shipped.get(file) > 0)) problems.push(`${name}: ${file} is not in the tarball`);
    else if (!readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n'))
      problems.push(`${name}: ${file} does not say that Node runs it`);
  }
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    if (!shipped.has(file)) problems.push(`${file} is not in the tarball`);
  }

  const archive = join(folder, tarball.filename);
  const run = (command, ...args) => {
    console.log(`\n$ ${command}`);
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0)
      problems.push(`${command} has complaints`);
  };
  run('publint', archive, '--strict');
  run('attw', archive, '--profile', 'esm-only');
} finally {
  rmSync(folder, { recursive: true });
}

// Everything an import loads at once, our dependencies included; what `import()` brings later is not counted.
async function staticSizeKb(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: Object.keys(peerDependenciesMeta),
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const loaded = new Set();
  const load = (path) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { kind, path: next, external } of metafile.outputs[path].imports) {
      if (kind === 'import-statement' && !external) load(next);
    }
  };
  load('out/stdin.js');
  const code = outputFiles.filter((file) => [...loaded].some((path) => file.path.endsWith(path)));
  const bytes = Buffer.concat(code.map((file) => file.contents));
  return { minified: bytes.length / 1000, gzip: gzipSync(bytes, { level: 9 }).length / 1000 };
}

console.log('\nwhat an import costs (static imports, minified; gzip):');
const imports = [
  [
    "import { ManagedLLM } from 'managed-llm'",
    "import { ManagedLLM } from './dist/index.js'; console.log(ManagedLLM)",
  ],
];
for (const [entry, target] of Object.entries(exportsMap)) {
  if (typeof target === 'string') continue;
  const name = join('managed-llm', entry);
  imports.push([`import * from '${name}'`, `import * as all from '${target.default}'; console.log(all)`]);
}
for (const [label, contents] of imports) {
  const { minified, gzip } = await staticSizeKb(contents);
  console.log(
    `  ${label.padEnd(44)} ${minified.toFixed(1).padStart(7)} kB  ${gzip.toFixed(1).padStart(6)} kB`,
  );
  if (label.startsWith('import { ManagedLLM }') && gzip > goalKb)
    console.log(`    over the goal of ${goalKb} kB`);
}

if (problems.length > 0) {
  console.error(`\n${problems.join('\n')}`);
  process.exit(1);
}
