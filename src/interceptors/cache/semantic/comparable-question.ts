import type { Call } from '../../../core/call.ts';
import { keyOf, type KeyHost } from '../key.ts';

/** A question whose answer may answer others, and be that of others. */
export interface ComparableQuestion {
  /** Of its own answer. */
  readonly key: string;
  /** All but its words, as a key: only what has this in common, the tenant too, is compared. */
  readonly context: string;
  readonly text: string;
}

/** `undefined`: this call has no question that can be compared. */
export function comparableQuestion(
  host: KeyHost,
  call: Call,
  key: string,
  maxLength: number,
): ComparableQuestion | undefined {
  // Who gives a key of their own says what is the same.
  if (call.settings.cache?.key !== undefined) return undefined;
  const asked = call.dialect.request.question?.(call.body);
  if (asked === undefined || asked.text.length > maxLength) return undefined;
  const frame = keyOf(host, call.with({ body: asked.frame }));
  return 'key' in frame ? { key, context: frame.key, text: asked.text } : undefined;
}
