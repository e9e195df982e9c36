import { isDeepStrictEqual } from 'node:util';
import type { EventStream, Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { inPieces, randomSizes } from '../recordings/cuts.ts';
import { bareClients, dialects, govern, stream, type Clients, type DialectName, type Part } from './lab.ts';

const text = ['Grüß ', 'dich', ' 👋🏽, ', 'the "quick"\n', 'brown 狐 ', 'jumps\\over ', 'it.'];

/** What an interceptor may do with a stream. */
const chains: Readonly<Record<string, (seen: unknown[]) => readonly Interceptor[]>> = {
  raw: () => [],
  observed: (seen) => [onStream((events) => events.observe((event) => seen.push(event.json ?? event.data)))],
  transformed: (seen) => [
    onStream((events) =>
      events.transform({
        event(event, emit) {
          seen.push(event.data);
          const { json } = event;
          emit(typeof json === 'object' && json !== null ? event.withJson({ ...json, marked: true }) : event);
        },
      }),
    ),
  ],
  // Holds every last character back, so that its flush has to land in the right place.
  mapText: (seen) => [
    onStream((events) =>
      events.mapText((slot) => {
        let held = '';
        return {
          push(piece) {
            const all = Array.from(held + piece.toUpperCase());
            held = all.pop() ?? '';
            return all.join('');
          },
          end() {
            seen.push(slot.kind);
            return held;
          },
        };
      }),
    ),
  ],
};

function onStream(register: (events: EventStream) => void): Interceptor {
  return {
    name: 'stage',
    stage: 'send',
    async intercept(call, next) {
      const reply = await next(call);
      if (reply.events !== undefined) register(reply.events);
      return reply;
    },
  };
}

/** The bytes of a stream in this dialect, as the provider sends them. */
export async function wireBytes(
  dialect: DialectName,
  said: readonly string[] = text,
): Promise<Uint8Array<ArrayBuffer>> {
  const provider = standIn();
  provider.always({ text: said, reasoning: dialect === 'chat' ? '' : 'Höm…' });
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const clients = bareClients({
    fetch: async (input, init) => {
      const body =
        dialect === 'chat'
          ? String(init?.body).replace('{', '{"stream_options":{"include_usage":true},')
          : init?.body;
      const response = await provider.fetch(input as string, { ...init, body: body ?? null });
      bytes = new Uint8Array(await response.arrayBuffer());
      return new Response(bytes, { headers: response.headers });
    },
  });
  for await (const _ of await stream(clients, dialect));
  return bytes ?? new Uint8Array();
}

/** The same stream with the other line end that the format allows. */
function withReturns(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll('\n', '\r\n'));
}

interface Heard {
  readonly events: readonly unknown[];
  readonly seen: readonly unknown[];
}

async function hear(
  dialect: DialectName,
  bytes: Uint8Array<ArrayBuffer>,
  size: () => number,
  chain: string | undefined,
): Promise<Heard> {
  const bare = bareClients({
    fetch: () =>
      Promise.resolve(
        new Response(inPieces(bytes, size), { headers: { 'content-type': 'text/event-stream' } }),
      ),
  });
  const seen: unknown[] = [];
  const clients: Clients =
    chain === undefined ? bare : govern(bare, { interceptors: chains[chain]?.(seen) ?? [] }).clients;
  const events: unknown[] = [];
  for await (const event of await stream(clients, dialect)) events.push(event);
  return { events, seen };
}

/** Whatever the pieces, the caller and every stage see the same events. */
export const chunking: Part = {
  name: 'any chunking, same events',
  async run(checks, { small, seed }) {
    const randomCuts = small ? 8 : 300;
    let streams = 0;
    for (const dialect of dialects) {
      const feeds = await wireBytes(dialect);
      for (const [ends, bytes] of [['\\n', feeds] as const, ['\\r\\n', withReturns(feeds)] as const]) {
        const bare = await hear(dialect, feeds, () => feeds.length, undefined);
        for (const chain of Object.keys(chains)) {
          const whole = await hear(dialect, bytes, () => bytes.length, chain);
          const where = `${dialect}, ${chain}, lines end with ${ends}`;
          checks.that(whole.events.length > 5, `${where}: there are events`);
          if (chain === 'raw' || chain === 'observed')
            checks.that(isDeepStrictEqual(hiding(dialect, bare.events), whole.events), `${where}: as bare`);
          if (chain === 'mapText')
            checks.that(
              spoken(whole.events) === text.join('').toUpperCase(),
              `${where}: the text is mapped`,
              () => spoken(whole.events),
            );
          const cuts: [string, () => number][] = [['byte by byte', () => 1]];
          for (let cut = 0; cut < randomCuts; cut++)
            cuts.push([`seed ${seed + cut}`, randomSizes(seed + cut)]);
          for (const [how, size] of cuts) {
            const heard = await hear(dialect, bytes, size, chain);
            streams++;
            checks.that(isDeepStrictEqual(heard, whole), `${where}, ${how}: the same events`);
          }
        }
      }
    }
    return `${streams} streams cut, 3 dialects, ${Object.keys(chains).length} chains, both line ends`;
  },
};

/** The caller did not ask for usage, so it must see neither the event that tells it nor the `null` in all others. */
function hiding(dialect: DialectName, events: readonly unknown[]): readonly unknown[] {
  if (dialect !== 'chat') return events;
  return (events as readonly { choices: readonly unknown[]; usage?: unknown }[])
    .filter(({ choices }) => choices.length > 0)
    .map(({ usage, ...rest }) => (usage === null ? rest : { ...rest, usage }));
}

/** The answer's text, by the deltas of any dialect. */
function spoken(events: readonly unknown[]): string {
  return events
    .map((event) => {
      const { type, delta, choices } = event as {
        type?: string;
        delta?: string | { type?: string; text?: string };
        choices?: readonly { delta: { content?: string } }[];
      };
      if (choices !== undefined) return choices[0]?.delta.content ?? '';
      if (type === 'response.output_text.delta') return delta as string;
      return typeof delta === 'object' && delta.type === 'text_delta' ? (delta.text ?? '') : '';
    })
    .join('');
}
