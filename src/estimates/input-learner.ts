import type { RequestMeasure } from '../core/estimates.ts';
import { type Prior, Regression } from './regression.ts';

/**
 * What the texts of a request come to in tokens: so many for the request, for each token that their look suggests, in turns
 * and in definitions, for each turn, and for having tools at all, which some providers explain to the model at length.
 */
export class InputLearner {
  readonly #regression: Regression;

  /** @param like what is known of models of the same maker */
  constructor(vendor: string, like?: InputLearner) {
    const known = like?.weights;
    this.#regression = new Regression(
      priorOf(vendor).map(({ weight, doubt }, index) => ({ weight: known?.[index] ?? weight, doubt })),
    );
  }

  get weights(): readonly number[] {
    return this.#regression.weights;
  }

  expected(measure: RequestMeasure): number {
    return Math.max(1, this.#regression.predict(featuresOf(measure)));
  }

  /** @param tokens of the texts */
  learn(measure: RequestMeasure, tokens: number): void {
    this.#regression.learn(featuresOf(measure), tokens, leastNoise + relativeNoise * this.expected(measure));
  }
}

/** Texts of equal look differ by so much in what they come to. */
const relativeNoise = 0.08;
const leastNoise = 3;

function featuresOf({ guessedTokens, definitionTokens, messages, tools }: RequestMeasure): readonly number[] {
  return [1, guessedTokens - definitionTokens, definitionTokens, messages, tools > 0 ? 1 : 0];
}

/** Of a maker's models, in the order of the features. */
type Priors = readonly [Prior, Prior, Prior, Prior, Prior];

/** Fitted to recorded usage, November 2026. */
const priors: Readonly<Record<string, Priors>> = {
  gpt: prior([3, 3], [0.95, 0.05], [0.65, 0.12], [4.5, 0.8], [5, 8]),
  'gpt-oss': prior([66, 8], [0.95, 0.08], [0.9, 0.2], [4.5, 1], [10, 15]),
  claude: prior([4, 3], [1, 0.08], [1.15, 0.2], [4.5, 1], [500, 40]),
  embedding: prior([0, 2], [0.95, 0.1], [0.9, 0.2], [0.5, 0.5], [0, 1]),
  deepseek: prior([5, 3], [0.95, 0.08], [0.9, 0.2], [4.5, 1], [215, 15]),
};
const unknown = prior([4, 20], [0.95, 0.15], [0.9, 0.4], [4.5, 2], [100, 120]);

function priorOf(vendor: string): Priors {
  return Object.hasOwn(priors, vendor) ? (priors[vendor] ?? unknown) : unknown;
}

type Pair = readonly [weight: number, doubt: number];

function prior(...[request, text, definitions, turn, tools]: [Pair, Pair, Pair, Pair, Pair]): Priors {
  return [of(request), of(text), of(definitions), of(turn), of(tools)];
}

function of([weight, doubt]: Pair): Prior {
  return { weight, doubt };
}
