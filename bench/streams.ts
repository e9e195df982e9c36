import type { Interceptor, StreamEvent } from 'managed-llm';
import { streamFetch, textChunks, type SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { bareClients, caller, governed, type Caller } from './clients.ts';
import { pairedFigure, shareGoal } from './figure.ts';
import { pairedCpu, type Work } from './paired-cpu.ts';

/** What a chunk took through the bare SDK where the goals were set, in microseconds. */
const bareMicros = { openai: 6.6, anthropic: 3.1 } as const;

const textChunkCount = 200;

interface Contest {
  readonly name: string;
  readonly goalMicros: number;
  readonly interceptors?: readonly Interceptor[];
  /** openai: the application asks for the usage chunk itself. Else we ask for it and hide it. */
  readonly ownUsage?: boolean;
}

/** CPU of a chunk, from the first to the end of a stream of 200; opening it is no part of it. */
export const streams: Group = {
  heading: 'CPU of a stream chunk, 200 chunks a stream',
  cases: [
    streamCase('openai', { name: 'pass-through', goalMicros: 0.5, ownUsage: true }),
    streamCase('openai', { name: 'pass-through, hidden usage chunk', goalMicros: 0.5 }),
    streamCase('anthropic', { name: 'pass-through', goalMicros: 0.5 }),
    ...(['openai', 'anthropic'] as const).flatMap((sdk) => [
      streamCase(sdk, {
        name: 'observed: bytes',
        goalMicros: 0.5,
        interceptors: [observer((event) => event.bytes.length)],
        ownUsage: true,
      }),
      streamCase(sdk, {
        name: 'framed: event name and data',
        goalMicros: 1.2,
        interceptors: [observer(({ name, data }) => (name === undefined && data === undefined ? 0 : 1))],
        ownUsage: true,
      }),
      streamCase(sdk, {
        name: 'parsed: event JSON',
        goalMicros: 3,
        interceptors: [observer((event) => (event.json === undefined ? 0 : 1))],
        ownUsage: true,
      }),
      streamCase(sdk, {
        name: 'transformed: every text changed',
        goalMicros: 5,
        interceptors: [upperCase()],
        ownUsage: true,
      }),
    ]),
  ],
};

function observer(look: (event: StreamEvent) => number): Interceptor {
  return {
    name: 'observer',
    stage: 'observe',
    async intercept(call, next) {
      const reply = await next(call);
      let seen = 0;
      reply.events?.observe((event) => {
        seen += look(event);
      });
      reply.onSettled(() => {
        if (seen === 0) throw new Error('The observer saw nothing.');
      });
      return reply;
    },
  };
}

function upperCase(): Interceptor {
  return {
    name: 'upper-case',
    stage: 'shape',
    async intercept(call, next) {
      const reply = await next(call);
      reply.events?.mapText(() => ({ push: (text) => text.toUpperCase(), end: () => '' }));
      return reply;
    },
  };
}

function streamCase(sdk: SdkName, { name: what, goalMicros, interceptors, ownUsage }: Contest): Case {
  const name = `${sdk} · ${what}`;
  return {
    name,
    async measure({ quick }) {
      const usage = sdk === 'openai' && ownUsage === true;
      const sent = textChunks(sdk, textChunkCount, { usage });
      // With a usage chunk that we asked for, the governed client gets one chunk more than the bare one.
      const received = textChunks(sdk, textChunkCount, { usage: sdk === 'openai' });
      const streamsPerBlock = quick ? 1 : 20;
      const samples = await pairedCpu({
        bare: drained(caller(sdk, bareClients(streamFetch(sent)), { usage }), streamsPerBlock, sent.length),
        ours: drained(
          caller(sdk, governed(streamFetch(received), interceptors).clients, { usage }),
          streamsPerBlock,
          sent.length,
        ),
        unitsPerBlock: streamsPerBlock * sent.length,
        rounds: quick ? 4 : 40,
        warmUpRounds: quick ? 1 : 6,
      });
      return pairedFigure(name, 'µs', samples, shareGoal(goalMicros, bareMicros[sdk]));
    },
  };
}

/** Opens the streams of a block and reads their first events; then, measured, reads them to the end. */
function drained(from: Caller, streams: number, chunks: number): Work {
  let open: AsyncIterator<unknown>[] = [];
  return {
    async prepare() {
      open = [];
      for (let opened = 0; opened < streams; opened++) {
        const stream = await from.stream();
        await stream.next();
        open.push(stream);
      }
    },
    async run() {
      for (const stream of open) {
        let events = 1;
        while ((await stream.next()).done !== true) events++;
        if (events < chunks - 1)
          throw new Error(`A stream of ${chunks} chunks ended after ${events} events.`);
      }
    },
  };
}
