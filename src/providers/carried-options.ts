import { isPromise } from '../core/is-promise.ts';
import type { CallContext, ReadContext } from './bound-settings.ts';
import { hasManagedHeaders, headerRows } from './caller-headers.ts';

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

/** The SDK's own timer out of the way of ours. The longest a timer can run. */
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
      const carry = { options, path: options.path ?? '', context };
      // Out before anything is built and signed: a request must not say who it is.
      if (!hasManagedHeaders(options.headers)) return rewrite(options, carry);
      return rewrite({ ...options, headers: headerRows(options.headers) }, carry);
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
const rewritten = ['maxRetries', 'fetchOptions', 'headers'] as const;

const governed = new WeakSet<object>();

/** Whether a client belongs to a `ManagedLLM` already. A second one could not see its calls. */
export function isGoverned(client: unknown): boolean {
  return typeof client === 'object' && client !== null && governed.has(client);
}

/** How many classes of a client's chain define a method: more than one when a subclass has its own. */
export function ownersOf(client: object, name: string): number {
  let owners = 0;
  for (
    let at = Object.getPrototypeOf(client) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (Object.hasOwn(at, name)) owners++;
  }
  return owners;
}

/** Puts a method on one client, out of sight of loops over its properties. */
export function define(client: object, name: string, value: unknown): void {
  Object.defineProperty(client, name, { value, configurable: true, writable: true, enumerable: false });
}
