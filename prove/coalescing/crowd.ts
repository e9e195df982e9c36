import { getEventListeners } from 'node:events';
import Anthropic from '@anthropic-ai/sdk';
import { budget, cache, ManagedLLM, ManagedLLMError, priceOf, type Receipt } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import type { Random } from '../availability/random.ts';
import type { Goals } from '../race/goals.ts';
import { pieces, type Member, type Scene } from './scenes.ts';
import type { Asking } from './sdks.ts';

export type Kind = 'plain' | 'stream';

/** How it ended for one of them. */
type Ending =
  | { readonly how: 'answered' | 'stopped'; readonly heard: unknown }
  | { readonly how: 'threw'; readonly thrown: unknown };

/** What came of a crowd, for the table. */
export interface Outcome {
  readonly calls: number;
  readonly requests: number;
  readonly answered: number;
  readonly left: number;
}

const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
/** 1,000 tokens of input, 100 of output. */
const answerNanoUsd = 2_000_000;

/** Lets a crowd ask the same at the same time, and looks at everything that came of it. */
export async function runScene(
  scene: Scene,
  asking: Asking,
  kind: Kind,
  size: number,
  random: Random,
  goals: Goals,
): Promise<Outcome> {
  // What calls cost is loaded before the clock is driven.
  await priceOf('gpt-4o-mini');
  const clock = manualClock(Date.UTC(2026, 10, 23));
  const provider = standIn({ clock });
  provider.always(scene.reply);
  const faults: unknown[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: provider.fetch }),
    },
    models: { 'openai/*': { price }, 'anthropic/*': { price } },
    interceptors: [
      cache(scene.store === undefined ? {} : { store: scene.store }),
      budget({
        name: 'each',
        per: 'user',
        window: 'hour',
        limitUsd: { by: { poor: 0 }, default: 1_000 },
        onMissing: 'skip',
      }),
    ],
    clock,
    onError: (error) => faults.push(error),
  });
  const receipts: Receipt[] = [];
  llm.on('call:end', (receipt) => receipts.push(receipt));

  const crowd = scene.crowd(size, random);
  /** That of a server that runs for long: whoever stays is bound to it. */
  const longLived = new AbortController();
  const pass = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.setTimeout(() => resolve(), ms, true));
  const endings = crowd.map(async (member): Promise<Ending> => {
    const controller = member.leavesAtMs === undefined ? longLived : new AbortController();
    if (member.leavesAtMs === 0) controller.abort();
    else if (member.leavesAtMs !== undefined)
      clock.setTimeout(() => controller.abort(), member.leavesAtMs, true);
    const { clients } = llm.with(member.settings);
    try {
      if (kind === 'plain') return { how: 'answered', heard: await asking.plain(clients, controller.signal) };
      return await read(await asking.stream(clients, controller.signal), member, pass);
    } catch (thrown) {
      return { how: 'threw', thrown };
    }
  });
  await clock.advance(10_000);
  const ended = await Promise.all(endings);
  const listening = getEventListeners(longLived.signal, 'abort').length;
  await clock.advance(3_000);
  await llm.idle();
  await llm.close();

  const where = `${asking.name}, ${kind}, ${scene.name}`;
  const check = (holds: boolean, otherwise: string): void => goals.that(holds, `${where}: ${otherwise}`);
  const stayed = ended.filter((_ending, index) => crowd[index]?.leavesAtMs === undefined);
  const gone = ended.filter((_ending, index) => crowd[index]?.leavesAtMs !== undefined);
  const refused = stayed.filter(isRefused);
  const others = stayed.filter((ending) => !isRefused(ending));
  check(
    provider.requests.length === scene.requests,
    `${provider.requests.length} requests, not ${scene.requests}`,
  );
  check(refused.length === (scene.refused ?? 0), `${refused.length} were refused, not ${scene.refused ?? 0}`);
  const texts = pieces.join('');
  const wrong = others.filter((ending) => !isAsWanted(ending, scene, asking, texts));
  check(
    wrong.length === 0,
    `${wrong.length} of ${others.length} who stayed ended otherwise: ${describe(wrong[0])}`,
  );
  const whole = new Map<string | undefined, Set<string>>();
  for (const [index, ending] of ended.entries()) {
    if (ending.how !== 'answered' || crowd[index]?.leavesAtMs !== undefined) continue;
    const { tenant } = crowd[index]?.settings ?? {};
    whole.set(tenant, (whole.get(tenant) ?? new Set()).add(JSON.stringify(ending.heard)));
  }
  check(
    [...whole.values()].every((heard) => heard.size === 1),
    'those who were answered had different answers',
  );
  const strange = gone.filter(
    (ending) =>
      !(ending.how === 'threw' && ending.thrown instanceof asking.Aborted) &&
      !(isAsWanted(ending, scene, asking, texts) || hasBegun(ending, asking, texts)),
  );
  check(
    strange.length === 0,
    `${strange.length} of ${gone.length} who left ended otherwise: ${describe(strange[0])}`,
  );

  // What is aborted before it asks, the SDKs reject by themselves.
  const asked = crowd.filter(({ leavesAtMs }) => leavesAtMs !== 0).length;
  check(receipts.length === asked, `${receipts.length} receipts of ${asked} calls`);
  const attempts = receipts.filter((receipt) =>
    receipt.attempts.some(({ outcome }) => outcome !== 'refused'),
  );
  check(attempts.length === scene.requests, `${attempts.length} calls made attempts`);
  const finished = receipts.filter(({ outcome }) => outcome === 'finished');
  const misses = finished.filter(({ facts }) => facts.cache?.status === 'miss').length;
  const coalesced = finished.filter(
    ({ facts, origin, attempts: made }) =>
      facts.cache?.status === 'coalesced' && origin === 'coalesced' && made.length === 0,
  ).length;
  check(misses <= scene.requests, `${misses} misses`);
  check(
    misses + coalesced === finished.length,
    `${finished.length - misses - coalesced} answered in another way`,
  );
  const cost = receipts.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
  const isWhole =
    provider.requests.every(({ outcome }) => outcome === 'finished') && scene.stayers === 'answered';
  if (isWhole)
    check(cost === scene.requests * answerNanoUsd, `${cost} nano-USD for ${scene.requests} answers`);
  else check(cost <= scene.requests * answerNanoUsd, `${cost} nano-USD`);
  check(isWhole || others.length === 0 || scene.stayers === 'failed', 'the request was given up');

  // Reading and writing are told of once each.
  const storeFaults = scene.store === undefined ? 0 : 2;
  check(faults.length <= storeFaults, `${faults.length} faults were reported: ${String(faults[0])}`);
  check(provider.openStreams === 0, `${provider.openStreams} streams are open`);
  check(listening === 0, `${listening} listeners are left on a long-lived signal`);
  return {
    calls: size,
    requests: provider.requests.length,
    answered: ended.filter(({ how }) => how === 'answered').length,
    left: gone.length,
  };
}

async function read(
  stream: AsyncIterable<unknown>,
  { stopsAfter = Infinity, slowMs }: Member,
  pass: (ms: number) => Promise<void>,
): Promise<Ending> {
  const heard: unknown[] = [];
  for await (const event of stream) {
    heard.push(event);
    if (heard.length >= stopsAfter) return { how: 'stopped', heard };
    if (slowMs !== undefined) await pass(slowMs);
  }
  return { how: 'answered', heard };
}

function isRefused(ending: Ending): boolean {
  return ending.how === 'threw' && ManagedLLMError.from(ending.thrown)?.code === 'budget-exceeded';
}

/** Where a signal aborts, the SDKs end streams without a word: what was read until then is the answer's beginning. */
function hasBegun(ending: Ending, asking: Asking, texts: string): boolean {
  return ending.how === 'answered' && texts.startsWith(asking.said(ending.heard));
}

function isAsWanted(ending: Ending, { stayers }: Scene, asking: Asking, texts: string): boolean {
  if (stayers === 'failed') return ending.how === 'threw' && !(ending.thrown instanceof asking.Aborted);
  if (ending.how === 'threw') return false;
  const said = asking.said(ending.heard);
  return ending.how === 'stopped' ? texts.startsWith(said) : said === texts;
}

function describe(ending: Ending | undefined): string {
  if (ending === undefined) return 'nothing';
  return ending.how === 'threw'
    ? String(ending.thrown)
    : `${ending.how}: ${JSON.stringify(ending.heard).slice(0, 100)}`;
}
