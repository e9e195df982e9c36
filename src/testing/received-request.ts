import { objectOf, parseJson } from './json.ts';

/** A request the stand-in received, and what became of it. */
export interface ReceivedRequest {
  /** 0 for the first. */
  readonly index: number;
  readonly method: string;
  readonly url: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case, values as they came: keys included, so print with care. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyText: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly body: unknown;
  /** The model asked for, in the body or in the path; `''` when there is none. */
  readonly model: string;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  /** By the stand-in's clock. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** `undefined` until the reply begins. */
  readonly status: number | undefined;
  /** Events of the stream made so far. */
  readonly eventsProduced: number;
  /** Bytes of the body handed to the client (or its socket) so far. */
  readonly bytesWritten: number;
  /** What the provider charges for it, in billionths of a USD: 0 as long as that is open, and for what is free. */
  readonly billedNanoUsd: number;
  /** The client gave up: it aborted, cancelled the body, or disconnected. */
  readonly cancelled: boolean;
  /** `cut`: the stand-in broke the connection, as scripted. */
  readonly outcome: 'open' | 'finished' | 'cancelled' | 'cut';
}

/** A {@link ReceivedRequest} as its makers see it. */
export type OpenRequest = { -readonly [Key in keyof ReceivedRequest]: ReceivedRequest[Key] };

/** What arrived, before anything is made of it. */
export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyText: string;
}

/** Files the arrival under its number. */
export function receive(arrival: Arrival, index: number, startedAt: number): OpenRequest {
  const { pathname, searchParams } = new URL(arrival.url, 'http://stand-in.invalid');
  const first = arrival.bodyText.charCodeAt(0);
  const body = first === 123 || first === 91 ? parseJson(arrival.bodyText) : undefined;
  return {
    ...arrival,
    index,
    path: pathname,
    query: searchParams,
    body,
    model: '',
    stream: objectOf(body)['stream'] === true,
    startedAt,
    endedAt: undefined,
    status: undefined,
    eventsProduced: 0,
    bytesWritten: 0,
    billedNanoUsd: 0,
    cancelled: false,
    outcome: 'open',
  };
}

/** Reads the arguments of `fetch` in every form that clients use: string, `URL` or `Request`, any kind of headers and body. */
export async function arrivalOf(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Arrival> {
  const url = input instanceof Request ? input.url : String(input);
  if (
    !(input instanceof Request) &&
    (init?.body === undefined || init.body === null || typeof init.body === 'string')
  ) {
    return {
      method: (init?.method ?? 'GET').toUpperCase(),
      url,
      headers: Object.fromEntries(new Headers(init?.headers)),
      bodyText: init?.body ?? '',
    };
  }
  // `signal` is watched by the caller; a copy in this Request would only add a listener.
  const { signal: _signal, ...rest } = init ?? {};
  const request = new Request(input, {
    ...rest,
    ...(init?.body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
  return {
    method: request.method,
    url,
    headers: Object.fromEntries(request.headers),
    bodyText: await request.text(),
  };
}
