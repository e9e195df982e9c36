import { captured, capturing, responseSlot, type ResponseSlot } from '../captured-response.ts';
import { liftedTimeoutMs, type SdkRequestOptions } from '../carried-options.ts';
import { copyWith } from './copy.ts';
import type { CarriedInit, Fetch, OpenAIClient } from './govern.ts';

/** A request to be built, authorized and signed by the client itself. */
export interface NewRequest {
  readonly body: unknown;
  readonly stream: boolean;
  readonly signal: AbortSignal;
  readonly headers: readonly HeaderRow[];
  /** What else the caller said: query, idempotency key and the like. */
  readonly options?: SdkRequestOptions;
}

/** A header to set, or with `null` to leave out. */
export type HeaderRow = readonly [name: string, value: unknown];

/** Sends through the client's own `request`, and hands back the response as it came, whatever its status. */
export function sendAnew(
  client: OpenAIClient,
  path: string,
  { options, headers, body, ...request }: NewRequest,
): Promise<Response> {
  const slot: ResponseSlot = { response: undefined };
  const sending = senderOf(client).request({
    method: 'post',
    ...options,
    ...request,
    ...(body === undefined ? {} : { body }),
    path,
    headers,
    maxRetries: 0,
    timeout: liftedTimeoutMs,
    fetchOptions: { ...options?.fetchOptions, [responseSlot]: slot },
  }) as ReturnType<OpenAIClient['post']>;
  return captured(slot, sending.asResponse());
}

/**
 * What the SDK says of timeout and retries, as its own loop would: both are ours, and said before anything is signed.
 * Its default timeout it does not mention.
 */
export function stainlessRows(timeoutMs: number | undefined, retryCount: number): HeaderRow[] {
  const timeout = timeoutMs === undefined ? null : String(Math.trunc(timeoutMs / 1000));
  return [
    ['x-stainless-timeout', timeout],
    ['x-stainless-retry-count', String(retryCount)],
  ];
}

const senders = new WeakMap<OpenAIClient, OpenAIClient>();

function senderOf(client: OpenAIClient): OpenAIClient {
  let sender = senders.get(client);
  if (sender === undefined) {
    sender = copyWith(client, { maxRetries: 0, fetch: capturingFetch(client) });
    senders.set(client, sender);
  }
  return sender;
}

function capturingFetch(client: OpenAIClient): Fetch {
  const inner = client.fetch;
  return (input, init?: CapturedInit) => {
    const slot = init?.[responseSlot];
    if (slot === undefined) return inner(input, init);
    return capturing(slot, () => inner(input, { ...init, [responseSlot]: undefined } as CapturedInit));
  };
}

type CapturedInit = CarriedInit & { [responseSlot]?: ResponseSlot | undefined };
