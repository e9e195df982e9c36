import { setTimeout as sleep } from 'node:timers/promises';
import { standIn, type StandIn } from 'managed-llm/testing';
import {
  bareClients,
  dialects,
  govern,
  resolves,
  stream,
  until,
  type Checks,
  type Clients,
  type Lab,
  type Part,
} from './lab.ts';

const pieceBytes = 8_000;
const pieces = 4_000;
/** What the two ends of a connection hold in their sockets; measured, and the bare SDK's is taken beside it. */
const socketLimitBytes = 16_000_000;

/** A reader that stops reading, or leaves, stops the provider. */
export const stopping: Part = {
  name: 'a reader that stops, stops the provider',
  async run(checks, { small }) {
    const provider = standIn();
    provider.always({ text: Array.from({ length: pieces }, () => 'x'.repeat(pieceBytes)) });
    await using server = await provider.listen();
    const bare = bareClients({ url: server.url });
    const lab = govern(bare);
    let most = 0;
    let mostBare = 0;
    for (const dialect of dialects) {
      mostBare = Math.max(mostBare, await paused(provider, bare, dialect));
      const bytes = await paused(provider, lab.clients, dialect);
      most = Math.max(most, bytes);
      checks.that(
        bytes < socketLimitBytes,
        `${dialect}: a paused reader bounds what the server sends`,
        () => bytes,
      );
      await readAhead(checks, dialect);
    }
    provider.always({ text: Array.from({ length: 5_000 }, () => 'word '), betweenEventsMs: 1 });
    for (let round = 0; round < (small ? 3 : 20); round++) {
      for (const dialect of dialects) await leaves(checks, provider, lab, dialect, round);
    }
    checks.that(await resolves(lab.llm.idle()), 'everything has settled');
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
    return `of ${mb(pieces * pieceBytes)} MB a server could send, ${mb(most)} MB left it (bare: ${mb(mostBare)} MB) while the reader paused after 3 events`;
  },
};

/** Bytes that the server has handed to its socket when three events were read and no more is asked for. */
async function paused(
  provider: StandIn,
  clients: Clients,
  dialect: (typeof dialects)[number],
): Promise<number> {
  const events = (await stream(clients, dialect))[Symbol.asyncIterator]();
  for (let read = 0; read < 3; read++) await events.next();
  const request = provider.requests.at(-1);
  const written = (): number => request?.bytesWritten ?? 0;
  let before = -1;
  while (written() !== before) {
    before = written();
    await sleep(100);
  }
  await events.return?.();
  await until(() => request?.outcome !== 'open');
  return before;
}

/** In the process there are no sockets: what was not asked for is not even made. */
async function readAhead(checks: Checks, dialect: (typeof dialects)[number]): Promise<void> {
  const counts: number[] = [];
  for (const chain of ['bare', 'raw', 'observed', 'transformed'] as const) {
    const provider = standIn();
    provider.always({ text: Array.from({ length: 1_000 }, () => 'word ') });
    const clients = bareClients(provider);
    const governed = govern(clients, {
      interceptors: [
        {
          name: 'stage',
          stage: 'send',
          async intercept(call, next) {
            const reply = await next(call);
            if (chain === 'observed') reply.events?.observe(() => {});
            if (chain === 'transformed') reply.events?.transform({ event: (event, emit) => emit(event) });
            return reply;
          },
        },
      ],
    });
    const events = (await stream(chain === 'bare' ? clients : governed.clients, dialect))[
      Symbol.asyncIterator
    ]();
    for (let read = 0; read < 10; read++) await events.next();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    counts.push(provider.requests[0]?.eventsProduced ?? 0);
    await events.return?.();
  }
  const [bare = 0, ...ours] = counts;
  for (const count of ours)
    checks.that(
      count <= bare,
      `${dialect}: no more is read ahead than by the bare SDK`,
      () => `${count} > ${bare}`,
    );
}

/** Three ways to leave early: `break`, the caller's signal, cancelling the body. */
async function leaves(
  checks: Checks,
  provider: StandIn,
  lab: Lab,
  dialect: (typeof dialects)[number],
  round: number,
): Promise<void> {
  const expected = { break: 'abandoned', abort: 'aborted', controller: 'abandoned' } as const;
  for (const how of ['break', 'abort', 'controller'] as const) {
    const caller = new AbortController();
    const events = await stream(lab.clients, dialect, { signal: caller.signal });
    const request = provider.requests.at(-1);
    let read = 0;
    let thrown: unknown;
    try {
      for await (const _ of events) {
        if (read++ < round) continue;
        if (how === 'break') break;
        if (how === 'abort') caller.abort();
        else events.controller.abort();
      }
    } catch (error) {
      thrown = error;
    }
    const where = `${dialect}, ${how} after ${round + 1} events`;
    checks.that(await until(() => request?.outcome !== 'open'), `${where}: the server notices`);
    checks.that(request?.outcome === 'cancelled', `${where}: as cancelled`, () => request?.outcome);
    checks.that(await resolves(lab.llm.idle()), `${where}: it settles`);
    const outcome = lab.receipts.at(-1)?.outcome;
    checks.that(outcome === expected[how], `${where}: as ${expected[how]}`, () => outcome);
    checks.that(thrown === undefined || how !== 'break', `${where}: nothing is thrown`, () => thrown);
  }
}
