import { atom, type Reading } from './atom.ts';
import type { Language } from './language.ts';
import { countingWord, isCounting, ordinalOf } from './number-words.ts';
import type { Token } from './tokens.ts';

const scales: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['hundert', 100],
  ['thousand', 1e3],
  ['tausend', 1e3],
  ['mille', 1e3],
  ['mil', 1e3],
  ['k', 1e3],
  ['million', 1e6],
  ['millions', 1e6],
  ['millionen', 1e6],
  ['millones', 1e6],
  ['milioni', 1e6],
  ['mio', 1e6],
  ['mn', 1e6],
  ['billion', 1e9],
  ['billions', 1e9],
  ['bn', 1e9],
  ['milliarden', 1e9],
  ['mrd', 1e9],
  ['trillion', 1e12],
  ['dozen', 12],
  ['万', 1e4],
  ['亿', 1e8],
  ['億', 1e8],
]);
const multiples: ReadonlyMap<string, string> = new Map([
  ['half', '0.5'],
  ['halves', '0.5'],
  ['quarters', '0.25'],
  ['twice', '2'],
  ['double', '2'],
  ['thrice', '3'],
  ['triple', '3'],
]);

/** Reads a number from the token at `at` on: digits or words, in whatever way they are grouped. */
export function readNumber(tokens: readonly Token[], at: number, language: Language): Reading | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (token.kind === 'number') return readDigits(tokens, at, token);
  if (token.kind !== 'word') return undefined;
  return readWords(tokens, at, language) ?? readOther(tokens, at, token, language);
}

function readDigits(tokens: readonly Token[], at: number, token: Token): Reading {
  const next = tokens[at + 1];
  const value = valueOf(token.text);
  const negative = tokens[at - 1]?.text === '-' && tokens[at - 1]?.glued === false && token.glued ? '-' : '';
  const scale = next?.kind === 'word' || next?.kind === 'number' ? scales.get(next.lower) : undefined;
  if (
    next !== undefined &&
    scale !== undefined &&
    Number.isFinite(Number(value)) &&
    !isScaleAsUnit(tokens, at)
  )
    return number(negative + plain(Number(value) * scale), textOf(tokens, at, 2), 2);
  if (next?.glued === true && /^(?:st|nd|rd|th|er|ère|ème|º|ª)$/.test(next.lower))
    return number(value, token.text + next.text, 2);
  // `120 over 80`
  if (next?.lower === 'over' && tokens[at + 2]?.kind === 'number')
    return number(valueOf(`${token.text}/${tokens[at + 2]?.text}`), textOf(tokens, at, 3), 3);
  return number(negative + value, token.text, 1);
}

/** A `k` that stands apart is no thousand. */
function isScaleAsUnit(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1];
  return next?.lower === 'k' && !next.glued;
}

function readWords(tokens: readonly Token[], at: number, language: Language): Reading | undefined {
  let [total, group] = [0, 0];
  let length = 0;
  let read = 0;
  for (let index = at; ; index++) {
    const token = tokens[index];
    const word = token?.lower ?? '';
    const scale = scales.get(word);
    const ordinal = ordinalOf(word, language);
    const value =
      word === 'one' && (group % 100 >= 20 || scales.has(tokens[index + 1]?.lower ?? ''))
        ? 1
        : countingWord(word, language);
    if (
      token?.kind === 'word' &&
      value !== undefined &&
      (group % 100 === 0 || (group % 10 === 0 && value < 10))
    )
      group += value;
    else if (token?.kind === 'word' && ordinal !== undefined && read > 0 && group % 10 === 0) {
      group += ordinal;
      length = index - at + 1;
      break;
    } else if (
      token?.kind === 'word' &&
      scale !== undefined &&
      word !== 'k' &&
      (read > 0 || word === 'hundred' || word === 'thousand' || word === 'dozen')
    ) {
      if (scale === 100) group = Math.max(group, 1) * 100;
      else {
        total += Math.max(group, 1) * scale;
        group = 0;
      }
    } else if (read > 0 && (token?.text === '-' || (word === 'and' && group % 100 === 0))) continue;
    else break;
    read += 1;
    length = index - at + 1;
    if (read > 12) break;
  }
  return length === 0 ? undefined : number(plain(total + group), textOf(tokens, at, length), length);
}

function readOther(
  tokens: readonly Token[],
  at: number,
  { lower, text }: Token,
  language: Language,
): Reading | undefined {
  const ordinal = ordinalOf(lower, language);
  const next = tokens[at + 1];
  if (ordinal === 1 && (next?.kind !== 'word' || isCounting(next.lower, language)))
    // The first 24 hours are 24 hours, and what is done first is done before.
    return { atoms: [atom('number', '1', text, true)], length: 1 };
  if (ordinal !== undefined) return { atoms: [atom('number', plain(ordinal), text)], length: 1 };
  if (lower === 'another') return { atoms: [atom('number', '2', text, true)], length: 1 };
  if (/^(?:one|once|single|一)$/.test(lower)) return { atoms: [atom('number', '1', text, true)], length: 1 };
  const multiple = multiples.get(lower);
  if (multiple !== undefined) return number(multiple, text, 1);
  // Of volumes, kings and wars: not at the start, where `I` is who asks.
  const roman =
    text.length > 1 && /^[IVX]+$/.test(text) && /^\p{Lu}/u.test(tokens[at - 1]?.text ?? '')
      ? romanValue(text)
      : undefined;
  return roman === undefined ? undefined : number(plain(roman), text, 1);
}

function number(value: string, text: string, length: number): Reading {
  return { atoms: [atom('number', value, text)], length };
}

/** `1,000`, `1.000` and `1 000` are 1000; `1,5` is 1.5; what is no number is left as it is. */
export function valueOf(written: string): string {
  const digits = hanValue(written) ?? written.replaceAll(/[ '\u00A0\u202F]/g, '');
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits) && !digits.startsWith('0'))
    return plain(Number(digits.replaceAll(',', '')));
  if (/^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(digits) && !digits.startsWith('0'))
    return plain(Number(digits.replaceAll('.', '').replace(',', '.')));
  if (/^\d+[.,]\d+$/.test(digits)) return plain(Number(digits.replace(',', '.')));
  // Digits that are no quantity may start with a zero: those of a code, or of a telephone.
  if (/^\d+$/.test(digits))
    return digits.length > 15 || (digits.startsWith('0') && digits.length > 2)
      ? digits
      : plain(Number(digits));
  const [, above, below] = /^(\d{1,2})\/(\d{1,2})$/.exec(digits) ?? [];
  if (above !== undefined && below !== undefined && Number(above) < Number(below) && Number(below) <= 10)
    return plain(Number(above) / Number(below));
  return digits;
}

const han = new Map(Array.from('零一二三四五六七八九', (digit, value) => [digit, value] as const));

function hanValue(written: string): string | undefined {
  if (!/^[〇零一二两三四五六七八九十百千万]+$/.test(written)) return undefined;
  let [total, group, digit] = [0, 0, 0];
  for (const character of written.replaceAll('两', '二').replaceAll('〇', '零')) {
    const value = han.get(character);
    const scale = { 十: 10, 百: 100, 千: 1000 }[character];
    if (value !== undefined) digit = digit * (digit > 0 ? 10 : 1) + value;
    else if (scale !== undefined) {
      group += Math.max(digit, 1) * scale;
      digit = 0;
    } else {
      total += Math.max(group + digit, 1) * 10_000;
      [group, digit] = [0, 0];
    }
  }
  return String(total + group + digit);
}

function romanValue(text: string): number | undefined {
  if (!/^X{0,3}(?:IX|IV|V?I{0,3})$/.test(text)) return undefined;
  const values = Array.from(text, (letter) => ({ I: 1, V: 5 })[letter] ?? 10);
  return values.reduce((sum, value, index) => sum + (value < (values[index + 1] ?? 0) ? -value : value), 0);
}

function plain(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function textOf(tokens: readonly Token[], at: number, length: number): string {
  return tokens
    .slice(at, at + length)
    .map(({ text, glued }, index) => (glued || index === 0 ? text : ` ${text}`))
    .join('');
}
