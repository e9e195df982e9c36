import { wireBytes } from './chunking.ts';
import { bareClients, dialects, govern, resolves, stream, type DialectName, type Part } from './lab.ts';

/** The text with which a stream's regular end begins, and where it is complete. */
const terminal: Readonly<Record<DialectName, RegExp>> = {
  chat: /data: \{[^\n]*"finish_reason":"[a-z_]+"[^\n]*\}/,
  responses: /event: response\.completed\ndata: [^\n]*\}/,
  messages: /event: message_stop\ndata: [^\n]*\}/,
};

/** A stream that ends too early is an error, wherever it is cut. */
export const cuts: Part = {
  name: 'a cut stream is never a clean end',
  async run(checks, { small }) {
    let streams = 0;
    for (const dialect of dialects) {
      const bytes = await wireBytes(dialect, ['Grüß ', 'dich']);
      const text = Buffer.from(bytes).toString('latin1');
      const match = terminal[dialect].exec(text);
      checks.that(match !== null, `${dialect}: the stream has a regular end`);
      // Cut inside the event that ends it, after its data but before its blank line, either is right.
      const complete = (match?.index ?? 0) + (match?.[0].length ?? 0);
      const closed = complete + 2;
      for (const chain of ['raw', 'transformed'] as const) {
        for (const how of ['ends', 'breaks'] as const) {
          for (let cut = 0; cut < bytes.length; cut += small ? 29 : 1) {
            streams++;
            const { error, outcomes, settled, faults } = await readCut(
              dialect,
              bytes.slice(0, cut),
              how,
              chain,
            );
            const where = `${dialect}, ${chain}, ${how} after ${cut} of ${bytes.length} bytes`;
            checks.that(settled && outcomes.length === 1, `${where}: settles once`, () => outcomes);
            checks.that(faults.length === 0, `${where}: without a fault`, () => faults[0]);
            if (cut < complete) {
              checks.that(error !== undefined, `${where}: the reader gets an error`);
              checks.that(outcomes[0] === 'failed', `${where}: it settles as failed`, () => outcomes);
            } else if (how === 'ends' && cut >= closed) {
              checks.that(error === undefined, `${where}: the reader gets the end`, () => error);
              checks.that(outcomes[0] === 'finished', `${where}: it settles as finished`, () => outcomes);
            } else if (error === undefined) {
              checks.that(outcomes[0] === 'finished', `${where}: both hold it finished`, () => outcomes);
            }
          }
        }
      }
    }
    return `${streams} streams, cut at every byte: ended or broken`;
  },
};

async function readCut(
  dialect: DialectName,
  bytes: Uint8Array<ArrayBuffer>,
  how: 'ends' | 'breaks',
  chain: 'raw' | 'transformed',
): Promise<{ error: unknown; outcomes: string[]; settled: boolean; faults: readonly unknown[] }> {
  const bare = bareClients({
    fetch: () => {
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            if (bytes.length > 0) controller.enqueue(bytes);
          },
          pull(controller) {
            if (how === 'ends') controller.close();
            else controller.error(new TypeError('terminated'));
          },
        },
        { highWaterMark: 0 },
      );
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    },
  });
  const lab = govern(bare, {
    interceptors: [
      {
        name: 'stage',
        stage: 'send',
        async intercept(call, next) {
          const reply = await next(call);
          if (chain === 'transformed') {
            reply.events?.transform({ event: (event, emit) => emit(event) });
            reply.events?.mapText(() => ({ push: (text) => text.toUpperCase(), end: () => '' }));
          }
          return reply;
        },
      },
    ],
  });
  let error: unknown;
  try {
    for await (const _ of await stream(lab.clients, dialect, { maxRetries: 0 }));
  } catch (thrown) {
    error = thrown;
  }
  const settled = await resolves(lab.llm.idle());
  return { error, outcomes: lab.receipts.map(({ outcome }) => outcome), settled, faults: lab.faults };
}
