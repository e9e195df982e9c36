import Anthropic from '@anthropic-ai/sdk';
import { cache, ManagedLLM, type CacheStore, type Receipt } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { derived, seeded } from './availability/random.ts';
import { askings, type Asking } from './coalescing/sdks.ts';
import { spoilt } from './poisoned/spoil.ts';
import { badStores } from './poisoned/stores.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { Goals } from './race/goals.ts';

export const proof: Proof = {
  name: 'poisoned',
  claim:
    'Whatever a store gives in place of what was kept, and however it fails: no call fails, and no wrong answer is given.',
  run,
};

type Kind = 'plain' | 'stream';
const kinds: readonly Kind[] = ['plain', 'stream'];
const keptText = 'This was kept. ✓';
const freshText = 'This is fresh.';

/** An application over a store, and its provider. */
function world(store: object) {
  const clock = manualClock(Date.UTC(2026, 10, 23));
  const provider = standIn({ clock, keepRequests: 1 });
  const receipts: Receipt[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: provider.fetch }),
    },
    interceptors: [cache({ store: store as CacheStore })],
    clock,
    onError: () => {},
  });
  llm.on('call:end', (receipt) => void receipts.push(receipt));
  return { clock, provider, llm, receipts };
}

type World = ReturnType<typeof world>;

/** What the application has, or how it failed. */
async function hear(
  { llm, clock }: World,
  asking: Asking,
  kind: Kind,
  tenant: string,
  keeps: boolean,
): Promise<string> {
  const { clients } = llm.with({ tenant, cache: { mode: keeps ? 'read-write' : 'read' } });
  const { signal } = new AbortController();
  const asked = (async () => {
    if (kind === 'plain') return asking.said(await asking.plain(clients, signal));
    const events: unknown[] = [];
    for await (const event of await asking.stream(clients, signal)) events.push(event);
    return asking.said(events);
  })().catch((error: unknown) => `failed: ${String(error)}`);
  // Nobody waits longer than that for a store.
  const isAnswered = await Promise.race([asked.then(() => true), clock.advance(0).then(() => false)]);
  if (!isAnswered) await clock.advance(3_000);
  return asked;
}

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const goals = new Goals();
  const counts = new Map<string, number>();
  const reasons = new Map<string, number>();
  for (const asking of askings) {
    for (const kept of kinds) {
      log(`${asking.name}, kept ${kept}`);
      const random = seeded(derived(seed, asking.name, kept));
      await spoil(asking, kept, small ? 25 : 1_500, random, goals, counts, reasons);
    }
  }
  const spoiltWays = [...counts].map(([kind, times]): ProofRow => ({
    'in place of what was kept': kind,
    given: times,
  }));
  let asked = 0;
  for (const [name, make] of Object.entries(badStores)) {
    log(name);
    for (const asking of askings) asked += await endure(name, make, asking, goals);
  }
  const given = [...counts.values()].reduce((sum, times) => sum + times, 0);
  return {
    sample: `${given.toLocaleString('en-US')} spoilt entries, each asked for plain or streamed; ${Object.keys(badStores).length} stores that fail, ${asked} calls`,
    rows: spoiltWays,
    passed: goals.met,
    failures: goals.missed,
    notes: [...reasons].map(([reason, times]) => `reason in the receipt: ${reason}: ${times}`),
  };
}

/** Keeps answers of two tenants, and gives what was spoilt for one of them. */
async function spoil(
  asking: Asking,
  kept: Kind,
  most: number,
  random: () => number,
  goals: Goals,
  counts: Map<string, number>,
  reasons: Map<string, number>,
): Promise<void> {
  const texts = new Map<string, unknown>();
  const one = world({
    get: (key: string) => texts.get(key),
    set: (key: string, value: string) => void texts.set(key, value),
    delete: (key: string) => texts.delete(key),
  });
  one.provider.always({ text: keptText });
  for (const tenant of ['acme', 'globex']) {
    await hear(one, asking, kept, tenant, true);
    await one.llm.idle();
  }
  const [[key, entry] = ['', ''], ...others] = [...texts] as [string, string][];
  goals.that(others.length === 1, `${asking.name}, ${kept}: ${texts.size} answers were kept of 2`);
  one.provider.always({ text: freshText });
  const where = `${asking.name}, kept ${kept}`;
  goals.that(
    (await hear(one, asking, kept, 'acme', false)) === keptText,
    `${where}: it is not given as it is`,
  );
  let at = 0;
  for (const { kind, value } of spoilt(
    key,
    entry,
    others.map(([, text]) => text),
    most,
    random,
  )) {
    texts.set(key, value);
    const given = kinds[(at += 1) % 2] ?? kept;
    const heard = await hear(one, asking, given, 'acme', false);
    goals.that(heard === freshText, `${where}, given ${given}, ${kind}: heard ${heard.slice(0, 100)}`);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const reason = one.receipts.pop()?.facts.cache?.reason ?? 'none';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
}

/** Asks several times, plain and streamed, of a store that fails: every call is answered, by whom it asked. */
async function endure(
  name: string,
  make: (kept: Map<string, string>) => object,
  asking: Asking,
  goals: Goals,
): Promise<number> {
  const one = world(make(new Map()));
  let asked = 0;
  for (const tenant of ['acme', 'globex', 'acme']) {
    for (const kind of kinds) {
      one.provider.always({ text: `Of ${tenant}.` });
      const heard = await hear(one, asking, kind, tenant, true);
      asked += 1;
      goals.that(heard === `Of ${tenant}.`, `${asking.name}, ${name}: heard ${heard.slice(0, 100)}`);
      const idle = one.llm.idle().then(() => true);
      await one.clock.advance(3_000);
      goals.that(
        (await Promise.race([idle, one.clock.advance(1).then(() => false)])) === true,
        `${name}: is never idle`,
      );
    }
  }
  goals.that(
    one.receipts.length === asked && one.receipts.every(({ outcome }) => outcome === 'finished'),
    `${asking.name}, ${name}: ${one.receipts.length} receipts of ${asked} calls`,
  );
  return asked;
}
