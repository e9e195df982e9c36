import { streamFetch, textChunks, type SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { bareClients, caller, governed, type Caller } from './clients.ts';
import { shareGoal, type Figure } from './figure.ts';
import { bootstrap, median } from './interval.ts';

/**
 * Time from the call to the first event of a stream. Nothing but the CPU of a call may be added: a timer or a turn of
 * the event loop in between would show.
 */
export const firstByte: Group = {
  heading: 'Time to the first event of a stream',
  cases: [firstByteCase('openai', shareGoal(9, 48)), firstByteCase('anthropic', shareGoal(9, 36))],
};

const streamsPerBlock = 25;

function firstByteCase(sdk: SdkName, goal: Figure['goal']): Case {
  const name = `${sdk} · pass-through`;
  return {
    name,
    async measure({ quick }) {
      const sent = textChunks(sdk, 3, { usage: sdk === 'openai' });
      const bare = caller(sdk, bareClients(streamFetch(sent)), { usage: true });
      const ours = caller(sdk, governed(streamFetch(sent)).clients, { usage: true });
      const rounds = quick ? 4 : 160;
      const samples: { readonly bare: number; readonly ours: number }[] = [];
      for (let round = -Math.ceil(rounds / 4); round < rounds; round++) {
        const first = await typicalMicros(bare);
        const second = await typicalMicros(ours);
        const third = await typicalMicros(ours);
        const fourth = await typicalMicros(bare);
        if (round >= 0) samples.push({ bare: (first + fourth) / 2, ours: (second + third) / 2 });
      }
      return {
        name,
        unit: 'µs',
        bare: median(samples.map((sample) => sample.bare)),
        added: bootstrap(samples, (drawn) => median(drawn.map((sample) => sample.ours - sample.bare))),
        share: bootstrap(samples, (drawn) =>
          median(drawn.map((sample) => (sample.ours - sample.bare) / sample.bare)),
        ),
        goal,
      };
    },
  };
}

/** The median of a block: wall time has outliers that are the machine's, not ours. */
async function typicalMicros(from: Caller): Promise<number> {
  const times: number[] = [];
  for (let opened = 0; opened < streamsPerBlock; opened++) {
    const startedAt = performance.now();
    const stream = await from.stream();
    await stream.next();
    times.push((performance.now() - startedAt) * 1_000);
    while ((await stream.next()).done !== true);
  }
  return median(times);
}
