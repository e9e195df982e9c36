import { failureKinds, type CallError, type FailureKind, type FailureTraits } from './call-error.ts';
import { kindOfStatus, preciseCodes, statusOfCode, statusOfKind } from './classify-codes.ts';
import { kindOfWording } from './classify-wordings.ts';
import { readErrorBody, type ErrorBody } from './error-body.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * Classifies an answer with an error status. A precise code goes before the status, the status before what only the
 * message tells. `x-should-retry`, by which a server decides for both SDKs, decides `retryable` here too; but no wait
 * fills an empty account.
 */
export function providerFailure(
  status: number,
  headers: Pick<Headers, 'get'>,
  body: unknown,
  now: () => number = Date.now,
): CallError {
  const told = readErrorBody(body);
  const kind = kindOf(told, status, exceptionName(headers));
  return {
    kind,
    status,
    code: told.code,
    // Not the provider's own words: they may repeat the prompt. Those are in `cause`.
    message: `The provider answered with status ${status}${inBrackets(told.code)}.`,
    ...traitsOf(kind, headers),
    retryAfterMs: retryAfterMs(headers, now),
    cause: body,
    managed: undefined,
  };
}

/**
 * Classifies a failure that was told without a status of its own: as an event of a stream, or in an answer's place under
 * a good status. `status` is then the one that the provider would have answered with. A failure that nothing is known of
 * counts as the server's: it had taken the request.
 */
export function inBandFailure(body: unknown): CallError {
  const told = readErrorBody(body);
  const said = told.status ?? firstOf(told.codes, statusOfCode);
  const kind = kindOf(told, said, undefined);
  return {
    kind,
    status: said ?? statusOfKind[kind] ?? 500,
    code: told.code,
    message: `The provider told of a failure in place of the answer, or inside it${inBrackets(told.code)}.`,
    ...failureKinds[kind],
    retryAfterMs: undefined,
    cause: body,
    managed: undefined,
  };
}

/** Codes of Node's sockets and of undici for waits that were too long. */
const waits = /^(?:ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/;

/** How far the SDKs and fetch wrap what a socket said. */
const longestChain = 5;

/** Classifies what a transport threw before or while it answered. `code` is then the system's, such as `ECONNRESET`. */
export function connectionFailure(thrown: unknown): CallError {
  let code: string | undefined;
  let timedOut = false;
  for (let link = thrown, depth = 0; link != null && depth < longestChain; depth++) {
    const { code: own, name, message, cause, errors } = partsOf(link);
    if (typeof own === 'string') code ??= own;
    // The SDKs too take an abort that nobody asked for, and these words, for a wait that was too long.
    timedOut ||=
      (typeof own === 'string' && waits.test(own)) ||
      name === 'TimeoutError' ||
      name === 'AbortError' ||
      /timed? ?out/i.test(typeof message === 'string' ? message : typeof link === 'string' ? link : '');
    // A host with several addresses fails once for each.
    link = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  const kind = timedOut ? 'timeout' : 'connection';
  return {
    kind,
    status: undefined,
    code,
    message: timedOut ? 'The provider did not answer in time.' : 'The connection to the provider failed.',
    ...failureKinds[kind],
    retryAfterMs: undefined,
    cause: thrown,
    managed: undefined,
  };
}

function kindOf(told: ErrorBody, status: number | undefined, exception: string | undefined): FailureKind {
  const codes = exception === undefined ? told.codes : [...told.codes, exception];
  const precise = firstOf(codes, preciseCodes);
  if (precise !== undefined) return precise;
  if (told.flagged) return 'content-policy';
  const kind = status === undefined ? 'server' : kindOfStatus(status);
  const saysNothing = status === undefined ? told.codes.length === 0 : kind === 'invalid-request';
  return saysNothing ? (kindOfWording(told.message) ?? kind) : kind;
}

function traitsOf(kind: FailureKind, headers: Pick<Headers, 'get'>): FailureTraits {
  const traits = failureKinds[kind];
  const said = headers.get('x-should-retry');
  if (kind === 'quota' || (said !== 'true' && said !== 'false')) return traits;
  return { ...traits, retryable: said === 'true' };
}

/** `ThrottlingException:http://…`, as Bedrock answers, in the spelling of its streams. */
function exceptionName(headers: Pick<Headers, 'get'>): string | undefined {
  const name = headers.get('x-amzn-errortype')?.split(':', 1)[0];
  return name === undefined || name === '' ? undefined : name.charAt(0).toLowerCase() + name.slice(1);
}

function firstOf<T>(codes: readonly string[], table: Readonly<Record<string, T>>): T | undefined {
  for (const code of codes) if (Object.hasOwn(table, code)) return table[code];
  return undefined;
}

function inBrackets(code: string | undefined): string {
  return code === undefined ? '' : ` (${code})`;
}

interface ThrownParts {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

function partsOf(thrown: unknown): ThrownParts {
  return typeof thrown === 'object' && thrown !== null ? thrown : {};
}
