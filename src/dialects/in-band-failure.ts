import { type CallError, describeErrorBody, providerFailure } from '../core/call-error.ts';
import { asRecord, member } from './record.ts';

/**
 * The HTTP status that providers give the same failure outside a stream. Anthropic: API reference, "Errors" (HTTP
 * errors and error shapes); OpenAI: API reference, "Error codes"; both read November 2026.
 */
const statusOfType: Readonly<Record<string, number>> = {
  overloaded_error: 529,
  server_is_overloaded: 503,
  slow_down: 503,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  tokens: 429,
  requests: 429,
  billing_error: 402,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  timeout_error: 504,
  request_too_large: 413,
  invalid_request_error: 400,
  invalid_prompt: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  api_error: 500,
  server_error: 500,
  internal_server_error: 500,
};

/** An event has no headers of its own. */
const noHeaders = { get: () => null };

/**
 * Classifies an error that came as an event of a stream whose status was 200. `status` is the one the provider would
 * have answered with. An unknown error counts as a fault of the server: the stream broke, and not by the request.
 */
export function inBandFailure(body: unknown): CallError {
  const inner = asRecord(member(body, 'error')) ?? asRecord(body);
  const status = statusOf(inner?.['type']) ?? statusOf(inner?.['code']) ?? 500;
  const failure = providerFailure(status, noHeaders, body);
  const { message } = describeErrorBody(body);
  const outOfMoney = inner?.['code'] === 'insufficient_quota' || inner?.['type'] === 'insufficient_quota';
  return {
    ...failure,
    message: message ?? 'The provider broke the stream off with an error.',
    retryable: failure.retryable && !outOfMoney,
  };
}

function statusOf(type: unknown): number | undefined {
  if (typeof type === 'string' && Object.hasOwn(statusOfType, type)) return statusOfType[type];
  const status = typeof type === 'string' || typeof type === 'number' ? Number(type) : 0;
  return status >= 400 && status <= 599 ? status : undefined;
}
