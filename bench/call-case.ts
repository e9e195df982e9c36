import type { SdkName } from './canned.ts';
import type { Case, Effort } from './case.ts';
import { pairedFigure, shareGoal, type Goal, type PairedSample } from './figure.ts';
import { pairedCpu } from './paired-cpu.ts';

export type Call = () => Promise<unknown>;

/** The two sides of one line, made when it is measured. */
export interface Contest {
  readonly bare: Call;
  readonly ours: Call;
}

/** What a bare call took where the goals were set, in microseconds. */
const bareMicros = { openai: 48, anthropic: 36 } as const;

/** So many microseconds of a call's CPU, as the share that they were of a bare call where the goals were set. */
export function callGoal(sdk: SdkName, micros: number): Goal {
  return shareGoal(micros, bareMicros[sdk]);
}

export function callCase(name: string, goal: Goal | undefined, make: () => Contest): Case {
  return {
    name,
    measure: async (effort) => pairedFigure(name, 'µs', await callSamples(make(), effort), goal),
  };
}

/** @param unitsPerBlock enough for a block to hold collections of its own garbage */
export function callSamples(
  { bare, ours }: Contest,
  { quick }: Effort,
  unitsPerBlock = 800,
): Promise<PairedSample[]> {
  const units = quick ? 20 : unitsPerBlock;
  return pairedCpu({
    bare: { run: () => repeated(bare, units) },
    ours: { run: () => repeated(ours, units) },
    unitsPerBlock: units,
    rounds: quick ? 4 : 40,
    warmUpRounds: quick ? 1 : 3,
  });
}

async function repeated(call: Call, times: number): Promise<void> {
  for (let made = 0; made < times; made++) await call();
}
