import { StreamEvent } from '../core/stream-event.ts';
import type { ChatEvent } from './chat-stream.ts';

/** Events as what a web framework returns: nothing is read ahead of the client. */
export function eventResponse(events: AsyncIterator<ChatEvent, undefined>, init: ResponseInit): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await events.next();
          if (done === true) controller.close();
          else controller.enqueue(StreamEvent.of(value, value.type).bytes);
        } catch (thrown) {
          const { errorFrame } = await import('./methods.ts');
          controller.enqueue(errorFrame(thrown));
          controller.close();
        }
      },
      async cancel() {
        await events.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = new Headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  return new Response(body, { ...init, headers });
}
