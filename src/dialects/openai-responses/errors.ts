import type { ErrorLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { openaiErrors } from '../openai-errors.ts';
import { asRecord, member } from '../record.ts';

/**
 * OpenAI's error body, and in a stream an event named `error`: its published members stand at the top (API reference,
 * "Streaming events", `error`, November 2026), and nested as OpenAI's own servers send them, where the SDK looks first.
 */
export const errors: ErrorLens = {
  body: openaiErrors.body,
  event(error) {
    const nested = asRecord(member(openaiErrors.body(error), 'error')) ?? {};
    const { message, code, param } = nested;
    return StreamEvent.of(
      { type: 'error', code, message, param, sequence_number: 0, error: nested },
      'error',
    );
  },
};
