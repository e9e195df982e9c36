import { failureKinds, type CallError, type FailureKind } from '../../core/call-error.ts';
import { inBandFailure } from '../../core/classify.ts';
import type { ErrorLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';

import { asRecord, asText, type JsonRecord, member } from '../record.ts';

/**
 * `{ error: { kind, status, code, message, retryable, retryAfterMs } }`, as a body and, with `type: 'error'`, as an
 * event: a `CallError` without `cause` and `managed`, which may hold what no log shall show.
 */
export const errors: ErrorLens = {
  body: (error) => ({ error: told(error) }),
  event: (error) => StreamEvent.of({ type: 'error', error: told(error) }, 'error'),
};

/** The failure that an event tells in this shape; one of another shape is classified as a provider's would be. */
export function failureIn(json: unknown): CallError {
  const error = asRecord(member(json, 'error'));
  const kind = error?.['kind'];
  if (error === undefined || !isKind(kind)) return inBandFailure(json);
  return {
    kind,
    status: asNumber(error['status']),
    code: asText(error['code']),
    // The told one may be in the provider's own words.
    message: `The provider told of a failure inside the answer (${kind}).`,
    ...failureKinds[kind],
    retryable: error['retryable'] === true,
    retryAfterMs: asNumber(error['retryAfterMs']),
    cause: json,
    managed: undefined,
  };
}

function told({ kind, status, code, message, retryable, retryAfterMs }: CallError): JsonRecord {
  return { kind, status, code, message, retryable, retryAfterMs };
}

function isKind(value: unknown): value is FailureKind {
  return typeof value === 'string' && Object.hasOwn(failureKinds, value);
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
