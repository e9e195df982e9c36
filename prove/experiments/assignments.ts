import { Assignment } from 'managed-llm';
import type { ProofRow } from '../proof.ts';

type Weights = Readonly<Record<string, number>>;

interface Judged {
  readonly rows: readonly ProofRow[];
  readonly passed: number;
  readonly failures: readonly string[];
}

const weightings: readonly Weights[] = [
  { control: 1, warm: 1 },
  { control: 9, warm: 1 },
  { control: 99, warm: 1 },
  { control: 2, warm: 1, cold: 1 },
  { a: 5, b: 3, c: 1, d: 1 },
];

/** Weights before and after. Between two arms, and where one arm changes, what moves is what has to. */
const changes: readonly (readonly [Weights, Weights])[] = [
  [
    { control: 99, warm: 1 },
    { control: 95, warm: 5 },
  ],
  [
    { control: 95, warm: 5 },
    { control: 50, warm: 50 },
  ],
  [
    { control: 50, warm: 50 },
    { control: 0, warm: 100 },
  ],
  [
    { a: 1, b: 1, c: 1 },
    { a: 2, b: 1, c: 1 },
  ],
  [
    { a: 1, b: 1 },
    { a: 1, b: 1, c: 2 },
  ],
  [
    { a: 1, b: 1, c: 2 },
    { a: 1, c: 2 },
  ],
];

/** The share that chance alone may move beyond what has to. */
const byChance = 0.005;

export function assignmentRows(count: number): Judged {
  const users = Array.from({ length: count }, (_, index) => JSON.stringify(['acme', `user-${index}`]));
  const rows: ProofRow[] = [];
  const failures: string[] = [];
  let passed = 0;
  const judge = (row: ProofRow, isGood: boolean): void => {
    rows.push(row);
    if (isGood) passed++;
    else failures.push(JSON.stringify(row));
  };
  const assigned = (weights: Weights, seed = 'tone'): readonly (string | undefined)[] => {
    const shares = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
    const assignment = new Assignment(shares, seed);
    return users.map((user) => assignment.armOf(user));
  };
  for (const weights of weightings) {
    const arms = assigned(weights);
    const isSticky = assigned(weights).every((arm, index) => arm === arms[index]);
    const off = Math.max(
      ...Object.keys(weights).map((arm) => Math.abs(shareOf(arms, arm) - goal(weights, arm))),
    );
    judge({ of: `weights ${told(weights)}`, 'off by at most': percent(off) }, isSticky && off <= 0.01);
  }
  for (const [before, after] of changes) {
    const [from, to] = [assigned(before), assigned(after)];
    const moved = from.filter((arm, index) => arm !== to[index]).length / count;
    const arms = new Set([...Object.keys(before), ...Object.keys(after)]);
    let hasTo = 0;
    for (const arm of arms) hasTo += Math.max(0, shareOf(to, arm) - shareOf(from, arm));
    judge(
      { of: `${told(before)} to ${told(after)}`, moved: percent(moved), 'has to': percent(hasTo) },
      moved <= hasTo + byChance,
    );
  }
  const [one, other] = [assigned({ a: 1, b: 1 }, 'one'), assigned({ a: 1, b: 1 }, 'other')];
  const together = one.filter((arm, index) => arm === other[index]).length / count;
  judge(
    { of: 'in the same arm of two experiments, half', 'off by at most': percent(Math.abs(together - 0.5)) },
    Math.abs(together - 0.5) <= 0.01,
  );
  return { rows, passed, failures };
}

function goal(weights: Weights, arm: string): number {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return (weights[arm] ?? 0) / all;
}

function shareOf(arms: readonly (string | undefined)[], arm: string): number {
  return arms.filter((each) => each === arm).length / arms.length;
}

function told(weights: Weights): string {
  return Object.values(weights).join(':');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
