import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI } from 'openai';
import type { Exchange } from './exchanges.ts';

/** A request as it left the client. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** What the application got. Compared deeply, so it holds everything that application code can see. */
export type Heard =
  | {
      readonly kind: 'data';
      readonly data: unknown;
      readonly requestId: unknown;
      readonly response: ResponseFacts;
    }
  | {
      readonly kind: 'events';
      readonly events: readonly unknown[];
      /** What `for await` threw at the end, if it did. */
      readonly error: ErrorFacts | undefined;
      readonly response: ResponseFacts;
    }
  | { readonly kind: 'error'; readonly error: ErrorFacts };

interface ResponseFacts {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly type: string;
  /** Whether it is the very object that the transport gave. */
  readonly same: boolean;
}

interface ErrorFacts {
  readonly class: unknown;
  readonly name: unknown;
  readonly message: unknown;
  readonly status: unknown;
  readonly headers: readonly (readonly [string, string])[] | undefined;
  readonly error: unknown;
  readonly code: unknown;
  readonly type: unknown;
  readonly param: unknown;
  readonly requestID: unknown;
}

export type Client = OpenAI | Anthropic;
/** Makes the client that is asked, bare or governed, of the bare one. */
export type Govern = (client: Client) => { readonly client: Client; receiptOf?(response: Response): void };

/** Whether the exchange is Anthropic's, so that its SDK asks. */
export const isAnthropic = ({ operation }: Exchange): boolean => operation.startsWith('anthropic.');

/** Asks once what the recorded request asked, of a transport that gives the recorded reply. */
export async function converse(
  exchange: Exchange,
  cut: (body: Uint8Array<ArrayBuffer>) => ReadableStream,
  govern: Govern,
): Promise<{ readonly heard: Heard; readonly sent: readonly SentRequest[] }> {
  const sent: SentRequest[] = [];
  const made = new Set<Response>();
  const transport = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    sent.push({
      method: init.method ?? 'GET',
      url: String(input),
      headers: [...new Headers(init.headers)],
      body: init.body as string,
    });
    const response = reply(exchange, cut);
    made.add(response);
    return response;
  };
  const { client, receiptOf } = govern(clientFor(exchange, transport));
  const heard = await listen(client, exchange, made, receiptOf);
  return { heard, sent };
}

function reply({ response }: Exchange, cut: (body: Uint8Array<ArrayBuffer>) => ReadableStream): Response {
  const text = response.sse ?? JSON.stringify(response.body);
  return new Response(cut(new TextEncoder().encode(text)), {
    status: response.status,
    headers: response.headers,
  });
}

/** The client whose base URL makes the recorded path of the SDK's own. */
export function clientFor(exchange: Exchange, fetch: typeof globalThis.fetch): Client {
  const { host, path } = exchange.request;
  const { pathname, searchParams } = new URL(path, `https://${host}`);
  if (isAnthropic(exchange)) {
    const baseURL = `https://${host}${pathname.replace(/\/v1\/.*$/, '')}`;
    return new Anthropic({ apiKey: 'recorded', baseURL, fetch });
  }
  const deployment = /^\/openai\/deployments\/([^/]+)\//.exec(pathname)?.[1];
  const apiVersion = searchParams.get('api-version');
  if (deployment !== undefined && apiVersion !== null) {
    return new AzureOpenAI({
      apiKey: 'recorded',
      endpoint: `https://${host}`,
      deployment,
      apiVersion,
      fetch,
    });
  }
  const baseURL = `https://${host}${pathname.slice(0, pathname.length - (resourcePath(pathname)?.length ?? 0))}`;
  return new OpenAI({
    apiKey: 'recorded',
    baseURL,
    fetch,
    ...(apiVersion === null ? {} : { defaultQuery: { 'api-version': apiVersion } }),
  });
}

/** The part of a path that the SDK's resource methods add. */
function resourcePath(pathname: string): string | undefined {
  return /\/(chat\/completions|completions|embeddings|moderations|responses(\/[a-z_]+)?)$/.exec(
    pathname,
  )?.[0];
}

interface Asked {
  withResponse(): Promise<{ readonly data: unknown; readonly response: Response }>;
}

function ask(client: Client, { operation, request }: Exchange): Asked {
  const { path } = request;
  const body = request.body as never;
  if (client instanceof Anthropic) {
    if (operation === 'anthropic.messages') {
      const options = needsTimeout(request.body) ? { timeout: 600_000 } : {};
      return path.endsWith('?beta=true')
        ? client.beta.messages.create(body, options)
        : client.messages.create(body, options);
    }
    if (operation === 'anthropic.count_tokens') return client.beta.messages.countTokens(body);
    return client.post(path, { body });
  }
  switch (operation) {
    case 'openai.chat':
      return client.chat.completions.create(body);
    case 'openai.responses':
      return client.responses.create(body);
    case 'openai.completions':
      return client.completions.create(body);
    case 'openai.moderations':
      return client.moderations.create(body);
    case 'openai.responses.compact':
      return client.responses.compact(body);
    case 'openai.responses.input_tokens':
      return client.responses.inputTokens.count(body);
    case 'openai.embeddings':
      if (path.endsWith('/v1/embeddings') || path.includes('/deployments/'))
        return client.embeddings.create(body);
  }
  return client.post(path, { body });
}

/** The SDK sends a plain request that may take longer than ten minutes only with a timeout of the caller's. */
export function needsTimeout({ stream, max_tokens: tokens }: Exchange['request']['body']): boolean {
  return stream !== true && typeof tokens === 'number' && tokens > 8_000;
}

async function listen(
  client: Client,
  exchange: Exchange,
  made: ReadonlySet<Response>,
  receiptOf: ((response: Response) => void) | undefined,
): Promise<Heard> {
  let data: unknown;
  let response: Response;
  try {
    ({ data, response } = await ask(client, exchange).withResponse());
  } catch (thrown) {
    return { kind: 'error', error: errorFacts(thrown) };
  }
  receiptOf?.(response);
  const facts: ResponseFacts = {
    status: response.status,
    headers: [...response.headers],
    url: response.url,
    type: response.type,
    same: made.has(response),
  };
  if (typeof data !== 'object' || data === null || !(Symbol.asyncIterator in data)) {
    return {
      kind: 'data',
      data,
      requestId: (data as { _request_id?: unknown })?._request_id,
      response: facts,
    };
  }
  const events: unknown[] = [];
  try {
    for await (const event of data as AsyncIterable<unknown>) events.push(event);
  } catch (thrown) {
    return { kind: 'events', events, error: errorFacts(thrown), response: facts };
  }
  return { kind: 'events', events, error: undefined, response: facts };
}

function errorFacts(thrown: unknown): ErrorFacts {
  const error = thrown as Error & Readonly<Record<string, unknown>>;
  return {
    class: error.constructor,
    name: error.name,
    message: error.message,
    status: error['status'],
    headers: error['headers'] instanceof Headers ? [...error['headers']] : undefined,
    error: error['error'],
    code: error['code'],
    type: error['type'],
    param: error['param'],
    requestID: error['requestID'],
  };
}
