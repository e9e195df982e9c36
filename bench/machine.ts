import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** What the figures were measured on. */
export function machine(): string {
  const cores = cpus();
  const memoryGb = Math.round(totalmem() / 1e9);
  const load = loadavg()
    .map((average) => average.toFixed(1))
    .join(' ');
  return [
    `${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores, ${memoryGb} GB, load ${load}`,
    `Node ${process.versions.node} (V8 ${process.versions.v8}) on ${process.platform} ${process.arch}; openai ${versionOf('openai')}, @anthropic-ai/sdk ${versionOf('@anthropic-ai/sdk')}`,
  ].join('\n');
}

function versionOf(name: string): string {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
