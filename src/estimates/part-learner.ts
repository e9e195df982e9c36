import type { RequestMeasure } from '../core/estimates.ts';
import { imageTokens } from './image-tokens.ts';
import { Mean } from './mean.ts';

/** Something in a request that is no text. */
interface Part {
  readonly kind: string;
  /** How much of it, in what its kind is counted in. */
  readonly amount: number;
}

/** What one of each comes to before any was seen; a sized picture, sound: a multiple of what is expected of it by a formula. */
const first: Readonly<Record<string, number>> = {
  'sized-image': 1,
  image: 1_000,
  document: 1_200,
  sound: 1,
  web_search: 8_000,
  web_fetch: 8_000,
  file_search: 1_500,
  code_execution: 4_600,
  code_interpreter: 3_000,
  tool_search: 500,
};
const firstOfOthers = 1_000;
const countsAs = 1;
/** Kinds come from requests. */
const mostKinds = 50;

/** OpenAI's models take ten tokens a second of sound; MP3 at 64 kbit/s, or WAV at four times that. */
const bytesPerSoundToken = 1_600;
const soundTokens = 200;

/** What pictures, files and the provider's own tools come to. Learnt from requests that have one kind of them. */
export class PartLearner {
  readonly #means = new Map<string, Mean>();
  readonly #like: PartLearner | undefined;

  /** @param like what is known of models of the same maker */
  constructor(like?: PartLearner) {
    this.#like = like;
  }

  static isPlain({ images, files, serverTools }: RequestMeasure): boolean {
    return images.length + files.length + serverTools.length === 0;
  }

  expected(model: string, measure: RequestMeasure): number {
    if (PartLearner.isPlain(measure)) return 0;
    let tokens = 0;
    for (const { kind, amount } of partsOf(model, measure)) tokens += amount * this.eachOf(kind);
    return tokens;
  }

  /** @param tokens that the request had beside its texts */
  learn(model: string, measure: RequestMeasure, tokens: number): void {
    const [part, another] = partsOf(model, measure);
    if (part === undefined || another !== undefined || part.amount === 0) return;
    const { kind, amount } = part;
    let mean = this.#means.get(kind);
    if (mean === undefined) {
      if (this.#means.size >= mostKinds) return;
      this.#means.set(kind, (mean = new Mean(this.eachOf(kind), countsAs)));
    }
    mean.add(Math.max(0, tokens) / amount);
  }

  /** What one of a kind comes to. */
  eachOf(kind: string): number {
    return this.#means.get(kind)?.value ?? this.#like?.eachOf(kind) ?? firstOf(kind);
  }
}

function firstOf(kind: string): number {
  return Object.hasOwn(first, kind) ? (first[kind] ?? firstOfOthers) : firstOfOthers;
}

function partsOf(model: string, { images, files, serverTools }: RequestMeasure): readonly Part[] {
  const amounts = new Map<string, number>();
  const add = (kind: string, amount: number): unknown => amounts.set(kind, (amounts.get(kind) ?? 0) + amount);
  for (const image of images)
    if (image.width === undefined) add('image', 1);
    else add('sized-image', imageTokens(model, image));
  for (const { kind, bytes } of files)
    if (kind === 'document') add(kind, 1);
    else add('sound', bytes === undefined ? soundTokens : bytes / bytesPerSoundToken);
  for (const { type } of serverTools) add(type.replace(/(_preview|_tool_.*)?(_\d{8}|_\d{4}_.*)?$/, ''), 1);
  return [...amounts].map(([kind, amount]) => ({ kind, amount }));
}
