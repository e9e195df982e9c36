import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';

import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { realClock } from '../core/clock.ts';
import { BodySource, type Frame } from './body-source.ts';
import { responseOf } from './fetch-response.ts';
import { objectOf, parseJson } from './json.ts';
import { arrivalOf, type Arrival } from './received-request.ts';
import { matchKey, matchKeyOf, recordedBody, type RecordedExchange } from './recorded-exchange.ts';
import { redactPath } from './redact.ts';

/**
 * A `fetch` that answers from a recording of {@link recordTo} and never touches the network. A request matches when
 * method, path with query, and body are the same; the order of JSON keys, the host and all headers do not matter.
 * A request that was recorded several times is answered in that order, and with the last from then on. A body that
 * was not read to its end when it was recorded breaks off there.
 *
 * A request without a match is answered with status 404, `x-should-retry: false` and a message that names the nearest
 * recorded request and where it differs, so that an SDK raises it at once.
 *
 * ```ts
 * import OpenAI from 'openai';
 * import { replayFrom } from 'managed-llm/testing';
 *
 * export const replaying = () => new OpenAI({ apiKey: 'test', fetch: replayFrom('exchanges.jsonl') });
 * ```
 *
 * @throws ManagedLLMError `invalid-options` when the file cannot be read or is no recording.
 */
export function replayFrom(file: string): typeof globalThis.fetch {
  const exchanges = readExchanges(file);
  const waiting = new Map<string, RecordedExchange[]>();
  for (const exchange of exchanges) {
    const { method, path, body } = exchange.request;
    const key = matchKey(method, path, body);
    waiting.set(key, [...(waiting.get(key) ?? []), exchange]);
  }

  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.startsWith('data:')) return new Response('');
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const arrival = await arrivalOf(input, init);
    const matching = waiting.get(matchKeyOf(arrival)) ?? [];
    const exchange = matching.length > 1 ? matching.shift() : matching[0];
    return exchange === undefined
      ? missing(describeMiss(file, arrival, exchanges))
      : responseOf({ ...replyOf(exchange), wrote: () => {}, end: () => {} }, url, signal);
  };
}

function readExchanges(file: string): readonly RecordedExchange[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ManagedLLMError({
      code: 'invalid-options',
      message: `replayFrom(): the recording ${file} cannot be read. Make it with recordTo().`,
      cause,
    });
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const exchange = objectOf(parseJson(line));
      const isExchange = 'request' in exchange && Array.isArray(objectOf(exchange['response'])['chunks']);
      if (isExchange) return parseJson(line) as RecordedExchange;
      throw new ManagedLLMError({
        code: 'invalid-options',
        message: `replayFrom(): line ${index + 1} of ${file} is no recorded exchange.`,
      });
    });
}

function replyOf({ response }: RecordedExchange) {
  const { status, headers, body, encoding, chunks, complete } = response;
  const frames = framesOf(Buffer.from(body, encoding), chunks, complete);
  return { status, headers, body: new BodySource(frames, {}, realClock, () => {}) };
}

function* framesOf(
  bytes: Buffer,
  lengths: readonly number[],
  complete: boolean,
): Generator<Frame, void, undefined> {
  let at = 0;
  for (const length of lengths) {
    if (length > 0) yield { bytes: new Uint8Array(bytes.subarray(at, at + length)), pieces: 0 };
    at += length;
  }
  if (!complete) yield 'cut';
}

function missing(message: string): Response {
  return Response.json(
    { type: 'error', error: { type: 'not_recorded', code: 'not_recorded', message } },
    { status: 404, headers: { 'x-should-retry': 'false' } },
  );
}

/** Names places, never what stands there. */
function describeMiss(file: string, arrival: Arrival, exchanges: readonly RecordedExchange[]): string {
  const path = redactPath(arrival.url);
  const asked = parseJson(recordedBody(arrival));
  const candidates = exchanges
    .map(({ request }, index) => ({
      line: index + 1,
      name: `${request.method} ${request.path}`,
      isSamePath: request.method === arrival.method && request.path === path,
      differences: differences(asked, parseJson(request.body), ''),
    }))
    .toSorted(
      (a, b) => Number(b.isSamePath) - Number(a.isSamePath) || a.differences.length - b.differences.length,
    );
  const start = `No exchange recorded in ${file} matches ${arrival.method} ${path}.`;
  const [nearest] = candidates;
  if (nearest === undefined) return `${start} The recording is empty.`;
  const where = nearest.differences.slice(0, 5).map((place) => `\`${place}\``);
  const more = nearest.differences.length > 5 ? ` and ${nearest.differences.length - 5} more` : '';
  return nearest.isSamePath
    ? `${start} The nearest is line ${nearest.line}, which differs at ${where.join(', ')}${more}.`
    : `${start} The nearest is line ${nearest.line}, ${nearest.name}.`;
}

/** Paths at which two JSON values differ. */
function differences(left: unknown, right: unknown, path: string): readonly string[] {
  if (Object.is(left, right)) return [];
  const areContainers =
    typeof left === 'object' && typeof right === 'object' && left !== null && right !== null;
  if (!areContainers || Array.isArray(left) !== Array.isArray(right))
    return [path === '' ? 'the body' : path];
  const a = left as Readonly<Record<string, unknown>>;
  const b = right as Readonly<Record<string, unknown>>;
  return Array.from(new Set([...Object.keys(a), ...Object.keys(b)])).flatMap((key) =>
    differences(a[key], b[key], path === '' ? key : `${path}.${key}`),
  );
}
