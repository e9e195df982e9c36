import { performance } from 'node:perf_hooks';
import type { ProofRow } from '../proof.ts';
import type { Checks } from '../streams/lab.ts';
import { holdsAnswer } from './said.ts';
import { shapes, wireBytes } from './shapes.ts';
import { ways, worldOf, type Way } from './ways.ts';

/** When the first content reached the caller, after it had arrived. */
interface Arrival {
  /** Turns of the event loop in between. */
  readonly turns: number;
  /** Events that had been sent by then. */
  readonly events: number;
  readonly microseconds: number;
}

/** Streams that are held back up to their first content, and those that are not, event by event. */
export async function firstContent(
  checks: Checks,
  rounds: number,
): Promise<{ readonly streams: number; readonly rows: readonly ProofRow[] }> {
  const [shape] = shapes;
  if (shape === undefined) throw new Error('There is no answer to stream.');
  const rows: ProofRow[] = [];
  for (const way of ways) {
    const bytes = await wireBytes(way.wire, shape.first);
    const events = new TextDecoder().decode(bytes).split(/(?<=\n\n)/);
    const through: Arrival[] = [];
    const held: Arrival[] = [];
    for (let round = 0; round < rounds; round++) {
      through.push(await arrivalOf(way, events, 'alone'));
      held.push(await arrivalOf(way, events, 'route'));
    }
    const turns = Math.max(...held.map((arrival) => arrival.turns));
    const turnsThrough = Math.max(...through.map((arrival) => arrival.turns));
    const same = held.every((arrival, round) => arrival.events === through[round]?.events);
    checks.that(
      turns <= turnsThrough,
      `${way.name}: held back, it takes no more turns`,
      () => `${turns} against ${turnsThrough}`,
    );
    checks.that(turns === 0, `${way.name}: it is handed on in the turn in which it arrives`, () => turns);
    checks.that(
      same,
      `${way.name}: it waits for no further event`,
      () => `${held[0]?.events} against ${through[0]?.events}`,
    );
    rows.push({
      way: way.name,
      'turns, held back': turns,
      'turns, not': turnsThrough,
      'events, held back': held[0]?.events ?? 0,
      'events, not': through[0]?.events ?? 0,
      'µs, held back': Math.round(median(held)),
      'µs, not': Math.round(median(through)),
    });
  }
  return { streams: ways.length * rounds * 2, rows };
}

/** Sends one event a turn until the first content has come out. */
async function arrivalOf(way: Way, events: readonly string[], route: 'alone' | 'route'): Promise<Arrival> {
  const world = worldOf(way.wire);
  const { promise: opened, resolve: open } =
    Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  world.line.first = () =>
    new Response(new ReadableStream<Uint8Array>({ start: open }), {
      headers: { 'content-type': 'text/event-stream' },
    });
  let turn = 0;
  let sentIn = 0;
  let sentAt = 0;
  let sent = 0;
  let arrival: Arrival | undefined;
  const reading = (async () => {
    for await (const item of await way.ask(world, route === 'route' ? 'route' : 'alone')) {
      if (arrival === undefined && holdsAnswer([item])) {
        const microseconds = (performance.now() - sentAt) * 1_000;
        arrival = { turns: turn - sentIn, events: sent, microseconds };
      }
    }
  })();
  const controller = await opened;
  const encoder = new TextEncoder();
  for (const event of events) {
    // Whoever reads is waiting again by then.
    for (let idle = 0; idle < 5; idle++) {
      await new Promise(setImmediate);
      turn++;
    }
    if (arrival === undefined) {
      sent++;
      sentIn = turn;
      sentAt = performance.now();
    }
    controller.enqueue(encoder.encode(event));
  }
  controller.close();
  await reading;
  if (arrival === undefined) throw new Error(`${way.name}: no content came.`);
  return arrival;
}

function median(arrivals: readonly Arrival[]): number {
  const sorted = arrivals.map(({ microseconds }) => microseconds).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
