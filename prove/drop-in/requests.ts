import { isDeepStrictEqual } from 'node:util';
import type { ReceivedRequest } from 'managed-llm/testing';
import { withReplacedTexts } from './lab.ts';
import { sentinelIn, type SeenAttempt } from './sentinels.ts';

/** A request as the provider got it, copied when its run was over. */
export type Received = Pick<
  ReceivedRequest,
  'method' | 'url' | 'headers' | 'bodyText' | 'outcome' | 'eventsProduced'
>;

/** How the governed client's requests may differ from the bare one's. */
export interface Allowance {
  /** `stream_options.include_usage` may be added to OpenAI chat streams. */
  readonly usage: boolean;
  /** What the transforming interceptors did to each attempt; else bodies must be equal. */
  readonly transformed: readonly SeenAttempt[] | undefined;
  readonly signed: boolean;
}

/** Copies what was received, with the random boundary of forms made the same in every run. */
export function received(requests: readonly ReceivedRequest[]): Received[] {
  return requests.map(({ method, url, headers, bodyText, outcome, eventsProduced }) => {
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
    const fixed = (text: string): string =>
      boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
    return {
      method,
      url,
      bodyText: fixed(bodyText),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fixed(value)])),
      outcome,
      eventsProduced,
    };
  });
}

/** Everything in which the two lists differ beyond what is allowed. */
export function requestDifferences(
  bare: readonly Received[],
  governed: readonly Received[],
  allowance: Allowance,
): string[] {
  if (bare.length !== governed.length)
    return [`${governed.length} requests at the server instead of ${bare.length}`];
  return bare.flatMap((request, index) => {
    const other = governed[index];
    return other === undefined ? [] : differences(request, other, allowance, index);
  });
}

function differences(bare: Received, governed: Received, allowance: Allowance, index: number): string[] {
  const found: string[] = [];
  for (const key of ['method', 'url'] as const) {
    if (bare[key] !== governed[key]) found.push(`${key} ${governed[key]} instead of ${bare[key]}`);
  }
  if (bare.outcome !== governed.outcome && !stoppedAtTheEnd(bare, governed))
    found.push(`ended as ${governed.outcome} instead of ${bare.outcome}`);
  const seen = allowance.transformed?.[index];
  const { problem, sameBytes } =
    allowance.transformed === undefined
      ? compareBytes(bare, governed, allowance.usage)
      : compareTransformed(bare, governed, seen, allowance.usage);
  if (problem !== undefined) found.push(problem);
  const ofBytes = sameBytes
    ? []
    : [
        'content-length',
        ...(allowance.signed ? ['authorization', 'x-amz-content-sha256', 'x-signature'] : []),
      ];
  found.push(...headerDifferences(bare.headers, governed.headers, new Set(ofBytes)));
  return found.map((text) => `request ${index}: ${text}`);
}

/** Both stopped after the last event; one by an abort, the other by cancelling a body that had nothing left. */
function stoppedAtTheEnd(bare: Received, governed: Received): boolean {
  const ended = new Set([bare.outcome, governed.outcome]);
  return ended.has('cancelled') && ended.has('finished') && bare.eventsProduced === governed.eventsProduced;
}

interface BodyVerdict {
  readonly problem: string | undefined;
  readonly sameBytes: boolean;
}

function compareBytes(bare: Received, governed: Received, usageMayBeAdded: boolean): BodyVerdict {
  if (bare.bodyText === governed.bodyText) return { problem: undefined, sameBytes: true };
  if (usageMayBeAdded && isChatStream(bare)) {
    const own = (parse(bare.bodyText) as { stream_options?: object }).stream_options;
    const expected =
      own === undefined
        ? bare.bodyText.replace(/\}$/, ',"stream_options":{"include_usage":true}}')
        : JSON.stringify({
            ...(parse(bare.bodyText) as object),
            stream_options: { ...own, include_usage: true },
          });
    if (governed.bodyText === expected) return { problem: undefined, sameBytes: false };
  }
  return {
    problem: `body ${governed.bodyText.slice(-160)} instead of ${bare.bodyText.slice(-160)}`,
    sameBytes: false,
  };
}

/** What the provider must see: the bare body with the instruction in its place, and the texts the caller was given before. */
function compareTransformed(
  bare: Received,
  governed: Received,
  seen: SeenAttempt | undefined,
  usageMayBeAdded: boolean,
): BodyVerdict {
  if (seen === undefined) return { problem: 'was not seen by the chain', sameBytes: false };
  if (seen.operation === 'passthrough') return compareBytes(bare, governed, usageMayBeAdded);
  if (seen.operation === 'chat' && !governed.bodyText.includes(sentinelIn))
    return { problem: 'does not carry what the interceptor added', sameBytes: false };
  const expected = seen.instructed(withReplacedTexts(parse(bare.bodyText)));
  const actual = parse(governed.bodyText) as { stream_options?: { include_usage?: boolean } };
  if (usageMayBeAdded && isChatStream(bare)) {
    const own = (expected as { stream_options?: object }).stream_options;
    Object.assign(expected as object, { stream_options: { ...own, include_usage: true } });
  }
  return isDeepStrictEqual(actual, expected)
    ? { problem: undefined, sameBytes: governed.bodyText === bare.bodyText }
    : { problem: `body ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`, sameBytes: false };
}

function headerDifferences(
  bare: Received['headers'],
  governed: Received['headers'],
  ignored: ReadonlySet<string>,
): string[] {
  const names = new Set([...Object.keys(bare), ...Object.keys(governed)]);
  return [...names]
    .filter(
      (name) => bare[name] !== governed[name] && !(ignored.has(name) && name in bare && name in governed),
    )
    .map((name) => `header ${name}: ${governed[name] ?? '(none)'} instead of ${bare[name] ?? '(none)'}`);
}

function isChatStream(request: Received): boolean {
  if (!new URL(request.url, 'http://x').pathname.endsWith('/chat/completions')) return false;
  return (parse(request.bodyText) as { stream?: boolean } | undefined)?.stream === true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
