import type { RequestMeasure } from '../../core/estimates.ts';

/** What is known of a request before it is sent. */
export interface RequestSize {
  readonly characters: number;
  readonly images: number;
  /** `false` when the provider adds more than the request shows. */
  readonly complete: boolean;
}

/** Files have no length that the request tells; tokens that it tells stand for some characters. */
export function sizeOf({ characters, tokens, images, files, complete }: RequestMeasure): RequestSize {
  return {
    characters: characters + tokens / firstTokensPerCharacter,
    images: images.length,
    complete: complete && files.length === 0,
  };
}

/** Tokens a character before anything was learnt: English prose has about four characters a token. */
const firstTokensPerCharacter = 0.25;
/** So many characters' worth of doubt about what the first requests show. */
const firstCharacters = 100;
/** What an image is taken for: between OpenAI's 85 for a coarse look and Anthropic's 1,600 for a large one. */
const tokensPerImage = 1_000;
/** What an answer is expected to take before any was seen. */
const firstOutputTokens = 500;
/** How much of what was known a new request leaves. */
const memory = 0.95;
/** No single request counts as more than so many times what was expected of it, nor as less than that part. */
const outlier = 4;

/**
 * What the requests to one model come to in tokens: learnt from what the provider reports, so that it need not know the
 * model's tokenizer. Estimates of the input lie above the mean by twice the mean deviation, those of the output by once,
 * for what is reserved too much is given back.
 */
export class ModelTokens {
  #characters = firstCharacters;
  #tokens = firstCharacters * firstTokensPerCharacter;
  #deviation = 0;
  readonly #output = new Mean();
  readonly #incomplete = new Mean();

  /** Input tokens of a request. */
  input({ characters, images, complete }: RequestSize): number {
    const text = (characters * (this.#tokens + 2 * this.#deviation)) / this.#characters;
    const shown = Math.ceil(text) + images * tokensPerImage;
    return complete ? shown : Math.max(shown, Math.ceil(this.#incomplete.likely ?? 0));
  }

  /** What the input tokens of a request hardly fall below. */
  leastInput({ characters, complete }: RequestSize): number {
    const least = (characters * (this.#tokens - 2 * this.#deviation)) / this.#characters;
    return complete ? Math.max(0, Math.floor(least)) : 0;
  }

  /** Output tokens of a request that sets no limit. */
  get output(): number {
    return Math.ceil(this.#output.likely ?? firstOutputTokens);
  }

  learnInput({ characters, images, complete }: RequestSize, tokens: number): void {
    if (!complete) this.#incomplete.add(tokens);
    if (!complete || images > 0 || characters === 0) return;
    const expected = (characters * this.#tokens) / this.#characters;
    const counted = Math.min(Math.max(tokens, expected / outlier), expected * outlier);
    this.#characters = this.#characters * memory + characters;
    this.#tokens = this.#tokens * memory + counted;
    this.#deviation = this.#deviation * memory + Math.abs(counted - expected);
  }

  /** Of a request that set no limit. */
  learnOutput(tokens: number): void {
    this.#output.add(tokens);
  }
}

/** A mean that forgets, with its mean deviation. The first values count evenly. */
class Mean {
  #count = 0;
  #mean = 0;
  #deviation = 0;

  add(value: number): void {
    this.#count++;
    const weight = Math.max(1 / this.#count, 1 - memory);
    const counted = this.#count === 1 ? value : Math.min(value, Math.max(1, this.#mean) * outlier);
    const off = counted - this.#mean;
    this.#deviation += weight * ((this.#count === 1 ? 0 : Math.abs(off)) - this.#deviation);
    this.#mean += weight * off;
  }

  /** `undefined` before the first. */
  get likely(): number | undefined {
    return this.#count === 0 ? undefined : this.#mean + this.#deviation;
  }
}
