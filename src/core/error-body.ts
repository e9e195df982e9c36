/** What can be read in a provider's error body without knowing whose it is. */
export interface ErrorBody {
  /** Its most telling code, for people and logs. */
  readonly code: string | undefined;
  /** The provider's own words: they may repeat the prompt. */
  readonly message: string | undefined;
  /** Everything that may name the failure, most telling first. */
  readonly codes: readonly string[];
  /** A status that the body itself names. */
  readonly status: number | undefined;
  /** A moderation says which of its rules the input broke. */
  readonly flagged: boolean;
}

/** Longer than any code in use: what is longer is a sentence, and may hold anything. */
const longestCode = 100;

/**
 * Reads OpenAI's `{ error }`, Anthropic's `{ type, error }`, a response that failed, the bare object of older vLLM, an
 * `error` that is only text (LM Studio, xAI), and any of these in a list (Gemini). Never throws.
 */
export function readErrorBody(body: unknown): ErrorBody {
  const outer = asRecord(Array.isArray(body) ? body[0] : body);
  const nested = asRecord(outer?.['error']);
  const inner = nested ?? outer;
  const details = codeOf(asRecord(inner?.['details'])?.['error_code']);
  const own = codeOf(inner?.['code']);
  const type = codeOf(inner?.['type']);
  // Beside an error it is the gateway's; in a response it would be the application's own.
  const metadata = asRecord(nested?.['metadata']);
  const reasons = metadata?.['reasons'];
  const words = inner?.['message'] ?? outer?.['error'];
  return {
    code: details ?? own ?? type,
    message: typeof words === 'string' ? words : undefined,
    codes: [
      details,
      codeOf(asRecord(inner?.['innererror'])?.['code']),
      codeOf(metadata?.['limit_source']),
      own,
      type,
    ].filter((code) => code !== undefined),
    status: statusIn(inner?.['code']) ?? statusIn(inner?.['type']) ?? statusIn(inner?.['status']),
    flagged: Array.isArray(reasons) && reasons.length > 0,
  };
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= longestCode ? value : undefined;
}

function statusIn(value: unknown): number | undefined {
  const status = typeof value === 'string' || typeof value === 'number' ? Number(value) : 0;
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
