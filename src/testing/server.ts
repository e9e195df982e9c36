import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { BodySource, ConnectionBroken } from './body-source.ts';
import type { Exchange } from './exchange.ts';
import type { Arrival } from './received-request.ts';

/** A stand-in that listens on the loopback interface. */
export interface StandInServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and breaks what is still open. */
  close(): Promise<void>;
}

/** Connections that may wait to be taken up: where a thousand calls begin at once, none is turned away. */
const backlog = 4_096;

/** Serves exchanges over HTTP on 127.0.0.1; port 0 takes a free one. */
export async function listen(
  serve: (arrival: Arrival, signal: AbortSignal) => Promise<Exchange>,
  port: number,
): Promise<StandInServer> {
  const server = createServer((request, response) => {
    void answer(serve, request, response);
  });
  // A socket closed by an idle timer while a client reuses it would look like a fault of the code under test.
  server.keepAliveTimeout = 0;
  server.listen({ port, host: '127.0.0.1', backlog });
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${actual}`, close, [Symbol.asyncDispose]: close };
}

async function answer(
  serve: (arrival: Arrival, signal: AbortSignal) => Promise<Exchange>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    const exchange = await serve(await arrivalOf(request), gone.signal);
    await send(exchange, response, gone.signal);
  } catch (error) {
    if (!(error instanceof ConnectionBroken) && !gone.signal.aborted)
      response.writeHead(500).end(String(error));
    else request.socket.destroy();
  }
}

async function arrivalOf(request: IncomingMessage): Promise<Arrival> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: request.method ?? 'GET',
    url: `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`,
    headers,
    bodyText: Buffer.concat(chunks).toString('utf8'),
  };
}

async function send(exchange: Exchange, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const { status, headers, body } = exchange;
  if (!(body instanceof BodySource)) {
    const bytes = Buffer.from(body as string);
    response.writeHead(status, { ...headers, 'content-length': bytes.length });
    response.end(bytes);
    exchange.wrote(bytes.length);
    exchange.end('finished');
    return;
  }
  response.writeHead(status, headers);
  response.flushHeaders();
  try {
    for (let bytes = await body.pull(signal); bytes !== undefined; bytes = await body.pull(signal)) {
      signal.throwIfAborted();
      exchange.wrote(bytes.length);
      if (!response.write(bytes)) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!(error instanceof ConnectionBroken)) {
      exchange.end(body.exhausted ? 'finished' : 'cancelled');
      throw error;
    }
    exchange.end('cut');
    // What was written before the cut is to arrive.
    await new Promise((resolve) => response.write('', resolve));
    throw error;
  }
  exchange.end('finished');
  response.end();
}
