/** A line that was added or taken out, or that is in both. */
export interface LineChange {
  readonly change: 'added' | 'removed' | 'kept';
  readonly text: string;
}

const context = 3;

/** Two texts line by line. */
export async function lineChanges(before: string, after: string): Promise<readonly LineChange[]> {
  const { diffArrays } = await import('diff');
  const [from, to] = [before, after].map((text) => (text === '' ? [] : text.split('\n')));
  return diffArrays(from ?? [], to ?? []).flatMap(({ value, added, removed }) =>
    value.map((text) => ({ change: added ? 'added' : removed ? 'removed' : 'kept', text }) as const),
  );
}

/** A unified diff, with blanks that nobody would see marked. Empty where both are the same. */
export async function unified(before: string, after: string, from: string, to: string): Promise<string> {
  if (before === after) return '';
  const { createTwoFilesPatch } = await import('diff');
  const patch = createTwoFilesPatch(from, to, before, after, undefined, undefined, { context });
  return patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .map((line) => (/^[+-](?!-- |\+\+ )/.test(line) ? marked(line) : line))
    .join('\n');
}

/** Only what is at the end of a line, or looks like something else. */
function marked(line: string): string {
  return line
    .replace(/[ \t\r]+$/, (blanks) => blanks.replaceAll(' ', '·').replaceAll('\r', '␍'))
    .replaceAll('\t', '→')
    .replaceAll('\u00a0', '⍽');
}
