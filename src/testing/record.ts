import { Buffer } from 'node:buffer';
import { appendFileSync } from 'node:fs';

import { arrivalOf, type Arrival } from './received-request.ts';
import { recordedBody, type RecordedExchange } from './recorded-exchange.ts';
import { redactPath, redactRequestHeaders, redactResponseHeaders, redactText } from './redact.ts';

/**
 * A `fetch` that passes everything on and appends each exchange to a file, one JSON line each, when its body has
 * ended: for {@link replayFrom}. Streams keep the boundaries of their chunks.
 *
 * Nothing secret is meant to reach the disk: of request headers only harmless ones are written with their values;
 * keys, bearer tokens and members named like secrets are masked in bodies, as are parameters in the query. Texts of
 * prompts and answers *are* written: record with texts that may be seen. A secret that a stream spells out over
 * several events is not recognised.
 *
 * ```ts
 * import OpenAI from 'openai';
 * import { recordTo } from 'managed-llm/testing';
 *
 * export const client = new OpenAI({ apiKey: process.env['OPENAI_API_KEY'] ?? 'test', fetch: recordTo('exchanges.jsonl') });
 * ```
 *
 * @param file Appended to; made if it is not there.
 * @param fetch What is recorded; default the global one.
 */
export function recordTo(
  file: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof globalThis.fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.startsWith('data:')) return fetch(input, init);
    // A stream can be read once only, and it is read here.
    const passedOn =
      init?.body instanceof ReadableStream
        ? { ...init, body: await new Response(init.body).arrayBuffer() }
        : init;
    const arrival = await arrivalOf(input instanceof Request ? input.clone() : input, passedOn);
    const response = await fetch(input, passedOn);
    return recorded(response, (chunks, complete) => {
      appendFileSync(file, `${JSON.stringify(exchangeOf(arrival, response, chunks, complete))}\n`);
    });
  };
}

/** The response again, with a body that reports what was read of it, once. */
function recorded(
  response: Response,
  report: (chunks: readonly Uint8Array[], complete: boolean) => void,
): Response {
  const chunks: Uint8Array[] = [];
  let isDone = false;
  const done = (complete: boolean) => {
    if (!isDone) report(chunks, complete);
    isDone = true;
  };
  if (response.body === null) {
    done(true);
    return response;
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done: ended, value } = await reader.read();
          if (isDone) return;
          if (ended) {
            done(true);
            controller.close();
          } else {
            chunks.push(value.slice());
            controller.enqueue(value);
          }
        } catch (error) {
          if (isDone) return;
          done(false);
          controller.error(error);
        }
      },
      async cancel(reason) {
        // OpenAI's client cancels when it has seen the end mark: nothing is missing then.
        done(/data: \[DONE\]\s*$/.test(Buffer.concat(chunks).toString()));
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers, url } = response;
  return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url });
}

function exchangeOf(
  arrival: Arrival,
  response: Response,
  chunks: readonly Uint8Array[],
  complete: boolean,
): RecordedExchange {
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  const headers = redactResponseHeaders(response.headers);
  // The bytes are decoded already.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) delete headers[name];
  return {
    request: {
      method: arrival.method,
      path: redactPath(arrival.url),
      headers: redactRequestHeaders(arrival.headers),
      body: recordedBody(arrival),
    },
    response: {
      status: response.status,
      headers,
      body: isText ? redactText(text) : bytes.toString('base64'),
      encoding: isText ? 'utf8' : 'base64',
      chunks: chunks.map((chunk) => chunk.length),
      complete,
    },
  };
}
