import type { SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { runChild } from './child.ts';
import { bootstrap, exactly, sum } from './interval.ts';

/** What is held, and whether it grows. Each sample is a process of its own. */
export const memory: Group = {
  heading: 'Memory',
  cases: [
    openStreamCase('openai'),
    openStreamCase('anthropic'),
    growthCase(200_000, 200_000, 'of as many new callers'),
    growthCase(1_000_000, 100_000, 'of 100,000 callers'),
  ],
};

function openStreamCase(sdk: SdkName): Case {
  const name = `${sdk} · one of 1,000 open streams`;
  return {
    name,
    async measure({ quick }) {
      const count = quick ? 50 : 1_000;
      const bytes = (side: string): number =>
        Number(runChild(['--expose-gc', 'bench/children/open-streams.ts', sdk, side, String(count)]));
      const samples = Array.from({ length: quick ? 1 : 5 }, () => {
        const bare = bytes('bare');
        return { bare, ours: bytes('governed') };
      });
      return {
        name,
        unit: 'B',
        bare: sum(samples.map(({ bare }) => bare)) / samples.length,
        added: bootstrap(samples, (drawn) => sum(drawn.map(({ bare, ours }) => ours - bare)) / drawn.length),
        share: undefined,
        goal: { of: 'added', atMost: 4_096, text: '4 kB' },
      };
    },
  };
}

/** A table that kept as little as a key a caller would grow by 40 bytes a call; tables of the runtime move by a few. */
const growthLimit = 8;

function growthCase(calls: number, callers: number, whose: string): Case {
  const name = `growth a call, ${calls.toLocaleString('en')} ${whose}`;
  return {
    name,
    async measure({ quick }) {
      const [count, asking] = quick ? [2_000, (2_000 * callers) / calls] : [calls, callers];
      const alive = JSON.parse(
        runChild(['--expose-gc', 'bench/children/many-callers.ts', String(count), String(asking)]),
      ) as number[];
      const steps = alive.slice(1).map((bytes, index) => (bytes - (alive[index] ?? bytes)) / (count / 20));
      return {
        name,
        unit: 'B',
        bare: undefined,
        added: steps.length > 1 ? slope(alive, count / 20) : exactly(Number.NaN),
        share: undefined,
        goal: { of: 'added', atMost: growthLimit, text: 'none (8 B)' },
      };
    },
  };
}

/** Bytes a call by least squares, with the interval of the slope (Student's t, 19 degrees of freedom). */
function slope(alive: readonly number[], callsBetween: number): ReturnType<typeof exactly> {
  const middle = (alive.length - 1) / 2;
  const mean = sum(alive) / alive.length;
  const spread = sum(alive.map((_, index) => (index - middle) ** 2));
  const perStep = sum(alive.map((bytes, index) => (index - middle) * (bytes - mean))) / spread;
  const rest = sum(alive.map((bytes, index) => (bytes - mean - perStep * (index - middle)) ** 2));
  const error = (2.093 * Math.sqrt(rest / (alive.length - 2) / spread)) / callsBetween;
  const value = perStep / callsBetween;
  return { value, low: value - error, high: value + error };
}
