import { styleText } from 'node:util';

/** Counted since the beginning: of the governed application, and of the bare one. */
export interface Counts {
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  /** Calls that each provider answered. */
  readonly byFirst: number;
  readonly bySecond: number;
  /** Requests that reached the first provider. */
  readonly reached: number;
  readonly bareAnswered: number;
  readonly bareFailed: number;
  readonly bareReached: number;
}

const columns = [
  ['the first provider', 18],
  ['asked', 5],
  ['answered', 8],
  ['failed', 6],
  ['by 1st', 6],
  ['by 2nd', 6],
  ['reached 1st', 11],
  ['circuit', 9],
  ['│', 1],
  ['answered', 8],
  ['failed', 6],
  ['waiting', 7],
  ['reached 1st', 11],
] as const;
const width = columns.reduce((sum, [, cells]) => sum + cells + 2, 0);
const bareBegins = columns.findIndex(([title]) => title === '│');

export function printHead(): void {
  const widthOf = (some: readonly (readonly [string, number])[]): number =>
    some.reduce((sum, [, width]) => sum + width + 2, 0);
  const governedBegins = widthOf(columns.slice(0, 1));
  const ours = widthOf(columns.slice(1, bareBegins));
  console.log(`${' '.repeat(governedBegins)}${'governed, both SDKs'.padEnd(ours)}│  the SDK as it comes`);
  console.log(styleText('bold', line(columns.map(([title]) => title))));
}

/** What a phase added. On a terminal that is wide enough its line moves while it lasts; else it is printed at its end. */
export function printPhase(
  name: string,
  before: Counts,
  now: Counts,
  circuit: string,
  bareWaiting: number,
  isOver: boolean,
): void {
  const moves = process.stdout.isTTY && process.stdout.columns > width;
  if (!moves && !isOver) return;
  const added = (key: keyof Counts): string => String(now[key] - before[key]);
  const text = line([
    name,
    ...(['asked', 'answered', 'failed', 'byFirst', 'bySecond', 'reached'] as const).map(added),
    circuit,
    '│',
    ...(['bareAnswered', 'bareFailed'] as const).map(added),
    String(bareWaiting),
    added('bareReached'),
  ]);
  process.stdout.write(`${moves ? '\r\u001B[2K' : ''}${text}${isOver ? '\n' : ''}`);
}

function line(cells: readonly string[]): string {
  const padded = columns.map(([title, width], index) => {
    const cell = cells[index] ?? '';
    return index === 0 || title === 'circuit' ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join('  ');
}
