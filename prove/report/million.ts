import type { Receipt } from 'managed-llm';
import { renderReport } from 'managed-llm/report';
import { collectGarbage, type Checks } from '../streams/lab.ts';
import { month } from './month.ts';

const mostMb = 48;

/** Renders so many receipts as a store would give them, one after another, each of a user of its own, and of thousands of versions. */
export async function million(checks: Checks, calls: number): Promise<string> {
  const patterns = [...month(1, 1_000)];
  let most = 0;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  async function* receipts(): AsyncGenerator<Receipt> {
    for (let index = 0; index < calls; index += 1) {
      const pattern = patterns[index % patterns.length]!;
      const { prompt, ...facts } = pattern.facts;
      yield {
        ...pattern,
        facts: { ...facts, ...(prompt && { prompt: { ...prompt, version: `${index % 5_000}` } }) },
        callId: `call-${index}`,
        caller: { user: `user-${index}`, tags: { feature: `feature-${index % 7_000}` } },
      };
      if (index % Math.floor(calls / 10) !== 0) continue;
      collectGarbage();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
  }
  const startedAt = process.cpuUsage();
  const page = await renderReport({ receipts: receipts() });
  const { user, system } = process.cpuUsage(startedAt);
  const perCallUs = (user + system) / calls;
  const mostMegabytes = most / 1e6;
  checks.that(mostMegabytes < mostMb, `at most ${mostMb} MB`, () => `${mostMegabytes.toFixed(1)} MB`);
  checks.that(page.length < 300_000, 'less than 300 kB', () => page.length);
  return `${calls.toLocaleString('en-US')} users: ${mostMegabytes.toFixed(1)} MB, ${perCallUs.toFixed(1)} µs CPU a receipt`;
}
