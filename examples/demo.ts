// The tour: `npm run demo`. Needs no key and no network: a scripted provider on a loopback port answers both real SDKs.
// `npm run demo -- --live` asks OpenAI and Anthropic, where OPENAI_API_KEY and ANTHROPIC_API_KEY are set, or an Ollama
// on its usual port. Then a provider has a bad day, which only a scripted one has on demand. What it claims is checked; it
// exits with 0 only if all of it happened. It ends with a page about what all calls cost.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import {
  ManagedLLM,
  ManagedLLMError,
  fallback,
  receipts as receiptLog,
  type Interceptor,
  type Receipt,
  type Stage,
} from 'managed-llm';
import { renderReport } from 'managed-llm/report';
import { standIn } from 'managed-llm/testing';
import { anyProviderSteps } from './demo/any-provider-steps.ts';
import { makeBackends } from './demo/backends.ts';
import { liveThroughOutage } from './demo/outage/scene.ts';
import { anthropicSteps, openaiSteps, rehearse, type Step } from './demo/steps.ts';
import { receiptTable } from './demo/table.ts';

const live = process.argv.includes('--live');
setTimeout(
  () => {
    console.error('Not done in time.');
    process.exit(1);
  },
  live ? 600_000 : 60_000,
).unref();
const provider = standIn().when({ model: 'any' }, { status: 503 }); // always busy, also with --live
if (!live) rehearse(provider);
await using server = await provider.listen();
const backends = await makeBackends(server.url, live);
if (backends.names.length === 0) {
  console.error('--live: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or start Ollama on 127.0.0.1:11434.');
  process.exit(1);
}

// Own interceptors. The first gives each tenant its own instruction, the second refuses, the witnesses only look.
const insideOut: readonly Stage[] = ['send', 'guard', 'observe'];
const instructions: Readonly<Record<string, string>> = {
  acme: 'House rule of Acme: be brief.',
  globex: 'House rule of Globex: be formal.',
};
const houseRules: Interceptor = {
  name: 'house-rules',
  stage: 'shape',
  intercept(call, next) {
    const rule = instructions[call.settings.tenant ?? ''];
    if (rule === undefined || call.operation !== 'chat') return next(call);
    return next(call.with({ body: call.dialect.request.withInstruction(call.body, rule) }));
  },
};
const noCardNumbers: Interceptor = {
  name: 'no-card-numbers',
  stage: 'guard',
  intercept(call, next) {
    if (!/\b(?:\d{4}[ -]?){4}\b/.test(JSON.stringify(call.body ?? null))) return next(call);
    throw new ManagedLLMError({
      code: 'refused',
      callId: call.id,
      message: '`no-card-numbers`: the request contains a card number. Remove it.',
    });
  },
};
/** Looks at every call that passes its stage, and changes nothing. */
const looks = new Map<string, Set<string>>();
const witness = (stage: Stage): Interceptor => ({
  name: `witness-${stage}`,
  stage,
  intercept(call, next) {
    const text = JSON.stringify(call.body ?? null);
    const found = Object.keys(instructions).filter((tenant) => text.includes(instructions[tenant] ?? ''));
    const key = `${stage} ${call.settings.tenant ?? ''}`;
    looks.set(key, new Set([...(looks.get(key) ?? []), found.join() || 'none']));
    return next(call);
  },
});

const receipts: Receipt[] = [];
const log = receiptLog();
await using llm = new ManagedLLM({
  providers: backends.providers,
  models: backends.priced,
  routes: {
    'smart-gpt': fallback('busy-openai/any', `openai/${backends.models.openai}`),
    'smart-claude': fallback('busy-anthropic/any', `anthropic/${backends.models.anthropic}`),
  },
  interceptors: [...insideOut.map(witness), noCardNumbers, houseRules, log], // any order: the stage decides
});
llm.on('call:end', (receipt) => receipts.push(receipt));

const problems: string[] = [];
const check = (holds: boolean, claim: string): void => {
  if (!holds) problems.push(claim);
};

async function take(step: Step): Promise<void> {
  const { name, user, tenant } = step;
  const scope = llm.track(() => llm.run({ user, tenant, tags: { step: name } }, () => step.run()));
  try {
    const said = await scope.result;
    console.log(`${styleText('cyan', name.padEnd(26))} ${said}`);
    check(live || said === step.says, `${name}: it should say "${step.says}"`);
  } catch (error) {
    problems.push(`${name}: ${String(error)}`);
  }
  const settled = await scope.settled;
  // Settled here is not yet noticed there: a disconnect takes a moment, even on loopback.
  for (let waited = 0; provider.openStreams > 0 && waited < 2_000; waited += 5) await sleep(5);
  for (const [claim, holds] of Object.entries(step.expect(settled.receipts)))
    check(holds, `${name}: ${claim}`);
}

console.log(`${styleText('bold', 'managed-llm')} against ${backends.names.join(' and ')}\n`);
const script = { llm, models: backends.models, provider: live ? undefined : provider };
if (backends.has.openai) for (const step of openaiSteps(script)) await take(step);
if (backends.has.anthropic) for (const step of anthropicSteps(script)) await take(step);
for (const step of anyProviderSteps({ llm, targets: backends.targets })) await take(step);
await llm.idle();

console.log(`\n${receiptTable(receipts)}\n`);

console.log('`house-rules` (stage `shape`) adds an instruction per tenant. Who sees it, outermost first:');
for (const stage of insideOut.toReversed()) {
  const outside = stage === 'observe';
  for (const tenant of Object.keys(instructions)) {
    const seen = [...(looks.get(`${stage} ${tenant}`) ?? [])];
    console.log(`  ${stage.padEnd(8)}  calls of ${tenant.padEnd(6)}  instruction of: ${seen.join(', ')}`);
    check(
      seen.join() === (outside ? 'none' : tenant),
      `${stage}, ${tenant}: saw the instruction of ${seen.join()}`,
    );
  }
}
if (!live) {
  const { requests } = provider;
  const received = requests.filter(({ bodyText }) => bodyText.includes('House rule of')).length;
  console.log(
    `  provider  received it in ${received} of ${requests.length} requests: each attempt of each call`,
  );
  check(received === requests.length, 'the provider received it in each request');
  check(provider.openStreams === 0, 'no stream is left open at the provider');
}
if (live) console.log('\nNo outage is shown: a real provider has none on demand. Run it without `--live`.');
else {
  console.log(
    '\nA provider has a bad day. Two applications ask on, one of them governed with another provider behind it:',
  );
  problems.push(...(await liveThroughOutage()));
}
const attempts = receipts.reduce((sum, receipt) => sum + receipt.attempts.length, 0);

if (problems.length > 0) {
  console.error(`\n${styleText('red', 'Not as promised:')}\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
} else {
  console.log(`\n${receipts.length} calls in ${attempts} attempts, all as shown.`);
}

const path = join(await mkdtemp(join(tmpdir(), 'managed-llm-demo-')), 'report.html');
await writeFile(
  path,
  await renderReport({ state: log.state, tag: 'step', title: 'The demo: what its calls cost' }),
);
console.log(`What they cost, who made them and how they ended, as a page: open ${path} in a browser.`);
