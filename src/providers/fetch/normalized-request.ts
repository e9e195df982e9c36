import { dialectOfPath, passthrough } from '../../dialects/index.ts';

/** What a `fetch` was asked for, however it was called. */
export interface NormalizedRequest {
  readonly url: string;
  readonly method: string;
  /** The body, where it is text. */
  readonly text: string | undefined;
  readonly init: RequestInit;
}

/** One shape for the three ways to call fetch; `undefined` for what goes to no server (`data:`), which is no call. */
export async function normalized(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<NormalizedRequest | undefined> {
  const url = input instanceof Request ? input.url : String(input);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return undefined;
  if (!(input instanceof Request)) {
    const given = init ?? {};
    return { url, method: given.method ?? 'GET', text: await textOf(given.body, url), init: given };
  }
  const request = new Request(input, init);
  const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const { method, headers, signal, redirect, credentials, cache, mode, referrer, keepalive } = request;
  return {
    url: request.url,
    method,
    text: await textOf(bytes, url),
    init: {
      method,
      headers,
      signal,
      redirect,
      credentials,
      cache,
      mode,
      referrer,
      keepalive,
      ...(bytes === undefined ? {} : { body: bytes }),
    },
  };
}

/** A body as text where a dialect may be read from it; files and forms stay what they are. */
async function textOf(body: RequestInit['body'], url: string): Promise<string | undefined> {
  if (typeof body === 'string') return body;
  if (dialectOfPath(new URL(url).pathname, 'POST') === passthrough) return undefined;
  if (body instanceof Uint8Array || body instanceof ArrayBuffer) return new TextDecoder().decode(body);
  return body instanceof Blob ? body.text() : undefined;
}
