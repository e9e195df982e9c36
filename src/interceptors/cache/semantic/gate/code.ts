import type { Difference } from '../difference.ts';

/** Written exactly, in a block or between marks. */
const block = /```[^\n`]*\n([\s\S]*?)(?:```|$)/g;
const span =
  /`([^`\n]{1,500})`|"([^"\n]{1,500})"|(?<![\p{L}\p{N}])'([^'\n]{1,200}(?:'(?=\p{L})[^'\n]{1,200}){0,4})'(?![\p{L}\p{N}])/gu;
/** What no prose has in it, but for abbreviations. */
const structure =
  /[{}[\]<>=\\|^~]|[\p{L}\p{N}]_|_[\p{L}\p{N}]|::|->|\(\)|\+\+|[\p{L}\p{N}][*&]|&&|^[-+*]$|^--?\p{L}|^\$\p{L}|^(?:\.{0,2}|~)\/\p{L}|[\p{L}\p{N}][.@/][\p{L}\p{N}-]+[./]\p{L}|^[\p{L}\p{N}-]{2,}\.\p{L}{1,6}$|^\.\p{Ll}{2,5}$|\p{L}@\p{L}|\p{L}\.\p{L}{2,}|\p{L}\(/u;
const notCode = /^(?:\p{L}\.)+\p{L}?\.?$|^[\d.,:/%]+$|^[<>]$/u;

/** What of a text is not prose. */
export interface Code {
  readonly blocks: readonly string[];
  /** Between marks: as code, or as a quotation. */
  readonly spans: readonly string[];
  /** Words with signs in them that prose has not. */
  readonly chunks: readonly string[];
  /** All of it, without blocks, in one line. */
  readonly line: string;
}

/** Takes apart a text that went through `normalized`. */
export function codeOf(text: string): Code {
  const blocks = Array.from(text.matchAll(block), ([, code = '']) => dedented(code));
  const line = withoutBlocks(text).replaceAll(/\s+/g, ' ');
  const matches = Array.from(line.matchAll(span));
  const spans = matches
    .map(([, ...marked]) => marked.find((inner) => inner !== undefined) ?? '')
    .map(trimmedSpan);
  const rest = line.replaceAll(span, ' ');
  const chunks = rest
    .split(' ')
    .map(trimmedChunk)
    .filter((chunk) => chunk !== '' && structure.test(chunk) && !notCode.test(chunk));
  return { blocks, spans, chunks, line };
}

export function withoutBlocks(text: string): string {
  return text.replaceAll(block, '\n');
}

/** What is written exactly in the one and not in the other, or in another order. */
export function codeDifference(asked: Code, kept: Code): Difference | undefined {
  return (
    listDifference(asked.blocks, kept.blocks) ?? partDifference(asked, kept) ?? orderDifference(asked, kept)
  );
}

function partDifference(asked: Code, kept: Code): Difference | undefined {
  const missingOf = (one: Code, other: Code): string[] => [
    ...one.spans.filter((part) => !holds(other.line, part, isPlain(part))),
    ...one.chunks.filter((part) => !holds(other.line, part, false)),
  ];
  const [ofAsked, ofKept] = [missingOf(asked, kept), missingOf(kept, asked)];
  return ofAsked.length + ofKept.length === 0 ? undefined : difference(ofAsked.join(' '), ofKept.join(' '));
}

function orderDifference(asked: Code, kept: Code): Difference | undefined {
  const [one, other] = [
    [...asked.spans, ...asked.chunks],
    [...kept.spans, ...kept.chunks],
  ];
  if (one.length !== other.length || one.toSorted().join('\n') !== other.toSorted().join('\n'))
    return undefined;
  return listDifference(one, other);
}

function listDifference(asked: readonly string[], kept: readonly string[]): Difference | undefined {
  const longest = Math.max(asked.length, kept.length);
  for (let index = 0; index < longest; index++)
    if (asked[index] !== kept[index]) return difference(asked[index] ?? '', kept[index] ?? '');
  return undefined;
}

/** Words between quotation marks, of which capitals do not matter. */
function isPlain(part: string): boolean {
  return /^[\p{L}\p{M}' ,-]+$/u.test(part);
}

/** Whether `part` stands in `line` as a whole. */
function holds(line: string, part: string, anyCase: boolean): boolean {
  const [text, sought] = anyCase ? [line.toLowerCase(), part.toLowerCase()] : [line, part];
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1))
    if (!joins(text[at - 1], sought[0]) && !joins(sought.at(-1), text[at + sought.length])) return true;
  return false;
}

/** Whether two characters that stand beside one another are of one word, or one operator. */
function joins(left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const word = /[\p{L}\p{N}_-]/u;
  const operator = /[=<>+\-*/|&!^~]/;
  return (word.test(left) && word.test(right)) || (operator.test(left) && operator.test(right));
}

function trimmedSpan(part: string): string {
  return part.trim().replace(/[.,;!?]$/, '');
}

function trimmedChunk(chunk: string): string {
  let part = chunk.replace(/^["'(]+/, '').replace(/["'.,:;?!]+$/, '');
  if (part.endsWith(')') && !part.includes('(')) part = part.slice(0, -1);
  return part;
}

function dedented(code: string): string {
  const lines = code
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const indent = lines.reduce(
    (least, line) => Math.min(least, line.length - line.trimStart().length),
    Infinity,
  );
  return lines.map((line) => line.slice(indent)).join('\n');
}

function difference(asked: string, kept: string): Difference {
  return { kind: 'code', asked, kept };
}
