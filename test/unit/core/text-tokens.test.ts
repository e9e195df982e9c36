import { globSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { guessedTokens, mostTokens } from '../../../src/core/text-tokens.ts';

const prose =
  'The quick survey of the coast began in the early hours, and by noon the first measurements had been sent back to the office. Nobody expected the tide to turn so soon. ';
const code =
  'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of values) total += value;\n  return total;\n}\n';

describe('the tokens that a text seems to have', () => {
  it.each([
    ['prose', prose],
    ['code', code],
    [
      'JSON',
      JSON.stringify({ name: 'sum', required: ['values'], properties: { values: { type: 'array' } } }),
    ],
    ['German', 'Die erste Messung an der Küste begann früh am Morgen, und niemand rechnete mit der Flut. '],
    ['Russian', 'Первое измерение на побережье началось рано утром, и никто не ждал прилива. '],
    ['Japanese', '海岸での最初の測定は早朝に始まり、誰も潮が変わるとは思っていなかった。'],
    ['Korean', '해안에서의 첫 측정은 이른 아침에 시작되었고 아무도 밀물을 예상하지 못했다.'],
    ['digits', '104 2209 31415 9265 35 8979 323846 26433 83279'],
    ['hexadecimal', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ])('are about those that it has: %s', (_name, text) => {
    const actual = countTokens(text);
    expect(guessedTokens(text)).toBeGreaterThan(actual * 0.65);
    expect(guessedTokens(text)).toBeLessThan(actual * 1.5);
  });

  it.each([
    ['prose', 'docs/*.md'],
    ['code', 'src/core/*.ts'],
    ['JSON', 'package*.json'],
  ])('are within a fifth of those that nine of ten of this project’s own texts have: %s', (_kind, files) => {
    const found = globSync(files).map((file) => readFileSync(file, 'utf8').slice(0, 100_000));
    const ratios = found.map((text) => guessedTokens(text) / countTokens(text));
    const near = ratios.filter((ratio) => ratio > 0.8 && ratio < 1.2);
    expect(near.length).toBeGreaterThanOrEqual(ratios.length * 0.9);
    expect(Math.min(...ratios)).toBeGreaterThan(0.7);
    expect(Math.max(...ratios)).toBeLessThan(1.35);
  });

  it('of a long text are found from samples of it', () => {
    const long = prose.repeat(2_000);
    expect(guessedTokens(long) / countTokens(long)).toBeGreaterThan(0.7);
    expect(guessedTokens(long) / countTokens(long)).toBeLessThan(1.3);
  });

  it('are none where there is no text, and some where there is any', () => {
    expect(guessedTokens('')).toBe(0);
    for (const text of ['a', '日', '👍', '1', '!']) expect(guessedTokens(text)).toBeGreaterThan(0);
  });
});

describe('the most tokens that a text can have', () => {
  it('are its bytes, and those of its compatibility form', () => {
    expect(mostTokens('four')).toBe(4);
    expect(mostTokens('日本')).toBe(6);
    for (let code = 0; code <= 0x10_ffff; code++) {
      const letter = String.fromCodePoint(code);
      const bytes = Math.max(Buffer.byteLength(letter), Buffer.byteLength(letter.normalize('NFKC')));
      if (mostTokens(letter) < bytes)
        expect([code.toString(16), mostTokens(letter)]).toEqual([code.toString(16), bytes]);
    }
  });

  it('are those of what letters become together', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, (value) => {
        expect(mostTokens(value)).toBeGreaterThanOrEqual(Buffer.byteLength(value.normalize('NFKC')));
      }),
      { numRuns: 300 },
    );
  });
});
