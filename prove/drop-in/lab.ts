import { setImmediate as turn, setTimeout as passed } from 'node:timers/promises';
import type { StandIn } from 'managed-llm/testing';
import { sentinelIn, sentinelOut } from './sentinels.ts';

/** What a check is given beside its client. The same for the bare run and the governed one. */
export interface Lab {
  readonly provider: StandIn;
  /** Keeps something seen on the way, also if the check then throws. Compared in order. */
  keep(what: string, value: unknown): void;
  /** Stream events, in a form that can be compared: as they are, or, where texts are replaced, joined text by text. */
  events(events: readonly unknown[]): unknown;
  /** The raw text of an SSE stream, likewise. */
  sse(text: string): unknown;
}

/** Once the request has arrived, however busy the machine is. */
export async function arrival(provider: StandIn): Promise<void> {
  while (provider.requests.length === 0) await passed(1);
}

/** One thing an application does with a client. `C` is the SDK's class. */
export interface Check<C> {
  readonly group: string;
  readonly name: string;
  /** Scripts the stand-in before each of the two runs. */
  readonly script?: (provider: StandIn) => void;
  run(client: C, lab: Lab): Promise<unknown>;
  /** It fails on this side of the network: what the chain sees never arrives at the server. */
  readonly neverArrives?: true;
  /** A difference that is meant, told in the proof's notes. Given both outcomes, says whether it is that one. */
  readonly meant?: MeantDifference;
}

export interface MeantDifference {
  readonly why: string;
  readonly isIt: (bare: Outcome, governed: Outcome, differences: readonly string[]) => boolean;
}

/** What became of a check: the same record for both runs. */
export interface Outcome {
  readonly kept: readonly (readonly [string, unknown])[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Runs a check on one client and writes down everything that can be seen. */
export async function observe<C>(
  check: Check<C>,
  client: C,
  provider: StandIn,
  joined: boolean,
): Promise<Outcome> {
  const kept: (readonly [string, unknown])[] = [];
  const lab: Lab = {
    provider,
    keep: (what, value) => void kept.push([what, value]),
    events: (events) => (joined ? joinTexts(events.map(withoutEcho)) : events),
    sse: (text) => (joined ? joinTexts(parseSse(text).map(withoutEcho)) : text),
  };
  const outcome = await within(
    5_000,
    started(check, client, lab).then(
      (result) => ({ kept, result }),
      (error: unknown) => ({ kept, error: describeError(error) }),
    ),
  );
  for (let turns = 0; turns < 4; turns++) await turn();
  return outcome ?? { kept, error: 'still running after 5 s' };
}

/** What an SDK throws before it returns a promise is told apart from a rejection. */
async function started<C>(check: Check<C>, client: C, lab: Lab): Promise<unknown> {
  let pending: Promise<unknown>;
  try {
    pending = check.run(client, lab);
  } catch (thrown) {
    lab.keep('threw at once', true);
    throw thrown;
  }
  return pending;
}

/** `undefined` if it takes longer. */
export async function within<T>(ms: number, pending: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** All of an error that code can act on, classes by identity. Stacks and sockets are left out: they differ by nature. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { headers, cause, stack: _stack, socket: _socket, ...own } = error as Error & Record<string, unknown>;
  return {
    ...own,
    class: error.constructor,
    name: error.name,
    message: error.message,
    ...(headers instanceof Headers ? { headers: undated(headers) } : {}),
    ...(cause === undefined || depth > 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/** A real server dates its replies. */
function undated(headers: Headers): unknown {
  return [...headers].filter(([name]) => name !== 'date');
}

/** What can be seen of a response without reading it. */
export function describeResponse(response: Response): unknown {
  const { status, statusText, ok, redirected, type, url, bodyUsed, headers } = response;
  return {
    class: response.constructor,
    isResponse: response instanceof Response,
    tag: Object.prototype.toString.call(response),
    status,
    statusText,
    ok,
    redirected,
    type,
    url,
    bodyUsed,
    headers: undated(headers),
  };
}

/** What texts are replaced by at the caller, wherever they stand in an outcome. Prototypes are kept. */
export function withReplacedTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(sentinelOut.from, sentinelOut.to);
  if (Array.isArray(value)) return value.map(withReplacedTexts);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Error) return value;
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) copy[key] = withReplacedTexts(member);
  return copy;
}

/** Responses repeat the instructions they were given; what an interceptor added among them is no difference of ours. */
export function withoutEcho(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEcho);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) {
    copy[key] =
      key === 'instructions' && typeof member === 'string'
        ? member.replace(sentinelIn, '').trimStart() || null
        : withoutEcho(member);
  }
  return copy;
}

/** The data of each event of an SSE text; what is no JSON stays text. */
function parseSse(text: string): unknown[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((block) => block !== '')
    .map((block) => {
      const data = block
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
      try {
        return JSON.parse(data) as unknown;
      } catch {
        return block;
      }
    });
}

/**
 * Where a transform holds text back, pieces are cut elsewhere, so that only two things can be compared: the sequence of
 * events with their growing texts taken out (and repeats folded), and each text as a whole.
 */
function joinTexts(events: readonly unknown[]): unknown {
  const texts: Record<string, string> = {};
  const shapes: string[] = [];
  for (const event of events) {
    const shape = JSON.stringify(withoutGrowingText(event, texts));
    if (shapes.at(-1) !== shape) shapes.push(shape);
  }
  return { texts, shapes };
}

function withoutGrowingText(event: unknown, texts: Record<string, string>): unknown {
  if (typeof event !== 'object' || event === null) return event;
  const { sequence_number: _number, ...copy } = structuredClone(event) as Record<string, unknown>;
  const take = (holder: unknown, key: string, slot: string): void => {
    if (typeof holder !== 'object' || holder === null) return;
    const record = holder as Record<string, unknown>;
    if (typeof record[key] !== 'string') return;
    texts[slot] = (texts[slot] ?? '') + record[key];
    record[key] = '';
  };
  const { type } = copy;
  for (const choice of (copy['choices'] ?? []) as { index: number; delta?: Record<string, unknown> }[]) {
    take(choice.delta, 'content', `choice ${choice.index} content`);
    take(choice.delta, 'refusal', `choice ${choice.index} refusal`);
    for (const call of (choice.delta?.['tool_calls'] ?? []) as { index: number; function?: unknown }[])
      take(call.function, 'arguments', `choice ${choice.index} tool ${call.index}`);
  }
  if (typeof type === 'string' && type.endsWith('.delta')) {
    const { output_index: output, content_index: content } = copy;
    take(copy, 'delta', `${type} ${String(output)} ${String(content)}`);
  }
  if (type === 'content_block_delta') {
    for (const key of ['text', 'partial_json', 'thinking'])
      take(copy['delta'], key, `block ${String(copy['index'])} ${key}`);
  }
  return copy;
}
