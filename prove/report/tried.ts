import { canary, experiment, ManagedLLM, memoryState, type Receipt } from 'managed-llm';
import { renderReport, type ReportOptions } from 'managed-llm/report';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { between, derived, seeded } from '../availability/random.ts';
import type { Checks } from '../streams/lab.ts';
import { same, sameShare } from './figures.ts';
import { readPage, type ReadPage } from './read-page.ts';

const failing = { control: 0.3, short: 0.04 } as const;
const maxOutputTokens = 50;

/** What was found, and what of it a page can be told. */
export interface Tried {
  readonly found: string;
  readonly told: Pick<ReportOptions, 'experiments' | 'canaries'>;
}

/**
 * An experiment and a canary of real calls, found in the state by the page: their arms against sums of our own, what was
 * decided, and what somebody did by hand.
 */
export async function checkTried(checks: Checks, calls: number, seed: number): Promise<Tried> {
  const random = seeded(derived(seed, 'tried'));
  const provider = standIn();
  provider.always(({ body }) => {
    const isShort = (body as { max_completion_tokens?: number }).max_completion_tokens === maxOutputTokens;
    const outputTokens = Math.ceil(between(random, 10, isShort ? 50 : 400));
    const fails = random() < failing[isShort ? 'short' : 'control'];
    return fails ? { status: 400 } : { usage: { inputTokens: 100, outputTokens } };
  });
  const length = experiment({
    name: 'length',
    arms: { control: {}, short: { parameters: { maxOutputTokens } } },
  });
  const rollout = canary({
    name: 'calm',
    canary: { parameters: { temperature: 0 } },
    percent: 40,
    guard: { errorRate: 0.9 },
    minSamples: calls,
  });
  const state = memoryState();
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch, maxRetries: 0 }) },
    models: { 'openai/gpt': { price: { inputUsdPerMTok: 100, outputUsdPerMTok: 1_000 } } },
    state,
    interceptors: [length, rollout],
  });
  const receipts: Receipt[] = [];
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const scores = new Map<string, number>();
  for (let call = 0; call < calls; call += 1) {
    const { chat } = llm.with({ user: `user-${call % Math.ceil(calls / 2)}` }).clients.openai;
    await chat.completions.create({ model: 'gpt', messages: [] }).catch(() => {});
    const [last, score] = [receipts.at(-1), Math.ceil(5 * random())];
    if (last === undefined || random() < 0.5) continue;
    scores.set(last.callId, score);
    await llm.feedback(last.callId, { score });
  }
  await llm.idle();
  const page = readPage(await renderReport({ state }));
  checkCanary(checks, page, receipts);
  const [heads = [], ...rows] = page.below('<bdi>length</bdi>');
  for (const arm of ['control', 'short']) {
    const own = receipts.filter(({ facts }) => facts.experiments?.[0]?.arm === arm);
    const row = rows.find(([name]) => name === arm) ?? [];
    const told = (head: string): string | undefined => row[heads.indexOf(head)];
    const answered = own.filter(({ outcome }) => outcome === 'finished');
    same(checks, `${arm}: calls`, told('Calls'), own.length);
    sameShare(checks, `${arm}: share`, told('Share'), own.length, calls);
    sameShare(checks, `${arm}: errors`, told('Errors'), own.length - answered.length, own.length);
    same(
      checks,
      `${arm}: mean cost`,
      told('Mean cost'),
      mean(answered.flatMap(({ costNanoUsd }) => costNanoUsd ?? [])),
    );
    same(checks, `${arm}: mean time`, told('Mean time'), mean(answered.map(({ durationMs }) => durationMs)));
    const score = mean(own.flatMap(({ callId }) => scores.get(callId) ?? []));
    same(checks, `${arm}: score`, told('Score'), score);
  }
  checks.that(
    page.text.includes('Take short : it fails less often than control .'),
    'the decision',
    () => page.text,
  );
  const results = await length.results();
  const { decision } = results;
  checks.that(decision.take === 'short', 'the same decision by `results()`', () => decision.take);
  const reason = 'Too calm <for> our users.';
  await rollout.abort({ by: 'alice', reason });
  const { text } = readPage(await renderReport({ state }));
  checks.that(text.includes('calm Rolled back: nobody gets it'), 'the canary was rolled back', () => text);
  checks.that(text.includes(`rolled back alice ${reason}`), 'by whom, and why', () => text);
  const told = { experiments: [results], canaries: [await rollout.status()] };
  await llm.close();
  return { found: `${calls} calls, ${scores.size} scores`, told };
}

function checkCanary(checks: Checks, page: ReadPage, receipts: readonly Receipt[]): void {
  const [heads = [], ...rows] = page.below('<bdi>calm</bdi>');
  for (const arm of ['stable', 'canary']) {
    const own = receipts.filter(({ facts }) => facts.canaries?.[0]?.arm === arm);
    const firsts = new Map<string | undefined, Receipt>();
    for (const receipt of own) {
      const subject = receipt.facts.canaries?.[0]?.subject;
      if (!firsts.has(subject)) firsts.set(subject, receipt);
    }
    const failed = [...firsts.values()].filter(({ outcome }) => outcome === 'failed');
    const row = rows.find(([name]) => name === arm) ?? [];
    const told = (head: string): string | undefined => row[heads.indexOf(head)];
    same(checks, `canary, ${arm}: calls`, told('Calls'), own.length);
    same(checks, `canary, ${arm}: subjects`, told('Subjects'), firsts.size);
    sameShare(checks, `canary, ${arm}: errors`, told('Errors'), failed.length, firsts.size);
  }
  checks.that(page.text.includes('calm Ramping up: 40% of subjects get it'), 'its step', () => page.text);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
