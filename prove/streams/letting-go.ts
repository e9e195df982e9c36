import { getEventListeners } from 'node:events';
import { ManagedLLM } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import {
  bareClients,
  collectGarbage,
  collectUntil,
  dialects,
  govern,
  plain,
  resolves,
  stream,
  type Checks,
  type Clients,
  type DialectName,
  type Part,
  type SdkStream,
} from './lab.ts';

const words = Array.from({ length: 50 }, () => 'word ');

/** How an application forgets a stream. Each gives back what it would still hold while it holds on. */
const ways: Readonly<Record<string, (events: SdkStream) => Promise<object>>> = {
  unread: (events) => Promise.resolve(events),
  'half read': async (events) => {
    const iterator = events[Symbol.asyncIterator]();
    for (let read = 0; read < 5; read++) await iterator.next();
    return iterator;
  },
};

/** Streams that were dropped settle after a collection, with nothing left behind. */
export const dropped: Part = {
  name: 'a dropped reply settles after a collection',
  async run(checks, { small }) {
    const each = small ? 10 : 50;
    let calls = 0;
    for (const dialect of dialects) {
      for (const [how, forget] of Object.entries(ways)) {
        const provider = standIn();
        provider.always({ text: words });
        const lab = govern(bareClients(provider));
        const where = `${dialect}, ${how}`;
        const refs = await forgotten(lab.clients, dialect, forget, each / 2);
        const caller = new AbortController();
        // Once a stream is read, OpenAI's SDK ties its reader to the caller's signal (7.57, by `AbortSignal.any`): what
        // was read with one is left to the time limit.
        const signal = dialect === 'messages' || how === 'unread' ? caller.signal : undefined;
        refs.push(...(await forgotten(lab.clients, dialect, forget, each / 2, signal)));
        calls += each;
        checks.that(
          await collectUntil(() => lab.receipts.length === each),
          `${where}: all settle`,
          () => `${lab.receipts.length} of ${each}`,
        );
        checks.that(
          lab.receipts.every(({ outcome }) => outcome === 'abandoned'),
          `${where}: as abandoned`,
          () => lab.receipts.map(({ outcome }) => outcome),
        );
        checks.that(
          provider.openStreams === 0,
          `${where}: the provider has stopped`,
          () => provider.openStreams,
        );
        checks.that(await resolves(lab.llm.idle()), `${where}: llm.idle() resolves`);
        checks.that(
          await collectUntil(() => refs.every((ref) => ref.deref() === undefined)),
          `${where}: nothing of them is left`,
        );
        checks.that(lab.faults.length === 0, `${where}: no fault is reported`, () => lab.faults[0]);
        checks.that(getEventListeners(caller.signal, 'abort').length === 0, `${where}: nor a listener`);
      }
    }
    return `${calls} replies dropped`;
  },
};

/** In a function of its own, so that its frame holds nothing afterwards. */
async function forgotten(
  clients: Clients,
  dialect: DialectName,
  forget: (events: SdkStream) => Promise<object>,
  count: number,
  signal?: AbortSignal,
): Promise<WeakRef<object>[]> {
  const refs: WeakRef<object>[] = [];
  for (let call = 0; call < count; call++) {
    const events = await stream(clients, dialect, signal === undefined ? {} : { signal });
    refs.push(new WeakRef(await forget(events)));
  }
  return refs;
}

/** Streams that somebody holds but nobody reads settle by the time limit, and do not look complete to a late reader. */
export const unread: Part = {
  name: 'an unread reply settles by the time limit',
  async run(checks) {
    let calls = 0;
    for (const dialect of dialects) {
      for (const [how, forget] of Object.entries(ways)) {
        const clock = manualClock();
        const provider = standIn();
        provider.always({ text: words });
        const lab = govern(bareClients(provider), { clock });
        const where = `${dialect}, ${how}`;
        const held: SdkStream[] = [];
        const iterators: object[] = [];
        const caller = new AbortController();
        for (let call = 0; call < 10; call++) {
          const events = await stream(lab.clients, dialect, call % 2 === 0 ? {} : { signal: caller.signal });
          held.push(events);
          iterators.push(await forget(events));
        }
        calls += held.length;
        await clock.advance(599_000);
        checks.that(lab.receipts.length === 0, `${where}: none settles before the limit`);
        await clock.advance(2_000);
        checks.that(
          lab.receipts.length === 10,
          `${where}: all settle at the limit`,
          () => lab.receipts.length,
        );
        checks.that(
          lab.receipts.every(({ outcome }) => outcome === 'abandoned'),
          `${where}: as abandoned`,
        );
        checks.that(provider.openStreams === 0, `${where}: the provider has stopped`);
        checks.that(clock.pending === 0, `${where}: no timer is left`, () => clock.pending);
        checks.that(await resolves(lab.llm.idle()), `${where}: llm.idle() resolves`);
        for (const [index, events] of held.entries()) {
          const late =
            how === 'unread'
              ? events
              : { [Symbol.asyncIterator]: () => iterators[index] as AsyncIterator<unknown> };
          const error = await readOut(late);
          checks.that(error !== undefined, `${where}: a late reader gets an error`);
        }
      }
    }
    return `${calls} replies held unread for ten minutes of a manual clock`;
  },
};

async function readOut(events: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of events);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What 1,000 forgotten streams leave in memory. */
export const memory: Part = {
  name: 'memory returns to the base',
  async run(checks, { small }) {
    const count = small ? 300 : 1_000;
    const figures: string[] = [];
    for (const dialect of dialects) {
      for (const [how, forget] of Object.entries(ways)) {
        const provider = standIn({ keepRequests: 0 });
        provider.always({ text: words });
        const { openai, anthropic } = bareClients(provider);
        const llm = new ManagedLLM({ providers: { openai, anthropic } });
        let settled = 0;
        llm.on('call:end', () => void settled++);
        const round = async (calls: number): Promise<number> => {
          const goal = settled + calls;
          await forgotten(llm.clients, dialect, forget, calls);
          await collectUntil(() => settled === goal);
          collectGarbage();
          return process.memoryUsage().heapUsed;
        };
        await round(count);
        const base = await round(count);
        await round(count);
        const perCall = ((await round(count)) - base) / (2 * count);
        checks.that(settled === count * 4, `${dialect}, ${how}: all have settled`, () => settled);
        checks.that(
          perCall < (small ? 1_024 : 256),
          `${dialect}, ${how}: nothing stays behind`,
          () => `${perCall.toFixed(0)} bytes a call`,
        );
        figures.push(`${dialect} ${how} ${perCall.toFixed(0)}`);
      }
    }
    return `bytes of heap that a call left behind, over ${2 * count}: ${figures.join(', ')}`;
  },
};

/** A signal that an application uses for its whole life gathers no listeners. */
export const listeners: Part = {
  name: 'a long-lived signal gathers no listeners',
  async run(checks, { small }) {
    const calls = small ? 600 : 10_000;
    const provider = standIn({ keepRequests: 0 });
    provider.always({ text: ['a ', 'b ', 'c'] });
    const bare = bareClients(provider);
    const { clients, llm } = govern(bare);
    const fetches = llm.fetch('openai');
    const kinds: Readonly<Record<string, (signal: AbortSignal, dialect: DialectName) => Promise<unknown>>> = {
      plain: (signal, dialect) => plain(clients, dialect, { signal }),
      'stream read': async (signal, dialect) => readOut(await stream(clients, dialect, { signal })),
      'stream broken off': async (signal, dialect) => {
        for await (const _ of await stream(clients, dialect, { signal })) break;
      },
      'plain fetch': async (signal) => {
        const response = await fetches('https://api.example/v1/chat/completions', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }),
          signal,
        });
        await response.text();
      },
    };
    const found: string[] = [];
    for (const [kind, make] of Object.entries(kinds)) {
      const { signal } = new AbortController();
      for (let call = 0; call < calls / 4; call++) await make(signal, dialects[call % 3] ?? 'chat');
      const left = getEventListeners(signal, 'abort').length;
      checks.that(left === 0, `${kind}: none is left`, () => `${left} after ${calls / 4} calls`);
      found.push(`${kind} ${left}`);
    }
    await bareComparison(checks, bare, found);
    // A signal composed with the caller's shows no listener on it, and yet lives as long as anybody listens to it.
    const held: string[] = [];
    const unrecorded = new ManagedLLM({ providers: { ...bare } }).clients;
    for (const dialect of ['chat', 'messages'] as const) {
      const theirs = await leftBehind(bare, dialect, calls / 4);
      const ours = await leftBehind(unrecorded, dialect, calls / 4);
      checks.that(
        ours < theirs + (small ? 2_048 : 512),
        `${dialect}: a finished call is not held by the signal`,
        () => `${ours} bytes a call, bare ${theirs}`,
      );
      held.push(`${dialect} ${ours} (bare ${theirs})`);
    }
    return `listeners left after ${calls} calls: ${found.join(', ')}; bytes of heap a call left: ${held.join(', ')}`;
  },
};

/** Heap that each of so many finished calls with one signal leaves, while that signal lives. */
async function leftBehind(clients: Clients, dialect: DialectName, calls: number): Promise<number> {
  const caller = new AbortController();
  const round = async (): Promise<number> => {
    for (let call = 0; call < calls; call++) await plain(clients, dialect, { signal: caller.signal });
    for (let turn = 0; turn < 5; turn++) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    return process.memoryUsage().heapUsed;
  };
  await round();
  const base = await round();
  const after = await round();
  caller.abort();
  return Math.round((after - base) / calls);
}

/** The SDKs' own listeners, for comparison. */
async function bareComparison(checks: Checks, bare: Clients, found: string[]): Promise<void> {
  const { signal } = new AbortController();
  for (let call = 0; call < 30; call++) await plain(bare, dialects[call % 3] ?? 'chat', { signal });
  const left = getEventListeners(signal, 'abort').length;
  found.push(`bare SDKs ${left} after 30`);
  checks.that(left >= 0, 'the bare SDKs were looked at');
}
