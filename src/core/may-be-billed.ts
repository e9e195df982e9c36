import type { CallError } from './call-error.ts';
import type { Outcome } from './settlement.ts';

/** How an attempt ended, as far as it says whether a provider took it on. */
export interface AttemptEnding {
  readonly outcome: Outcome;
  readonly error: CallError | undefined;
  /** `undefined`: no answer came. */
  readonly status: number | undefined;
  readonly isStream: boolean;
  /** Whether it had begun to answer, if only by saying so. */
  hasBegun(): boolean;
}

/** The request never left: no such host, nobody there, no connection in time. Codes of Node's own and of its fetch. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_NODATA',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
]);

/**
 * Whether a provider may bill an attempt that ended so. Providers bill what they generated, also where the line broke or
 * the caller gave up; what they refuse or fail at they do not.
 */
export function mayBeBilled(ending: AttemptEnding): boolean {
  const { outcome, error, status, isStream } = ending;
  if (outcome === 'refused') return false;
  if (status === undefined) return !wasNeverSent(error);
  if (status >= 400) return false;
  if (outcome !== 'failed' || error === undefined || error.code === 'unreadable-answer') return true;
  // A failure told in an answer's place. One that breaks off what had begun leaves that to be paid.
  const { kind } = error;
  return isStream && (kind === 'cut' || kind === 'connection' || kind === 'bug' || ending.hasBegun());
}

function wasNeverSent(error: CallError | undefined): boolean {
  if (error === undefined) return false;
  if (error.managed?.details['limit'] === 'connectMs') return true;
  return error.kind === 'connection' && error.code !== undefined && neverSent.has(error.code);
}
