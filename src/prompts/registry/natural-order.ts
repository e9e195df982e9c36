/** Names of versions that are read from files and are none of their own. */
const draft = /^draft-/;

/** Whether a version stands for work under way: it is not recorded, and bears no labels. */
export function isDraft(version: string): boolean {
  return draft.test(version);
}

/** Order of versions as people count: `2` before `10`, `1.9` before `1.10`; drafts last. */
export function naturally(a: string, b: string): number {
  if (isDraft(a) !== isDraft(b)) return isDraft(a) ? 1 : -1;
  const [left, right] = [piecesOf(a), piecesOf(b)];
  for (const [index, piece] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compared(piece, other);
    if (order !== 0) return order;
  }
  return left.length - right.length || byCodeUnits(a, b);
}

/** Digits and what stands between them. */
function piecesOf(version: string): readonly string[] {
  return version.match(/\d+|\D+/g) ?? [];
}

function compared(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d/.test(a), /^\d/.test(b)];
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (!isNumber) return byCodeUnits(a, b);
  // Longer than a number of JavaScript can tell.
  const [left, right] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return left.length - right.length || byCodeUnits(left, right);
}

function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
