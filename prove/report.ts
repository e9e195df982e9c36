import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryState, type Clock, type Receipt, type State } from 'managed-llm';
import { renderReport, type ReportOptions } from 'managed-llm/report';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { checkFigures } from './report/figures.ts';
import { lookAt } from './report/look.ts';
import { million } from './report/million.ts';
import { budgets, month, monthEnd, timeZone } from './report/month.ts';
import { readPage } from './report/read-page.ts';
import { checkTrials } from './report/trial-figures.ts';
import { checkTried } from './report/tried.ts';
import { Checks } from './streams/lab.ts';

/** The page that `managed-llm report` writes, of a simulated month. */
export const proof: Proof = {
  name: 'report',
  claim:
    'Every figure on the page is the sum of the receipts, whatever users are called; the page needs nothing else, fits a phone, and takes the memory of what it shows.',
  run,
};

/** The last evening of the month. */
const clock: Clock = {
  now: () => monthEnd - 5 * 3_600_000,
  setTimeout: () => ({}),
  clearTimeout: () => {},
};
const title = 'Simulated: LLM calls and what they cost';

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const calls = small ? 6_000 : 60_000;
  const receipts = [...month(seed, calls)];
  const rows: ProofRow[] = [];
  const failures: string[] = [];
  let passed = 0;
  const part = async (name: string, check: (checks: Checks) => Promise<string> | string): Promise<void> => {
    log(name);
    const checks = new Checks(name);
    const startedAt = performance.now();
    const found = await check(checks);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    rows.push({
      part: name,
      checks: checks.passed + checks.failures.length,
      failed: checks.failures.length,
      found,
      seconds,
    });
    failures.push(...checks.failures);
    passed += checks.passed;
  };

  const state = await stateWith(receipts);
  const render = (of: State, said: Partial<ReportOptions> = {}): Promise<string> =>
    renderReport({ state: of, from: '2026-11', to: '2026-12', timeZone, clock, title, ...said });
  const page = await render(state);
  const hostile = await render(await stateWith(receipts.map(renamed)), { title: names.join(' ') });

  await part('figures', (checks) => {
    checkFigures(checks, page, receipts, timeZone);
    return `${readPage(page).total('Spend')} in ${receipts.length.toLocaleString('en-US')} calls`;
  });
  await part('prompts and arms', (checks) => checkTrials(checks, page, receipts, timeZone));
  let tried = page;
  await part('of a state', async (checks) => {
    const { found, told } = await checkTried(checks, small ? 400 : 4_000, seed);
    tried = await render(state, told);
    return found;
  });
  await part('by itself', (checks) => {
    for (const html of [page, hostile, tried]) checkAlone(checks, html);
    checks.that(page.length < 300_000, 'less than 300 kB', () => page.length);
    return `${Math.ceil(Buffer.byteLength(page) / 1_000)} kB`;
  });
  await part('names', async (checks) => {
    const { tags } = readPage(await render(await stateWith(receipts.map(harmless)), { title: 'x' }));
    const mine = readPage(hostile).tags;
    checks.that(mine.join() === tags.join(), 'hostile names change nothing but the text', () =>
      mine.find((tag, index) => tag !== tags[index]),
    );
    return `${names.length} hostile names`;
  });
  await part('memory', (checks) => million(checks, small ? 100_000 : 1_000_000));

  const notes: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'managed-llm-report-'));
  try {
    const files: string[] = [];
    for (const [name, html] of Object.entries({ page, hostile, tried })) {
      const file = join(folder, `${name}.html`);
      await writeFile(file, html);
      files.push(file);
    }
    await part('in a browser', async (checks) => {
      notes.push(await lookAt(checks, files));
      return '';
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    sample: `${receipts.length.toLocaleString('en-US')} receipts of a month, 200 users, 6 models, 5 features, an outage, a spike`,
    rows,
    passed,
    failures,
    notes,
  };
}

async function stateWith(receipts: readonly Receipt[]): Promise<State> {
  const state = memoryState({ clock });
  await state.receipts?.append(receipts);
  if (state.accounts !== undefined) await budgets(state.accounts, receipts);
  return state;
}

function checkAlone(checks: Checks, html: string): void {
  const bare = html
    .replace(/<script>.*?<\/script>|<style>.*?<\/style>|<meta http-equiv[^>]*>/gs, '')
    .replace(/>[^<]*</g, '><');
  checks.that(!/https?:|\bsrc|\bhref|url\(|@import/i.test(bare), 'no tag leads elsewhere');
  const style = /<style>.*?<\/style>/s.exec(html)?.[0] ?? '';
  checks.that(!/url\(|@import|@font-face/i.test(style), 'the style leads nowhere');
  checks.that((html.match(/<script/g) ?? []).length === 1, 'one script, its own');
  checks.that(html.includes('default-src &#39;none&#39;'), 'a policy that lets nothing in');
}

const names = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!-- ',
  '</bdi></table></style>',
  '\u202Egnp.elosnoc',
  'x'.repeat(500),
  'é 名前 👍',
];

/** The same calls, of few users who are called this and that. */
function withNames(receipt: Receipt, index: number, nameOf: (name: number) => string): Receipt {
  const name = nameOf(index % names.length);
  const { prompt, experiments, canaries } = receipt.facts;
  const facts = {
    ...receipt.facts,
    ...(prompt && { prompt: { ...prompt, name, version: name, label: name } }),
    ...(experiments && {
      experiments: experiments.map((each) => ({ ...each, experiment: name, arm: name })),
    }),
    ...(canaries && { canaries: canaries.map((each) => ({ ...each, canary: name })) }),
  };
  return { ...receipt, caller: { user: name, tags: { feature: name } }, facts };
}

const renamed = (receipt: Receipt, index: number): Receipt =>
  withNames(receipt, index, (name) => names[name]!);
const harmless = (receipt: Receipt, index: number): Receipt =>
  withNames(receipt, index, (name) => `name-${name}`);
