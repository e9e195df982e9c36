import type { ProofRow } from './proof.ts';

/** Rows as aligned text; numbers to the right. Columns in the order in which rows first name them. */
export function tableOf(rows: readonly ProofRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = (row: ProofRow, column: string): string => {
    const value = row[column];
    return typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '');
  };
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => shown(row, column).length)),
  );
  const line = (cells: readonly string[]): string => cells.join('  ').trimEnd();
  const cell = (row: ProofRow, column: string, index: number): string =>
    typeof row[column] === 'number'
      ? shown(row, column).padStart(widths[index] ?? 0)
      : shown(row, column).padEnd(widths[index] ?? 0);
  return [
    line(columns.map((column, index) => column.padEnd(widths[index] ?? 0))),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(columns.map((column, index) => cell(row, column, index)))),
    '',
  ].join('\n');
}
