import type { Difference } from '../difference.ts';
import { classesOf } from './classes.ts';
import type { Token } from './tokens.ts';

/** What stands between two numbers. */
const between = classesOf('+ plus; - – minus; * × · x times multiplied; ÷ divided; <; >');
/** What says the same, and much else besides: it counts only against what stands between numbers. */
const said = classesOf('+ sum; - difference subtract; * multiply; ÷ quotient divide');

/** An operator, as `+`, for each that is in a text. */
export interface Operators {
  readonly written: readonly string[];
  readonly said: readonly string[];
}

export function operatorsOf(tokens: readonly Token[]): Operators {
  return {
    written: tokens.flatMap(({ lower }, at) => {
      const by = /^(?:by|-)$/.test(tokens[at + 1]?.lower ?? '') ? 2 : 1;
      return isOperand(tokens[at - 1]) && isOperand(tokens[at + by]) ? (between.get(lower) ?? []) : [];
    }),
    said: tokens.flatMap(({ lower }) => said.get(lower) ?? []),
  };
}

/** A number, a variable, or what is in parentheses. */
function isOperand(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'number' || /^(?:\p{L}|[()])$/u.test(token.text));
}

/** `5 - 3` against `5 + 3`. A dash may be that of a range. */
export function operatorDifference(asked: Operators, kept: Operators): Difference | undefined {
  const isSame =
    asked.written.length * kept.written.length > 0
      ? asked.written.join('') === kept.written.join('')
      : isSaid(asked, kept) && isSaid(kept, asked);
  if (isSame) return undefined;
  const textOf = ({ written, said: words }: Operators): string =>
    (written.length > 0 ? written : words).join(' ');
  return { kind: 'code', asked: textOf(asked), kept: textOf(kept) };
}

function isSaid({ written }: Operators, other: Operators): boolean {
  return other.said.length === 0 || written.every((operator) => other.said.includes(operator));
}
