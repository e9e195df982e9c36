import type { ErrorLens } from '../core/dialect.ts';
import { StreamEvent } from '../core/stream-event.ts';
import { errorType } from './error-type.ts';

/**
 * OpenAI's error body (API reference, "Error codes", November 2026). In a chat stream the same object is the data of an
 * event without a name: the SDK raises an `APIError` for any event whose data has a truthy `error`.
 */
export const openaiErrors: ErrorLens = {
  body: (error) => ({
    error: {
      message: error.message,
      type: errorType(error, 'server_error'),
      param: null,
      code: error.code ?? null,
    },
  }),
  event: (error) => StreamEvent.of(openaiErrors.body(error)),
};
