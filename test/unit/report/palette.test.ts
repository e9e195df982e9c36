import { describe, expect, test } from 'vitest';
import { darkColours, lightColours } from '../../../src/report/palette.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009: severity 1. */
const views: Readonly<Record<string, Matrix>> = {
  'as most people do': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'with protanopia': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'with deuteranopia': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'with tritanopia': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function times(matrix: Matrix, [r, g, b]: Triple): Triple {
  const row = ([x, y, z]: Triple): number => Math.min(1, Math.max(0, x * r + y * g + z * b));
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

/** Ottosson, "A perceptual color space for image processing", 2020. */
function oklab([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function contrast(one: string, other: string): number {
  const luminance = (hex: string): number => {
    const [r, g, b] = linear(hex);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return high / low;
}

describe.each([
  ['light', lightColours],
  ['dark', darkColours],
])('on a %s page', (_name, { background, text, quiet, panel, series }) => {
  test('text stands out as WCAG AA wants it, also what is quiet', () => {
    for (const under of [background, panel]) {
      expect(contrast(text, under)).toBeGreaterThanOrEqual(7);
      expect(contrast(quiet, under)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('what charts show stands out from the page', () => {
    for (const colour of series) expect(contrast(colour, background)).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.entries(views))('colours are told apart by people who see %s', (_view, matrix) => {
    const seen = series.map((colour) => oklab(times(matrix, linear(colour))));
    for (const [index, [l, a, b]] of seen.entries()) {
      for (const [otherL, otherA, otherB] of seen.slice(0, index))
        expect(Math.hypot(l - otherL, a - otherA, b - otherB)).toBeGreaterThanOrEqual(0.098);
    }
  });
});
