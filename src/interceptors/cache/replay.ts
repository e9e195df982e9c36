import type { Call } from '../../core/call.ts';
import type { Dialect } from '../../core/dialect.ts';
import type { ByteSource, ReadResult } from '../../core/event-stream.ts';
import type { Host } from '../../core/interceptor.ts';
import type { Reply, ToldAnswer } from '../../core/reply.ts';
import { SseDecoder } from '../../core/sse.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import type { Target } from '../../core/target.ts';
import type { Entry, EntryHead } from './entry.ts';

/**
 * A kept answer as a reply to this call, streamed or plain as that wants it. Rejects for what cannot be made one: it is as
 * good as not there.
 */
export async function replay(
  { replies }: Pick<Host, 'replies'>,
  call: Call,
  { head, body }: Entry,
): Promise<Reply> {
  const told = toldOf(head);
  if (!call.stream) {
    if (head.form === 'plain') return replies.text(call, body, 'cache', told);
    const codec = await call.dialect.codec();
    return replies.body(call, codec.collect(eventsOf(body)), 'cache', told);
  }
  const events =
    head.form === 'events' ? eventsOf(body) : (await call.dialect.codec()).explode(JSON.parse(body));
  if (events.length === 0) throw new TypeError('Nothing is left of a kept answer.');
  const wanted = asksForUsage(call)
    ? events
    : events.filter((event) => !call.dialect.stream.isOnlyUsage(event));
  return replies.stream(call, chunkSource(wanted), 'cache', () => told);
}

/** What receipts tell of it. */
export function toldOf({ usage, stopReason, servedModel, target }: EntryHead): ToldAnswer {
  return { usage, stopReason, servedModel, target: target === undefined ? undefined : parseTarget(target) };
}

/** Whether an event of usage is the application's own wish, rather than ours. */
function asksForUsage({ dialect, body }: { readonly dialect: Dialect; readonly body: unknown }): boolean {
  return dialect.request.askForUsage(body, '{}') === undefined;
}

/** The events of a stream as it went over the wire. */
export function eventsOf(text: string): readonly StreamEvent[] {
  const decoder = new SseDecoder();
  const events = decoder.push(Buffer.from(text));
  const rest = decoder.end();
  return rest === undefined ? events : [...events, rest];
}

function parseTarget(name: string): Target {
  const slash = name.indexOf('/');
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

function chunkSource(events: readonly StreamEvent[]): ByteSource {
  let next = 0;
  return {
    async read(): Promise<ReadResult> {
      const event = events[next++];
      return event === undefined ? { done: true } : { done: false, value: event.bytes };
    },
    cancel: () => (next = events.length),
  };
}
