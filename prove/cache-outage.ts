import { setTimeout as sleep } from 'node:timers/promises';
import { cache, ManagedLLM, type Receipt } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { kinds, type Connected, type Kind } from './cache-outage/stores.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { Goals } from './race/goals.ts';

export const proof: Proof = {
  name: 'cache-outage',
  claim:
    'When the server that keeps the answers is killed, comes back, or hangs, again and again and under load, no call fails, and ' +
    'hits come back with it.',
  run,
};

/** Processes that share the server, and callers in each. */
const processes = 2;
const callers = 4;
/** Longer than anybody waits for a store. */
const downMs = 1_200;
const upMs = 400;

async function run({ small, log }: ProofContext): Promise<ProofResult> {
  const goals = new Goals();
  const notes: string[] = [];
  const rows = await Promise.all(
    kinds.map(async (kind): Promise<readonly ProofRow[]> => {
      let server;
      try {
        server = await kind.start();
      } catch (error) {
        notes.push(`${kind.name} was left out: ${String(error)}`);
        goals.that(process.env['CI'] === undefined, `${kind.name}: ${String(error)}`);
        return [];
      }
      await using started = server;
      return [await endure(kind, started, small ? 1 : 6, goals, log)];
    }),
  );
  return {
    sample: `${rows.flat().length} kinds of stores, ${processes} processes with ${callers} callers each; ${small ? 'one outage' : '6 outages'} of each, and one of those that can hang`,
    rows: rows.flat(),
    passed: goals.met,
    failures: goals.missed,
    notes: [
      ...notes,
      'kept again after: the longest from when the server answers again until a new answer is kept and given',
      'a Redis of this proof is empty when it comes back, as a cache may be; PostgreSQL has what it had',
    ],
  };
}

type Started = Awaited<ReturnType<Kind['start']>>;

/** Calls go on all the while. */
async function endure(
  { name }: Kind,
  server: Started,
  rounds: number,
  goals: Goals,
  log: ProofContext['log'],
): Promise<ProofRow> {
  const provider = standIn({ keepRequests: 1 });
  const receipts: Receipt[] = [];
  const failures: unknown[] = [];
  const connected = Array.from({ length: processes }, () => server.connect());
  const fleet = connected.map((own) => processOver(own, provider.fetch, receipts));
  const work = { isOver: false };
  let asked = 0;
  const caller = async (llm: (typeof fleet)[number]): Promise<void> => {
    while (!work.isOver) {
      const request = { model: 'gpt', input: `question ${(asked += 1) % 20}` };
      try {
        if (asked % 3 > 0) await llm.clients.openai.responses.create(request);
        else
          for await (const _event of await llm.clients.openai.responses.create({ ...request, stream: true }));
      } catch (error) {
        failures.push(error);
      }
      await sleep(2);
    }
  };
  const all = Promise.all(fleet.flatMap((llm) => Array.from({ length: callers }, () => caller(llm))));
  let slowestMs = 0;
  let outages = 0;
  const recovered = async (): Promise<void> => {
    outages += 1;
    const since = performance.now();
    for (const [index, llm] of fleet.entries()) {
      const isBack = await hitsAgain(llm, receipts, `after outage ${outages}, process ${index}`);
      goals.that(isBack, `${name}: no hits within 20 s after outage ${outages}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - since);
  };
  for (let round = 0; round < rounds; round += 1) {
    log(`${name}, outage ${round + 1}`);
    await sleep(upMs);
    await server.kill();
    await sleep(downMs);
    await server.restart();
    await recovered();
  }
  if (server.pause !== undefined) {
    server.pause();
    await sleep(downMs + 300);
    server.resume?.();
    await recovered();
  }
  await sleep(upMs);
  work.isOver = true;
  await all;
  for (const llm of fleet) await llm.close();
  for (const own of connected) await own.close();
  const ends = receipts.filter(({ outcome }) => outcome !== 'finished').length;
  goals.that(
    failures.length === 0,
    `${name}: ${failures.length} calls failed, first: ${String(failures[0])}`,
  );
  goals.that(ends === 0, `${name}: ${ends} receipts of calls that have not finished`);
  const of = (status: string): number =>
    receipts.filter(({ facts }) => facts.cache?.status === status).length;
  goals.that(of('hit') >= 10, `${name}: only ${of('hit')} hits`);
  const unasked = receipts.filter(({ facts }) => facts.cache?.reason === 'the store cannot be asked').length;
  return {
    store: name,
    outages,
    calls: receipts.length,
    failed: failures.length,
    hits: of('hit'),
    misses: of('miss'),
    coalesced: of('coalesced'),
    'store not asked': unasked,
    'kept again after, ms': Math.round(slowestMs),
  };
}

function processOver({ state, store }: Connected, fetch: typeof globalThis.fetch, receipts: Receipt[]) {
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch, maxRetries: 0 }) },
    interceptors: [cache(store === undefined ? {} : { store })],
    ...(state === undefined ? {} : { state }),
    onError: () => {},
  });
  llm.on('call:end', (receipt) => void receipts.push(receipt));
  return llm;
}

/** Asks one question until its answer has been kept. */
async function hitsAgain(
  llm: ReturnType<typeof processOver>,
  receipts: readonly Receipt[],
  input: string,
): Promise<boolean> {
  const tagged = llm.with({ tags: { probe: input } });
  for (let tries = 0; tries < 400; tries += 1) {
    await tagged.clients.openai.responses.create({ model: 'gpt', input });
    const own = receipts.findLast(({ caller }) => caller.tags?.['probe'] === input);
    if (own?.facts.cache?.status === 'hit') return true;
    await sleep(50);
  }
  return false;
}
