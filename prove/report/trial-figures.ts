import type { Receipt } from 'managed-llm';
import type { Checks } from '../streams/lab.ts';
import { quantile } from './books.ts';
import { aHundredth, same, sameShare } from './figures.ts';
import { readPage } from './read-page.ts';

/** What calls of one version of a prompt, or of one arm, come to. */
interface Group {
  calls: number;
  failed: number;
  tokens: number;
  /** Nano-USD of those whose cost is known. */
  readonly costs: number[];
  readonly took: number[];
  firstAt: number;
  lastAt: number;
}

/** Prompts and experiments of a page against sums of our own over the receipts. */
export function checkTrials(
  checks: Checks,
  html: string,
  receipts: readonly Receipt[],
  timeZone: string,
): string {
  const page = readPage(html);
  const minute = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const versions = groupsOf(receipts, ({ facts: { prompt } }) =>
    prompt === undefined ? [] : [`${prompt.name} @ ${prompt.version} ${prompt.hash.slice(0, 8)}`],
  );
  const rows = page.after('prompts').slice(1);
  checks.that(rows.length === versions.size, 'a row for each version', () => rows.length);
  for (const [version, group] of versions) {
    const row = rows.find(([name]) => name?.startsWith(version));
    const [, calls, errors, cost, p50, p95, tokens, first, last] = row ?? [];
    checkGroup(checks, version, group, { calls, errors, cost, p50, p95 });
    same(checks, `${version}: tokens a call`, tokens, group.tokens / group.calls);
    checks.that(first === minute.format(group.firstAt), `${version}: first used`, () => first);
    checks.that(last === minute.format(group.lastAt), `${version}: last used`, () => last);
  }
  const exposed = groupsOf(receipts, ({ facts: { experiments = [], canaries = [] } }) => [
    ...experiments.map(({ experiment, arm }) => `${experiment} ${arm}`),
    ...canaries.map(({ canary, arm }) => `${canary} ${arm}`),
  ]);
  for (const tried of ['length', 'model', 'calm']) {
    const arms = [...exposed].filter(([key]) => key.startsWith(`${tried} `));
    const all = arms.reduce((sum, [, { calls }]) => sum + calls, 0);
    const told = page.below(`<bdi>${tried}</bdi>`).slice(1);
    checks.that(told.length === arms.length, `${tried}: a row for each arm`, () => told.length);
    for (const [key, group] of arms) {
      const row = told.find(([name]) => `${tried} ${name}` === key);
      const [, calls, share, errors, cost, p50, p95] = row ?? [];
      checkGroup(checks, key, group, { calls, errors, cost, p50, p95 });
      sameShare(checks, `${key}: share`, share, group.calls, all);
    }
  }
  return `${versions.size} versions of prompts, ${exposed.size} arms`;
}

type Told = Readonly<Record<'calls' | 'errors' | 'cost' | 'p50' | 'p95', string | undefined>>;

function checkGroup(checks: Checks, name: string, group: Group, told: Told): void {
  const { calls, failed, costs, took } = group;
  same(checks, `${name}: calls`, told.calls, calls);
  sameShare(checks, `${name}: errors`, told.errors, failed, calls);
  same(checks, `${name}: cost a call`, told.cost, costs.reduce((sum, cost) => sum + cost, 0) / costs.length);
  same(checks, `${name}: p50`, told.p50, quantile(took, 0.5), aHundredth);
  same(checks, `${name}: p95`, told.p95, quantile(took, 0.95), aHundredth);
}

function groupsOf(
  receipts: readonly Receipt[],
  keysOf: (receipt: Receipt) => readonly string[],
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const receipt of receipts)
    for (const key of keysOf(receipt)) {
      const { startedAt, outcome, origin, durationMs, costNanoUsd, attempts } = receipt;
      const group = groups.get(key) ?? {
        calls: 0,
        failed: 0,
        tokens: 0,
        costs: [],
        took: [],
        firstAt: startedAt,
        lastAt: startedAt,
      };
      groups.set(key, group);
      group.calls += 1;
      group.failed += Number(outcome === 'failed' || outcome === 'timed-out');
      for (const { usage } of attempts)
        group.tokens += (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
      if (costNanoUsd !== undefined) group.costs.push(costNanoUsd);
      if (origin === 'provider' && outcome === 'finished') group.took.push(durationMs);
      group.firstAt = Math.min(group.firstAt, startedAt);
      group.lastAt = Math.max(group.lastAt, startedAt);
    }
  return groups;
}
