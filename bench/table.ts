import { verdictOf, type Figure, type Verdict } from './figure.ts';
import type { Interval } from './interval.ts';

const nameWidth = 46;
const columns = ['bare', 'added', '95 %', 'share', '95 %', 'goal'] as const;
const widths = [10, 12, 20, 9, 18, 11] as const;

const verdicts: Readonly<Record<Verdict, string>> = {
  met: 'met',
  missed: 'MISSED',
  open: 'not shown (interval spans the goal)',
  'no goal': '',
};

export function heading(text: string): string {
  return `\n${text}\n${row('', columns, 'judged')}`;
}

/** One figure as a line; `judge`: with what its goal came to. */
export function line(figure: Figure, judge: boolean): string {
  const { name, unit, bare, added, share, goal } = figure;
  const cells = [
    bare === undefined ? '' : `${rounded(bare)} ${unit}`,
    `${signed(added.value)} ${unit}`,
    span(added, signed),
    share === undefined ? '' : percent(share.value),
    share === undefined ? '' : span(share, percent),
    goal?.text ?? '',
  ];
  return row(name, cells, judge ? verdicts[verdictOf(figure)] : '');
}

function row(name: string, cells: readonly string[], verdict: string): string {
  const padded = cells.map((cell, index) => cell.padStart(widths[index] ?? 0));
  return `  ${name.padEnd(nameWidth)}${padded.join('')}  ${verdict}`.trimEnd();
}

function span({ low, high }: Interval, format: (value: number) => string): string {
  return low === high ? '' : `${format(low)} … ${format(high)}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${rounded(Math.abs(value))}`;
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1).replace('-', '−')} %`;
}

function rounded(value: number): string {
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}
