import { streamFetch, textChunks, type SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { bareClients, caller, governed, type Caller } from './clients.ts';
import { shareGoal, type Figure } from './figure.ts';
import { latencyFigure, type Timed } from './latency.ts';

/**
 * Time from the call to the first event of a stream. Nothing but the CPU of a call may be added: a timer or a turn of
 * the event loop in between would show.
 */
export const firstByte: Group = {
  heading: 'Time to the first event of a stream',
  cases: [firstByteCase('openai', shareGoal(9, 48)), firstByteCase('anthropic', shareGoal(9, 36))],
};

function firstByteCase(sdk: SdkName, goal: Figure['goal']): Case {
  const name = `${sdk} · pass-through`;
  return {
    name,
    measure(effort) {
      const sent = textChunks(sdk, 3, { usage: sdk === 'openai' });
      const bare = caller(sdk, bareClients(streamFetch(sent)), { usage: true });
      const ours = caller(sdk, governed(streamFetch(sent)).clients, { usage: true });
      return latencyFigure(name, { bare: toFirstEvent(bare), ours: toFirstEvent(ours) }, goal, effort);
    },
  };
}

function toFirstEvent(from: Caller): Timed {
  return async () => {
    const startedAt = performance.now();
    const stream = await from.stream();
    await stream.next();
    const micros = (performance.now() - startedAt) * 1_000;
    while ((await stream.next()).done !== true);
    return micros;
  };
}
