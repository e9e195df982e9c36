/** The longest wait that one timer can represent: 2^31 - 1 ms, about 24.8 days. */
const longestMs = 2_147_483_647;

/**
 * The wait that an answer asks for, of any status: `retry-after-ms`, else `retry-after` in seconds or as a date (RFC
 * 9110, section 10.2.3), as both SDKs read them (openai 7.57, anthropic 1.12, `retryRequest`).
 *
 * @returns milliseconds from now, 0 to 2^31 - 1; `undefined` where nothing usable is said: no header, no number and no
 *   date, a negative wait, a date gone by, more than a timer can hold
 */
export function retryAfterMs(headers: Pick<Headers, 'get'>, now: () => number): number | undefined {
  const asked = askedMs(headers, now);
  return asked !== undefined && asked >= 0 && asked <= longestMs ? asked : undefined;
}

function askedMs(headers: Pick<Headers, 'get'>, now: () => number): number | undefined {
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (!Number.isNaN(inMs)) return inMs;
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const inSeconds = Number.parseFloat(after);
  return Number.isNaN(inSeconds) ? Date.parse(after) - now() : inSeconds * 1_000;
}
