import type { Interceptor, Stage } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import {
  bareClients,
  dialects,
  govern,
  plain,
  resolves,
  stream,
  type DialectName,
  type Part,
} from './lab.ts';

const stages: readonly Stage[] = [
  'observe',
  'admit',
  'shape',
  'guard',
  'reuse',
  'health',
  'spend',
  'pace',
  'send',
];

/** An interceptor that waits before and after, so that there are places to be aborted in. */
function waits(stage: Stage): Interceptor {
  return {
    name: `waits-in-${stage}`,
    stage,
    async intercept(call, next) {
      await Promise.resolve();
      const reply = await next(call);
      await Promise.resolve();
      reply.events?.observe(() => {});
      return reply;
    },
  };
}

/** Aborted at any await, before, during or after the reply, a call settles exactly once. */
export const aborts: Part = {
  name: 'aborted anywhere, settled once',
  async run(checks, { small }) {
    let calls = 0;
    let cutShort = 0;
    for (const dialect of dialects) {
      for (const kind of ['plain', 'stream'] as const) {
        for (const script of ['at once', 'after a failed try', 'after a wait'] as const) {
          let finishedInARow = 0;
          for (let turns = 0; finishedInARow < 5 && turns < 2_000; turns += small ? 17 : 1) {
            const ran = await abortAfter(dialect, kind, script, turns);
            calls++;
            if (ran.aborted) {
              cutShort++;
              finishedInARow = 0;
            } else finishedInARow++;
            const where = `${dialect}, ${kind}, answered ${script}, aborted after ${turns} turns`;
            checks.that(ran.idle, `${where}: llm.idle() resolves`);
            checks.that(ran.settled <= 1, `${where}: settles once`, () => ran.settled);
            checks.that(ran.begun === ran.settled, `${where}: every call that began settled`, () => ran);
            checks.that(ran.attempts.started === ran.attempts.ended, `${where}: so did its attempts`);
            checks.that(ran.openStreams === 0, `${where}: the provider has no stream open`);
            checks.that(ran.faults.length === 0, `${where}: no fault is reported`, () => ran.faults[0]);
            // The SDKs end an aborted stream without a word, as they do with one that is at its end.
            const silent = kind === 'stream' && ran.outcome === 'aborted';
            checks.that(
              ran.aborted
                ? ran.outcome !== 'finished' || ran.delivered
                : ran.outcome === 'finished' || silent,
              `${where}: the outcome is what the caller saw`,
              () => `${ran.outcome}, ${ran.aborted ? 'aborted' : 'done'}`,
            );
          }
        }
      }
    }
    checks.that(cutShort > calls / 2, 'most calls were caught under way', () => `${cutShort} of ${calls}`);
    return `${calls} calls, ${cutShort} of them aborted under way, each at another await`;
  },
};

interface Ran {
  /** Whether the caller got an abort rather than its answer. */
  readonly aborted: boolean;
  /** Whether the provider had sent everything before the abort reached the caller. */
  readonly delivered: boolean;
  readonly idle: boolean;
  readonly begun: number;
  readonly settled: number;
  readonly outcome: string | undefined;
  readonly attempts: { readonly started: number; readonly ended: number };
  readonly openStreams: number;
  readonly faults: readonly unknown[];
}

async function abortAfter(
  dialect: DialectName,
  kind: 'plain' | 'stream',
  script: 'at once' | 'after a failed try' | 'after a wait',
  turns: number,
): Promise<Ran> {
  const clock = manualClock();
  const provider = standIn({ clock });
  if (script === 'after a failed try') provider.next({ status: 429, headers: { 'retry-after-ms': '0' } });
  if (script === 'after a wait') provider.next({ text: 'late', latencyMs: 10, betweenEventsMs: 10 });
  const lab = govern(bareClients(provider), { interceptors: stages.map(waits), clock });
  let begun = 0;
  lab.llm.on('call:start', () => void begun++);
  const caller = new AbortController();
  const done = { yes: false, aborted: false };
  const asked = (async () => {
    if (kind === 'plain') await plain(lab.clients, dialect, { signal: caller.signal });
    else for await (const _ of await stream(lab.clients, dialect, { signal: caller.signal }));
  })().then(
    () => (done.yes = true),
    () => ((done.yes = true), (done.aborted = true)),
  );
  const advance = async (): Promise<void> => {
    while (!done.yes) await clock.advance(10);
  };
  for (let turn = 0; turn < turns && !done.yes; turn++) {
    // A call that waits for the clock is moved on by it; all else moves on by itself.
    if (turn % 40 === 39) await clock.advance(10);
    else await Promise.resolve();
  }
  const wasDone = done.yes;
  caller.abort();
  if (!wasDone) await Promise.race([advance(), asked]);
  await asked;
  const idle = await resolves(lab.llm.idle());
  const receipt = lab.receipts[0];
  return {
    aborted: done.aborted,
    delivered: provider.requests.at(-1)?.outcome === 'finished',
    idle,
    begun,
    settled: lab.receipts.length,
    outcome: receipt?.outcome,
    attempts: lab.attempts,
    openStreams: provider.openStreams,
    faults: lab.faults,
  };
}
