import type { Frame } from './body-source.ts';
import type { Protocol, Turn } from './protocol.ts';
import type { ScriptedReply } from './script.ts';

/** The frames of a streamed reply with the script's mishaps in their places. Lazy: a frame is made when it is asked for. */
export function* framesOf(
  protocol: Protocol,
  turn: Turn,
  script: ScriptedReply,
): Generator<Frame, void, undefined> {
  const { cutAfterEvents = Infinity, inBandError, endWithoutTerminal = false } = script;
  const events = script.events?.map((data) => protocol.scripted(data)) ?? protocol.events(turn);
  let count = 0;
  for (const event of events) {
    if (count >= cutAfterEvents) return yield 'cut';
    if (inBandError !== undefined && count >= inBandError.afterEvents) {
      const failure = protocol.inBandError(inBandError, inBandError.status ?? 529, count);
      return yield { bytes: protocol.frame(failure), pieces: 0 };
    }
    if (endWithoutTerminal && event.terminal) return;
    yield { bytes: protocol.frame(event), pieces: event.pieces };
    count += 1;
  }
  if (cutAfterEvents === count) yield 'cut';
}
