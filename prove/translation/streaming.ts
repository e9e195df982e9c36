import { isDeepStrictEqual } from 'node:util';
import { inPieces, randomSizes } from '../recordings/cuts.ts';
import { directions, Relay, type Direction } from './relay.ts';
import { responseOf, saidBy, simpleRequest } from './replies.ts';
import type { RecordedReply, Rows } from './rows.ts';
import { dataOf, record, typeOf, type Wire } from './wire.ts';

export interface Counted {
  of: number;
  through: number;
  readonly failures: string[];
}

/** Whatever the pieces in which a stream arrives, the caller gets the same events. */
export async function proveChunking(rows: Rows, seeds: readonly number[]): Promise<Counted> {
  const counted: Counted = { of: 0, through: 0, failures: [] };
  for (const [direction, reply] of streamsOf(rows)) {
    const whole = await heardFrom(direction, () => responseOf(reply));
    for (const seed of seeds) {
      const bytes = new TextEncoder().encode(reply.text);
      const cut = await heardFrom(direction, () => streaming(inPieces(bytes, randomSizes(seed))));
      counted.of++;
      if (isDeepStrictEqual(whole, cut)) counted.through++;
      else counted.failures.push(`${direction.name}: ${reply.id}: other events when cut by seed ${seed}`);
    }
  }
  return counted;
}

/** As soon as a stream has told the first word or call, and nothing more, the caller has something of it. */
export async function proveFirstEvents(rows: Rows): Promise<Counted & { readonly heldBack: number }> {
  const counted = { of: 0, through: 0, failures: [] as string[], heldBack: 0 };
  for (const [direction, reply] of streamsOf(rows)) {
    const beginning = untilContent(reply);
    if (beginning === undefined) continue;
    if (beginning.kind === 'reasoning' && direction.caller === 'anthropic') {
      counted.heldBack++;
      continue;
    }
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(beginning.text)),
      cancel: () => void (cancelled = true),
    });
    const relay = new Relay(() => Promise.resolve(streaming(body)));
    const events = (await relay.create(
      direction.caller,
      simpleRequest(direction, true),
    )) as AsyncIterable<unknown>;
    const heard: unknown[] = [];
    const hasContent = (async () => {
      for await (const event of events) {
        heard.push(event);
        if (
          saidBy(direction.caller, heard).parts.some(({ kind, text, name }) =>
            kind === 'call' ? name : text,
          )
        )
          return true;
        if (direction.caller === 'responses' && tellsSomething(record(event))) return true;
      }
      return false;
    })();
    counted.of++;
    if (await soon(hasContent)) counted.through++;
    else
      counted.failures.push(
        `${direction.name}: ${reply.id}: nothing reached the caller with the first ${beginning.kind}`,
      );
    if (!cancelled) await body.cancel().catch(() => {});
  }
  return counted;
}

/** Before its last event, what a response says is in events alone. */
function tellsSomething(event: Wire): boolean {
  return typeOf(event).endsWith('.delta') || typeOf(event['item']) === 'function_call';
}

/** Each stream with the ways it can take. */
function streamsOf(rows: Rows): readonly (readonly [Direction, RecordedReply])[] {
  return directions.flatMap((direction) =>
    rows.replies
      .filter(({ format, stream }) => stream && format === direction.target)
      .map((reply) => [direction, reply] as const),
  );
}

async function heardFrom(direction: Direction, answer: () => Response): Promise<unknown> {
  const { heard, error, receipt } = await new Relay(() => Promise.resolve(answer())).ask(
    direction.caller,
    simpleRequest(direction, true),
  );
  // Ids of the answer's own are made from the call's, which is another each time.
  const text = JSON.stringify(heard ?? String(error));
  return JSON.parse(receipt === undefined ? text : text.replaceAll(receipt.callId, 'CALL')) as unknown;
}

function streaming(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

/** The stream's text up to the event that first says something, which is told apart by reading it as it grows. */
function untilContent({
  format,
  text,
}: RecordedReply): { readonly text: string; readonly kind: string } | undefined {
  let end = 0;
  for (;;) {
    const next = /\r?\n\r?\n/g;
    next.lastIndex = end;
    const blank = next.exec(text);
    if (blank === null) return undefined;
    end = blank.index + blank[0].length;
    const first = saidBy(format, dataOf(text.slice(0, end))).parts.find(({ kind, text: said, name }) =>
      kind === 'call' ? name : said,
    );
    if (first !== undefined && ['text', 'reasoning', 'call'].includes(first.kind))
      return { text: text.slice(0, end), kind: first.kind };
    if (first !== undefined) return undefined;
  }
}

/** Nothing is waited for but turns of the event loop: what is to come comes of what has arrived. */
async function soon(pending: Promise<boolean>): Promise<boolean> {
  const over = async (): Promise<false> => {
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    return false;
  };
  return Promise.race([pending, over()]);
}
