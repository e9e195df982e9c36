import { errorCodes, type ErrorCode } from './codes.ts';

const brand = Symbol.for('managed-llm.error');

/** What an error is made of. */
export interface ManagedLLMErrorInit {
  readonly code: ErrorCode;
  /** What was asked, which rule, the value, the limit, what to do. Never a prompt, a completion, a key or a header. */
  readonly message: string;
  readonly callId?: string | undefined;
  /** Defaults to what the code says. */
  readonly retryable?: boolean | undefined;
  /** HTTP status for drop-in code. Defaults to what the code says. */
  readonly status?: number | undefined;
  /** How long to wait before asking again, in milliseconds; sent as `retry-after` to drop-in code. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class of this package. Code written against a provider's SDK gets that SDK's own error instead and
 * finds this one behind it with {@link ManagedLLMError.from}; the neutral API, `run` and the constructors throw it.
 */
export class ManagedLLMError extends Error {
  override readonly name = 'ManagedLLMError';
  /** Stable, documented in `docs/errors.md`. */
  readonly code: ErrorCode;
  /** Whether asking again later may help. */
  readonly retryable: boolean;
  /** The HTTP status drop-in code sees. */
  readonly status: number;
  readonly callId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(init: ManagedLLMErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    const entry = errorCodes[init.code];
    this.code = init.code;
    this.status = init.status ?? entry.status;
    this.retryable = init.retryable ?? entry.retryable;
    this.callId = init.callId;
    this.retryAfterMs = init.retryAfterMs;
    this.details = init.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for errors of any copy of this package, also across realms and duplicate installs. */
  static isInstance(value: unknown): value is ManagedLLMError {
    return isBranded(value);
  }

  /**
   * The original behind an SDK's error, also through the `cause` chains in which stream helpers and tool runners wrap
   * it. `undefined` when the error did not come from this package, and after a timeout in an SDK that drops the
   * cause: Anthropic's, and openai 6.
   */
  static from(error: unknown): ManagedLLMError | undefined {
    const seen = new Set<unknown>();
    let current = error;
    while (typeof current === 'object' && current !== null && !seen.has(current)) {
      if (isBranded(current)) return current;
      const headers = 'headers' in current ? current.headers : undefined;
      const known =
        originals.get(current) ??
        (typeof headers === 'object' && headers !== null ? originals.get(headers) : undefined);
      if (known !== undefined) return known;
      seen.add(current);
      current = 'cause' in current ? current.cause : undefined;
    }
    return undefined;
  }
}

/** Apart from the class: one that names itself inside is renamed by the bundler, and stack traces would show that. */
function isBranded(value: unknown): value is ManagedLLMError {
  return typeof value === 'object' && value !== null && brand in value;
}

/**
 * Both SDKs put the response's own `Headers` object on the errors they raise, also for an error inside a stream, so
 * that object is the thread that leads back; where no response came, what was thrown.
 */
const originals = new WeakMap<object, ManagedLLMError>();

/** Remembers what is behind a response (by its headers) or a thrown error, for {@link ManagedLLMError.from}. */
export function rememberError(thread: object, error: ManagedLLMError): void {
  originals.set(thread, error);
}
