import type { CallError, FailureKind } from '../core/call-error.ts';

const typeOfStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const typeOfKind: Readonly<Partial<Record<FailureKind, string>>> = {
  'rate-limit': 'rate_limit_error',
  overloaded: 'overloaded_error',
  auth: 'authentication_error',
  'not-found': 'not_found_error',
  quota: 'billing_error',
  conflict: 'conflict_error',
  'invalid-request': 'invalid_request_error',
  refused: 'invalid_request_error',
  timeout: 'timeout_error',
};

/**
 * Anthropic's name for a failure (API reference, "Errors", November 2026), by status where there is one. OpenAI's
 * `type` is free text with the same names where it has one, so both dialects use these; `server` names the rest.
 */
export function errorType(error: CallError, server: string): string {
  const byStatus = error.status === undefined ? undefined : typeOfStatus[error.status];
  if (byStatus !== undefined) return byStatus;
  if (error.status !== undefined && error.status >= 500) return server;
  return typeOfKind[error.kind] ?? server;
}
