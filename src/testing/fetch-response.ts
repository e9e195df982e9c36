import { BodySource, ConnectionBroken } from './body-source.ts';
import type { Exchange } from './exchange.ts';

/** Statuses with which a `Response` refuses a body. */
const bodiless = new Set([204, 205, 304]);

/** The exchange as a `Response`, with a body that is pulled and never read ahead. */
export function responseOf(exchange: Exchange, url: string, signal: AbortSignal | undefined): Response {
  const { body, status, headers } = exchange;
  const content = body instanceof BodySource ? streamOf(exchange, body, signal) : body;
  const response = new Response(bodiless.has(status) ? null : content, { status, headers });
  Object.defineProperty(response, 'url', { value: url, configurable: true });
  if (!(body instanceof BodySource)) {
    exchange.wrote(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    exchange.end('finished');
  }
  return response;
}

/** What `fetch` throws when the connection cannot be made or breaks before the headers. */
export function fetchFailed(): TypeError {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' }),
  });
}

/** What reading the body throws when the connection breaks after the headers. */
function terminated(): TypeError {
  return new TypeError('terminated', {
    cause: Object.assign(new Error('other side closed'), { name: 'SocketError', code: 'UND_ERR_SOCKET' }),
  });
}

function streamOf(
  exchange: Exchange,
  source: BodySource,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  // Ends waits when the reader cancels; the request's own signal need not fire for that.
  const line = new AbortController();
  let onAbort: (() => void) | undefined;
  const end = (outcome: 'finished' | 'cancelled' | 'cut') => {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    exchange.end(outcome);
  };

  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        onAbort = () => {
          line.abort(signal?.reason);
          end('cancelled');
          controller.error(signal?.reason);
        };
        if (signal?.aborted === true) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      },
      async pull(controller) {
        try {
          const bytes = await source.pull(line.signal);
          if (line.signal.aborted) return;
          if (bytes === undefined) {
            end('finished');
            controller.close();
            controller.byobRequest?.respond(0);
          } else {
            exchange.wrote(bytes.length);
            controller.enqueue(bytes);
          }
        } catch (error) {
          if (line.signal.aborted) return;
          end('cut');
          controller.error(error instanceof ConnectionBroken ? terminated() : error);
        }
      },
      cancel() {
        line.abort();
        // A client that stops at the stream's own end mark has had everything.
        end(source.exhausted ? 'finished' : 'cancelled');
      },
    },
    { highWaterMark: 0 },
  );
}
