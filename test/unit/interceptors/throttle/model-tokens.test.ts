import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelTokens } from '../../../../src/interceptors/throttle/model-tokens.ts';

const text = (characters: number) => ({ characters, images: 0, complete: true });

test('at first four characters are a token, an image is a thousand and an answer five hundred', () => {
  const tokens = new ModelTokens();
  expect(tokens.input(text(4_000))).toBe(1_000);
  expect(tokens.input({ characters: 0, images: 2, complete: true })).toBe(2_000);
  expect(tokens.output).toBe(500);
});

test('what a character comes to is learnt, for any tokenizer', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.08, max: 0.9, noNaN: true }),
      fc.array(fc.integer({ min: 20, max: 20_000 }), { minLength: 40, maxLength: 80 }),
      (perCharacter, lengths) => {
        const tokens = new ModelTokens();
        for (const length of lengths) tokens.learnInput(text(length), Math.round(length * perCharacter));
        const share = tokens.input(text(10_000)) / (10_000 * perCharacter);
        expect(share).toBeGreaterThan(0.9);
        expect(share).toBeLessThan(1.5);
      },
    ),
  );
});

test('estimates lie above the mean where requests differ', () => {
  const tokens = new ModelTokens();
  for (let request = 0; request < 200; request++)
    tokens.learnInput(text(1_000), request % 2 === 0 ? 200 : 300);
  expect(tokens.input(text(1_000))).toBeGreaterThan(275);
  expect(tokens.input(text(1_000))).toBeLessThan(360);
});

test('one request that is far off changes little', () => {
  const tokens = new ModelTokens();
  for (let request = 0; request < 100; request++) tokens.learnInput(text(1_000), 250);
  tokens.learnInput(text(1_000), 1_000_000);
  expect(tokens.input(text(1_000))).toBeLessThan(400);
  for (let request = 0; request < 100; request++) tokens.learnInput(text(1_000), 250);
  expect(tokens.input(text(1_000))).toBeLessThan(260);
});

test('requests with images, files or turns that the provider holds do not teach what a character comes to', () => {
  const tokens = new ModelTokens();
  tokens.learnInput({ characters: 100, images: 3, complete: true }, 5_000);
  tokens.learnInput(text(0), 30);
  expect(tokens.input(text(1_000))).toBe(250);
  for (let request = 0; request < 10; request++)
    tokens.learnInput({ characters: 100, images: 0, complete: false }, 20_000);
  expect(tokens.input(text(1_000))).toBe(250);
  expect(tokens.input({ characters: 100, images: 0, complete: false })).toBe(20_000);
});

test('the output that is expected follows what answers have taken', () => {
  const tokens = new ModelTokens();
  for (let answer = 0; answer < 50; answer++) tokens.learnOutput(100);
  expect(tokens.output).toBe(100);
  tokens.learnOutput(100_000);
  expect(tokens.output).toBeLessThan(200);
  for (let answer = 0; answer < 200; answer++) tokens.learnOutput(answer % 2 === 0 ? 50 : 150);
  expect(tokens.output).toBeGreaterThan(110);
  expect(tokens.output).toBeLessThan(180);
});
