import type { CallContext, ReadContext } from './bound-settings.ts';

/** The parts of either SDK's request options that we read. Both pass them through every layer to the request. */
export interface SdkRequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly stream?: boolean;
  readonly signal?: AbortSignal | null;
  readonly timeout?: number;
  readonly maxRetries?: number;
  readonly fetchOptions?: object;
  readonly __binaryResponse?: boolean;
}

/** What the caller asked for, kept beside the options that the SDK is given in their place. */
export interface Carried {
  readonly options: SdkRequestOptions;
  /** The path as the resource method gave it: some clients put the model into it later. */
  readonly path: string;
  readonly context: CallContext;
}

/** Key of {@link Carried}, on what the SDK hands through to its fetch or its middleware. */
export const carried: unique symbol = Symbol('managed-llm.carried');

/**
 * The SDK's own timer out of the way: our limit counts from sending, not from queueing. The longest a timer can run.
 */
export const liftedTimeoutMs = 2_147_483_647;

/** A client, as far as the two SDKs are alike. */
export interface SdkClient {
  readonly baseURL: string;
  readonly timeout: number;
  readonly maxRetries: number;
  withOptions(options: object): SdkClient;
  request(options: unknown, remainingRetries?: number | null): unknown;
  requestAPIList?(page: unknown, options: unknown): unknown;
  post(path: string, options: object): { asResponse(): Promise<Response> };
}

/**
 * Makes a client's own requests carry what the caller said. `rewrite` is the SDK's way of handing something through to
 * the seam. The methods become own properties of this one client; its class is left alone.
 */
export function carryOptions(
  client: SdkClient,
  readContext: ReadContext,
  rewrite: (options: SdkRequestOptions, carried: Carried) => object,
  carriedBy: (options: SdkRequestOptions) => Carried | undefined,
): void {
  governed.add(client);
  const prototype = Object.getPrototypeOf(client) as SdkClient;
  const wrap = (given: unknown): unknown => {
    const context = readContext();
    const once = (sdks: SdkRequestOptions): object => {
      const options = asCalled(sdks, carriedBy(sdks));
      return rewrite(options, { options, path: options.path ?? '', context });
    };
    return isPromise(given)
      ? given.then((options) => once(options as SdkRequestOptions))
      : once(given as SdkRequestOptions);
  };
  define(client, 'request', function (this: SdkClient, options: unknown, remaining?: number | null) {
    return prototype.request.call(this, wrap(options), remaining);
  });
  if (prototype.requestAPIList !== undefined) {
    define(client, 'requestAPIList', function (this: SdkClient, page: unknown, options: unknown) {
      return prototype.requestAPIList?.call(this, page, wrap(options));
    });
  }
}

/** A list's next page is asked for with the options of the one before, which are ours: back to what the caller said. */
function asCalled(sdks: SdkRequestOptions, before: Carried | undefined): SdkRequestOptions {
  if (before === undefined) return sdks;
  const options: Record<string, unknown> = { ...sdks };
  for (const key of rewritten) {
    if (before.options[key] === undefined) delete options[key];
    else options[key] = before.options[key];
  }
  return options;
}

/** What the seams put something of their own in place of. */
const rewritten = ['timeout', 'maxRetries', 'fetchOptions', 'headers'] as const;

const governed = new WeakSet<object>();

/** Whether a client belongs to a `ManagedLLM` already. A second one could not see its calls. */
export function isGoverned(client: unknown): boolean {
  return typeof client === 'object' && client !== null && governed.has(client);
}

/** Puts a method on one client, out of sight of loops over its properties. */
export function define(client: object, name: string, value: unknown): void {
  Object.defineProperty(client, name, { value, configurable: true, writable: true, enumerable: false });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
