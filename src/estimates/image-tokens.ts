import type { ImageMeasure } from '../core/estimates.ts';
import { vendorOf } from './vendor.ts';

/** Squares that a picture is covered with, after it was made to fit: so many pixels a side, and so many squares. */
interface Fit {
  readonly patch: number;
  readonly side: number;
  readonly patches: number;
}

/** How a model counts pictures. */
interface Rule {
  /** Of one whose size is known. */
  tokens(image: Sized): number;
  /** The most that one of any size comes to. */
  most(detail: string | undefined): number;
}

interface Sized {
  readonly width: number;
  readonly height: number;
  readonly detail: string | undefined;
}

/**
 * What a picture comes to. OpenAI guide "Images and vision" (Model sizing behavior; Patch-based and Tile-based image
 * tokenization), November 2026; Anthropic docs, "Images and vision", November 2026: 28 pixel squares, at most 1,568 or, from
 * Opus 4.7 and the models of version 5 on, 4,784.
 *
 * @param model its id, as far as it is known
 */
export function imageTokens(model: string, image: ImageMeasure): number {
  const rule = ruleOf(model);
  const sized = sizedOf(image);
  if (sized === undefined) return unknownSizeTokens;
  return rule === undefined ? Math.min(anthropicLarge.tokens(sized), unknownModelTokens) : rule.tokens(sized);
}

/** No picture comes to more than this. For models that have no published rule, by the dearest rule there is. */
export function mostImageTokens(model: string, image: ImageMeasure): number {
  const rule = ruleOf(model);
  const rules = rule === undefined ? allRules : [rule];
  const sized = sizedOf(image);
  const most = Math.max(
    ...rules.map((each) => (sized === undefined ? each.most(image.detail) : each.tokens(sized))),
  );
  return Math.ceil(most * roundingSlack) + frameTokens;
}

/** Providers round sizes in ways of their own, and put a few tokens around a picture. */
const roundingSlack = 1.05;
const frameTokens = 64;
const unknownSizeTokens = 1_000;
const unknownModelTokens = 1_500;

function sizedOf({ width, height, detail }: ImageMeasure): Sized | undefined {
  return width === undefined || height === undefined ? undefined : { width, height, detail };
}

function tiled(base: number, tile: number): Rule {
  return {
    tokens({ width, height, detail }) {
      if (detail === 'low') return base;
      const fit = Math.min(1, 2048 / Math.max(width, height));
      const short = Math.min(1, 768 / (Math.min(width, height) * fit));
      const across = (side: number): number => Math.max(1, Math.ceil(Math.round(side * fit * short) / 512));
      return base + tile * across(width) * across(height);
    },
    most: (detail) => (detail === 'low' ? base : base + tile * 8),
  };
}

function patched(factor: number, fitFor: (detail: string | undefined) => Fit): Rule {
  return {
    tokens: ({ width, height, detail }) => Math.ceil(factor * patchesOf(width, height, fitFor(detail))),
    most: (detail) => Math.ceil(factor * mostPatches(fitFor(detail))),
  };
}

function mostPatches({ patch, side, patches }: Fit): number {
  return Math.min(patches, Math.ceil(side / patch) ** 2);
}

/** As large as it may be, in the same shape. */
function patchesOf(width: number, height: number, { patch, side, patches }: Fit): number {
  const count = (scale: number): number =>
    Math.max(1, Math.ceil((width * scale) / patch)) * Math.max(1, Math.ceil((height * scale) / patch));
  const fit = Math.min(1, side / Math.max(width, height));
  const whole = count(fit);
  if (whole <= patches) return whole;
  let [low, high] = [0, fit];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (count(middle) <= patches) low = middle;
    else high = middle;
  }
  return count(low);
}

const openai = (side: number, patches: number): Fit => ({ patch: 32, side, patches });
/** OpenAI refuses pictures of more, whatever their size. */
const mostOpenaiPatches = 30_000;
const small = openai(512, 256);
const medium = openai(2_048, 2_500);
const older = openai(2_048, 6_144);
const large = openai(6_000, 10_000);
const whole = openai(65_535, mostOpenaiPatches);

const anthropicSmall = patched(1, () => ({ patch: 28, side: 1_568, patches: 1_568 }));
const anthropicLarge = patched(1, () => ({ patch: 28, side: 2_576, patches: 4_784 }));

/** By the start of the id; the first that fits counts. Deprecated models are taken at their dearest published factor. */
const openaiRules: readonly (readonly [RegExp, Rule])[] = [
  [/^gpt-4o-mini/, tiled(2_833, 5_667)],
  [/^gpt-4\.1-nano/, patched(2.46, () => older)],
  [/^gpt-4\.1-mini/, patched(1.62, () => older)],
  [/^(gpt-4o|gpt-4\.1|chatgpt-4o|gpt-4\.5|gpt-4-)/, tiled(85, 170)],
  [/^o4-mini/, patched(1.72, () => older)],
  [/^o[13](?!-mini)/, tiled(75, 150)],
  [/^computer-use/, tiled(65, 129)],
  [/^gpt-5(\.1)?-?[a-z0-9-]*nano/, patched(2.46, () => older)],
  [/^gpt-5(\.1)?-?[a-z0-9-]*mini/, patched(1.62, () => older)],
  [/^gpt-5(\.1)?(-\d|-chat|-pro|$)/, tiled(70, 140)],
  [/^gpt-5\.[23]/, patched(1.2, () => older)],
  [
    /^gpt-5\.4/,
    patched(1.2, (detail) => (detail === 'original' ? large : detail === 'low' ? older : medium)),
  ],
  [/^gpt-5\.5/, patched(1.2, (detail) => (detail === 'high' ? medium : detail === 'low' ? small : large))],
  [
    /^gpt-([6-9]|5\.[6-9])/,
    patched(1.2, (detail) => (detail === 'high' ? medium : detail === 'low' ? small : whole)),
  ],
];

const allRules: readonly Rule[] = [anthropicLarge, ...openaiRules.map(([, rule]) => rule)];

/** Models of Anthropic that see no more than 1,568 pixels a side. */
const anthropicStandard = /claude-(\d|instant)|(sonnet|haiku)-4|opus-4(?![-.][7-9])/;

function ruleOf(model: string): Rule | undefined {
  const id = model.toLowerCase();
  switch (vendorOf(id)) {
    case 'claude':
      return anthropicStandard.test(id) ? anthropicSmall : anthropicLarge;
    case 'gpt': {
      const name = id.slice(id.lastIndexOf('/') + 1).replace(/^ft:/, '');
      return openaiRules.find(([pattern]) => pattern.test(name))?.[1];
    }
    default:
      return undefined;
  }
}
