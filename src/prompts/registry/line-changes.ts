/** A line that was added or taken out, or that is in both. */
export interface LineChange {
  readonly change: 'added' | 'removed' | 'kept';
  readonly text: string;
}

const context = 3;
/** Lines that differ; of more, all are taken out and added: finding the fewest takes the square of their number. */
const maxEditLength = 1_000;

/** Two texts line by line. */
export async function lineChanges(before: string, after: string): Promise<readonly LineChange[]> {
  const { diffArrays } = await import('diff');
  const [from, to] = [linesOf(before), linesOf(after)];
  const changes = diffArrays([...from], [...to], { maxEditLength });
  if (changes === undefined)
    return [
      ...from.map((text) => ({ change: 'removed', text }) as const),
      ...to.map((text) => ({ change: 'added', text }) as const),
    ];
  return changes.flatMap(({ value, added, removed }) =>
    value.map((text) => ({ change: added ? 'added' : removed ? 'removed' : 'kept', text }) as const),
  );
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n');
}

/** A unified diff, with blanks that nobody would see marked. Empty where both are the same. */
export async function unified(before: string, after: string, from: string, to: string): Promise<string> {
  if (before === after) return '';
  const { createTwoFilesPatch } = await import('diff');
  const patch =
    createTwoFilesPatch(from, to, before, after, undefined, undefined, { context, maxEditLength }) ??
    rewritten(before, after, from, to);
  return patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .map((line) => (/^[+-](?!-- |\+\+ )/.test(line) ? marked(line) : line))
    .join('\n');
}

/** All lines taken out, and all added. */
function rewritten(before: string, after: string, from: string, to: string): string {
  const [removed, added] = [before, after].map((text) => text.replace(/\n$/, '').split('\n'));
  return [
    `--- ${from}`,
    `+++ ${to}`,
    `@@ -1,${removed?.length} +1,${added?.length} @@`,
    ...(removed ?? []).map((line) => `-${line}`),
    ...(added ?? []).map((line) => `+${line}`),
    '',
  ].join('\n');
}

/** Only what is at the end of a line, or looks like something else. */
function marked(line: string): string {
  return line
    .replace(/[ \t\r]+$/, (blanks) => blanks.replaceAll(' ', '·').replaceAll('\r', '␍'))
    .replaceAll('\t', '→')
    .replaceAll('\u00a0', '⍽');
}
