import type { Effort } from './case.ts';
import type { Figure } from './figure.ts';
import { bootstrap, median } from './interval.ts';

/** Does something once, and returns how many microseconds of it count. */
export type Timed = () => Promise<number>;

const timesPerBlock = 25;

/** The latency of both sides, in blocks of bare, ours, ours, bare. */
export async function latencyFigure(
  name: string,
  { bare, ours }: { readonly bare: Timed; readonly ours: Timed },
  goal: Figure['goal'],
  { quick }: Effort,
): Promise<Figure> {
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
}

/** The median of a block: wall time has outliers that are the machine's, not ours. */
async function typicalMicros(timed: Timed): Promise<number> {
  const times: number[] = [];
  for (let made = 0; made < timesPerBlock; made++) times.push(await timed());
  return median(times);
}
