import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageTokens, mostImageTokens } from '../../../src/estimates/image-tokens.ts';

const models = [
  'gpt-4o',
  'gpt-4o-mini-2024-07-18',
  'gpt-4.1-nano',
  'gpt-5',
  'gpt-5-mini',
  'gpt-5.2',
  'gpt-5.4-mini',
  'gpt-5.5',
  'gpt-6-sol',
  'o3',
  'o4-mini',
  'claude-haiku-4-5',
  'claude-opus-5-5',
  'llava:13b',
];
const side = fc.integer({ min: 1, max: 20_000 });
const detail = fc.constantFrom(undefined, 'low', 'high', 'auto', 'original');
const withDetail = (level: string | undefined) => (level === undefined ? {} : { detail: level });

describe('the tokens of a picture', () => {
  it.each([
    // Worked examples of OpenAI's guide "Images and vision", November 2026, and of its older editions.
    ['gpt-5.4', { width: 1024, height: 1024, detail: 'high' }, 1_229],
    ['gpt-5.4', { width: 2048, height: 2048, detail: 'high' }, 3_000],
    ['gpt-4o', { width: 1024, height: 1024, detail: 'high' }, 765],
    ['gpt-4o', { width: 2048, height: 4096, detail: 'high' }, 1_105],
    ['gpt-4o', { width: 4096, height: 8192, detail: 'low' }, 85],
    ['gpt-4o-mini', { width: 512, height: 512 }, 8_500],
    ['openai/gpt-5.1', { width: 512, height: 512 }, 210],
    // Sizes that are sent whole.
    ['gpt-6-sol', { width: 4032, height: 3024 }, 14_364],
    ['gpt-6-sol', { width: 4032, height: 3024, detail: 'low' }, 231],
    // Anthropic's docs, "Images and vision", November 2026: squares of 28 pixels.
    ['claude-opus-4-8', { width: 1920, height: 1080 }, 69 * 39],
    ['claude-sonnet-4-5', { width: 1920, height: 1080 }, 52 * 30],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', { width: 200, height: 200 }, 64],
  ])('%s: %o', (model, image, tokens) => {
    expect(imageTokens(model, image)).toBeGreaterThanOrEqual(tokens - 1);
    expect(imageTokens(model, image)).toBeLessThanOrEqual(tokens + 1);
  });

  it('are never more than the most that they can be, with or without a size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...models), side, side, detail, (model, width, height, level) => {
        const sized = { width, height, ...withDetail(level) };
        // Larger ones are refused.
        fc.pre(imageTokens(model, sized) < 36_000);
        const most = mostImageTokens(model, sized);
        expect(imageTokens(model, sized)).toBeLessThanOrEqual(most);
        expect(most).toBeLessThanOrEqual(mostImageTokens(model, withDetail(level)));
      }),
      { numRuns: 300 },
    );
  });

  it('of a model that nothing is known of are at most those of the dearest rule', () => {
    fc.assert(
      fc.property(fc.constantFrom(...models), side, side, (model, width, height) => {
        expect(mostImageTokens('unheard-of', { width, height })).toBeGreaterThanOrEqual(
          mostImageTokens(model, { width, height }),
        );
      }),
    );
    expect(mostImageTokens('unheard-of', {})).toBeGreaterThanOrEqual(2_833 + 8 * 5_667);
  });
});
