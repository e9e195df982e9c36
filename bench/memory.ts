import { plainFetch, type SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { runChild } from './child.ts';
import { bootstrap, exactly, sum } from './interval.ts';

/** What is held, and whether it grows. Each sample is a process of its own. */
export const memory: Group = {
  heading: 'Memory',
  cases: [
    openStreamCase('openai'),
    openStreamCase('anthropic'),
    keptAnswerCase(),
    growthCase('200,000 of as many new callers', 'many-callers.ts', [200_000, 200_000]),
    growthCase('1,000,000 of 100,000 callers', 'many-callers.ts', [1_000_000, 100_000]),
    growthCase('1,000,000 of no two alike, kept', 'distinct-calls.ts', [1_000_000]),
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

/** Beside the text of the answer, which is in it. */
function keptAnswerCase(): Case {
  const name = 'an answer that is kept, beside its text';
  return {
    name,
    async measure({ quick }) {
      const count = quick ? 200 : 10_000;
      const text = (await (await plainFetch('openai')('')).text()).length;
      const samples = Array.from({ length: quick ? 1 : 5 }, () =>
        Number(runChild(['--expose-gc', 'bench/children/kept-answers.ts', String(count)])),
      );
      return {
        name,
        unit: 'B',
        bare: text,
        added: bootstrap(samples, (drawn) => sum(drawn) / drawn.length - text),
        share: undefined,
        goal: undefined,
      };
    },
  };
}

/** A table that kept as little as a key a caller would grow by 40 bytes a call; tables of the runtime move by a few. */
const growthLimit = 8;

/** @param counts what the child is given: how many calls, and what else it counts */
function growthCase(whose: string, child: string, counts: readonly [number, ...number[]]): Case {
  const name = `growth a call, ${whose}`;
  return {
    name,
    async measure({ quick }) {
      const scale = quick ? 2_000 / counts[0] : 1;
      const [calls = 0, ...others] = counts.map((count) => count * scale);
      const args = [calls, ...others].map(String);
      const alive = JSON.parse(runChild(['--expose-gc', `bench/children/${child}`, ...args])) as number[];
      return {
        name,
        unit: 'B',
        bare: undefined,
        added: alive.length > 2 ? slope(alive, calls / (alive.length - 1)) : exactly(Number.NaN),
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
