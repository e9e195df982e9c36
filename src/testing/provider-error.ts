import type { JsonObject } from './json.ts';

/** Whose error bodies and headers are spoken. */
export type ProviderFamily = 'openai' | 'anthropic' | 'bedrock';

/** An error as a script gives it; what is left out is what that provider usually says with the status. */
export interface StandInError {
  readonly message?: string;
  /** OpenAI's and Anthropic's `error.type`; the exception name on Bedrock. */
  readonly type?: string;
  /** OpenAI's `error.code`. */
  readonly code?: string;
  readonly param?: string;
  /** Further members of the error object, e.g. Anthropic's `details`. */
  readonly details?: unknown;
}

const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const openaiTypes: Readonly<Record<number, string>> = {
  401: 'invalid_request_error',
  429: 'requests',
  500: 'server_error',
  502: 'server_error',
  503: 'server_error',
};

const openaiCodes: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
};

const bedrockTypes: Readonly<Record<number, string>> = {
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

/** The error's name in the family's own vocabulary. */
export function errorType(family: ProviderFamily, status: number, error: StandInError): string {
  if (error.type !== undefined) return error.type;
  switch (family) {
    case 'openai':
      return openaiTypes[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    case 'anthropic':
      return anthropicTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
    case 'bedrock':
      return bedrockTypes[status] ?? (status >= 500 ? 'InternalServerException' : 'ValidationException');
  }
}

/** An error body in the family's own shape. */
export function errorBody(
  family: ProviderFamily,
  status: number,
  error: StandInError,
  requestId: string,
): JsonObject {
  const message = error.message ?? `The stand-in was told to answer with status ${status}.`;
  const type = errorType(family, status, error);
  switch (family) {
    case 'openai':
      return { error: openaiError(status, error) };
    case 'anthropic':
      return {
        type: 'error',
        error: { type, message, ...(error.details === undefined ? {} : { details: error.details }) },
        request_id: requestId,
      };
    case 'bedrock':
      return { message };
  }
}

/** The inner object of OpenAI's errors, in bodies and in streams. */
export function openaiError(status: number, error: StandInError): JsonObject {
  return {
    message: error.message ?? `The stand-in was told to answer with status ${status}.`,
    type: errorType('openai', status, error),
    param: error.param ?? null,
    code: error.code ?? openaiCodes[status] ?? null,
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}
