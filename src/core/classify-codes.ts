import type { FailureKind } from './call-error.ts';

/**
 * Codes that say more than the status beside them, and go before it. Read November 2026:
 *
 * - OpenAI: API docs, "Error codes", and "Flex processing" (`resource_unavailable`); `ResponseError.code` of openai 7.57
 * - Anthropic: `ErrorDetails` of the SDK 1.12 (`resources/shared.d.ts`), API docs, "Errors"
 * - Azure OpenAI: "Content filtering" (`content_filter`, `innererror.code`)
 * - Bedrock: `InvokeModel`, errors (`x-amzn-errortype`), spelled with a small letter here
 * - OpenRouter: "Errors and Debugging" (`error.metadata.limit_source`)
 * - llama.cpp: `server`, `exceed_context_size_error` (pull request 15780); Groq: "Error codes"; Mistral, Moonshot,
 *   Perplexity: the types in their error bodies
 */
export const preciseCodes: Readonly<Record<string, FailureKind>> = {
  insufficient_quota: 'quota',
  credit_balance_exhausted: 'quota',
  organization_spend_limit_exceeded: 'quota',
  project_spend_limit_exceeded: 'quota',
  organization_usage_limit_exceeded: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  billing_error: 'quota',
  contract_spend_limit_reached: 'quota',
  enforced_spend_limit_reached: 'quota',
  linked_organization_billing_unavailable: 'quota',
  linked_organization_spend_limit_reached: 'quota',
  storage_quota_exceeded: 'quota',
  serviceQuotaExceededException: 'quota',
  openrouter_credits: 'quota',
  openrouter_key_limit: 'quota',
  openrouter_guardrail_budget: 'quota',
  openrouter_workspace_budget: 'quota',
  // What other requests in flight may yet cost stands in the way: it comes back by itself.
  openrouter_in_flight_budget: 'rate-limit',

  server_is_overloaded: 'overloaded',
  resource_unavailable: 'overloaded',
  engine_overloaded_error: 'overloaded',
  overloaded_error: 'overloaded',

  context_length_exceeded: 'context-overflow',
  exceed_context_size_error: 'context-overflow',
  too_many_prompt_tokens: 'context-overflow',
  request_too_large: 'context-overflow',
  request_body_too_large_after_decoding: 'context-overflow',

  content_filter: 'content-policy',
  content_policy_violation: 'content-policy',
  image_content_policy_violation: 'content-policy',
  bio_policy: 'content-policy',
  misalignment_policy_violation: 'content-policy',
  ResponsibleAIPolicyViolation: 'content-policy',

  model_not_found: 'not-found',
  invalid_model: 'not-found',

  invalid_api_key: 'auth',
  organization_on_hold: 'auth',
};

/**
 * The status that providers give a code otherwise, for failures told without one: inside a stream, or under a good
 * status. Sources as above.
 */
export const statusOfCode: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  invalid_prompt: 400,
  data_residency_mismatch: 400,
  invalid_image: 400,
  invalid_image_format: 400,
  invalid_base64_image: 400,
  invalid_image_url: 400,
  image_too_large: 400,
  image_too_small: 400,
  image_parse_error: 400,
  invalid_image_mode: 400,
  image_file_too_large: 400,
  unsupported_image_media_type: 400,
  empty_image_file: 400,
  failed_to_download_image: 400,
  image_file_not_found: 400,
  BadRequestError: 400,
  validationException: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  billing_error: 402,
  permission_error: 403,
  accessDeniedException: 403,
  not_found_error: 404,
  resourceNotFoundException: 404,
  modelTimeoutException: 408,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  tokens: 429,
  requests: 429,
  throttlingException: 429,
  modelNotReadyException: 429,
  api_error: 500,
  server_error: 500,
  internal_server_error: 500,
  internalServerException: 500,
  modelStreamErrorException: 500,
  service_unavailable_error: 503,
  slow_down: 503,
  serviceUnavailableException: 503,
  timeout_error: 504,
  vector_store_timeout: 504,
  overloaded_error: 529,
};

/** The status that stands for a kind where neither a status nor a code told one. */
export const statusOfKind: Readonly<Partial<Record<FailureKind, number>>> = {
  'rate-limit': 429,
  quota: 429,
  overloaded: 503,
  timeout: 504,
  auth: 401,
  'not-found': 404,
  conflict: 409,
  'invalid-request': 400,
  'context-overflow': 400,
  'content-policy': 400,
};

/** What a status means when nothing else says more. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'quota';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    // The bytes are too many for this target.
    case 413:
      return 'context-overflow';
    // Bedrock: the model broke ("ModelErrorException").
    case 424:
      return 'server';
    case 429:
      return 'rate-limit';
    // Groq, "Error codes": the flex tier has no room.
    case 498:
    case 503:
    // Anthropic, "Errors".
    case 529:
      return 'overloaded';
    // Cloudflare, "5xx errors": 522 and 524 are waits of its own for the server behind it.
    case 408:
    case 504:
    case 522:
    case 524:
      return 'timeout';
    default:
      return status >= 500 ? 'server' : 'invalid-request';
  }
}
