import type { ErrorLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { errorType } from '../error-type.ts';

/**
 * Anthropic's error body (API reference, "Errors", November 2026). The SDK puts all of it into the error's message, so
 * it stays short; our code stands where the SDK reads `errorCode` from.
 */
export const errors: ErrorLens = {
  body: (error) => ({
    type: 'error',
    error: {
      type: errorType(error, 'api_error'),
      message: error.message,
      ...(error.code === undefined ? {} : { details: { error_code: error.code } }),
    },
  }),
  event: (error) => StreamEvent.of(errors.body(error), 'error'),
};
