import type { Estimates, RequestMeasure, Tokenizer, UsageEstimate } from '../core/estimates.ts';
import type { Target } from '../core/target.ts';
import { TargetTable } from '../core/target-table.ts';
import type { Usage } from '../core/usage.ts';
import { inputBound } from './input-bound.ts';
import { ModelLearner } from './model-learner.ts';
import { vendorOf } from './vendor.ts';

/** What {@link LearningEstimates} goes by, beside what it learns. */
export interface LearningOptions {
  readonly tokenizer?: Tokenizer | undefined;
  /** What a target's model is, where its name does not tell: `gpt-5.6-sol` for a deployment. */
  readonly modelOf?: (target: Target) => string | undefined;
  /** Told what the tokenizer threw. */
  readonly report?: (thrown: unknown, context: string) => void;
}

/** Model names may come from users. */
const keptTargets = 500;
const keptVendors = 50;
const firstTokensPerSecond = 50;

/** A target, once it was asked for. */
interface Known {
  /** Its model's id, as far as that is known. */
  readonly model: string;
  readonly own: ModelLearner;
  /** What is learnt of all models of the same maker. */
  readonly alike: ModelLearner;
}

/** Expects of each target what requests like it came to; of one that is new, what models of the same maker did. */
export class LearningEstimates implements Estimates {
  readonly #tokenizer: Tokenizer | undefined;
  readonly #report: LearningOptions['report'];
  readonly #vendors = new TargetTable(({ model }) => new ModelLearner(model), undefined, keptVendors);
  readonly #targets: TargetTable<Known>;
  #wanted = false;

  constructor({ tokenizer, modelOf, report }: LearningOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#report = report;
    const know = (target: Target): Known => {
      const model = modelOf?.(target) ?? target.model;
      const vendor = vendorOf(model);
      const alike = this.#vendors.of({ provider: '', model: vendor });
      return { model, own: new ModelLearner(vendor, alike), alike };
    };
    this.#targets = new TargetTable(know, undefined, keptTargets);
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  want(): void {
    this.#wanted = true;
  }

  estimate(target: Target, measure: RequestMeasure, contextTokens: number | undefined): UsageEstimate {
    const { model, own } = this.#targets.of(target);
    const { maxOutputTokens, answers } = measure;
    const likely = own.input(model, this.#counted(target, measure));
    const bound = inputBound(model, measure, contextTokens);
    return {
      inputTokens: Math.ceil(Math.min(likely, bound ?? Infinity)),
      outputTokens: own.output(maxOutputTokens) * answers,
      inputBound: bound,
      outputBound: maxOutputTokens && maxOutputTokens * answers,
    };
  }

  learn(target: Target, measure: RequestMeasure, usage: Usage, generatingMs: number): void {
    if (usage.provenance !== 'reported') return;
    const { inputTokens, outputTokens } = usage;
    const { model, own, alike } = this.#targets.of(target);
    const counted = this.#counted(target, measure);
    for (const learner of [own, alike]) {
      if (inputTokens !== undefined) learner.learnInput(model, counted, inputTokens);
      if (outputTokens !== undefined) learner.learnOutput(outputTokens, measure.answers, generatingMs);
    }
  }

  tokensPerSecond(target: Target): number {
    const { own, alike } = this.#targets.of(target);
    return own.tokensPerSecond ?? alike.tokensPerSecond ?? firstTokensPerSecond;
  }

  /** The texts as the tokenizer counts them, where there is one that knows the model. */
  #counted(target: Target, measure: RequestMeasure): RequestMeasure {
    const tokenizer = this.#tokenizer;
    if (tokenizer === undefined || measure.guessedTokens === 0) return measure;
    try {
      let guessedTokens = 0;
      for (const text of measure.texts()) {
        const count = tokenizer.count(text, target);
        if (count === undefined || !(count >= 0)) return measure;
        guessedTokens += count;
      }
      const definitionTokens = (measure.definitionTokens * guessedTokens) / measure.guessedTokens;
      return { ...measure, guessedTokens, definitionTokens };
    } catch (thrown) {
      this.#report?.(thrown, 'the option `tokenizer`');
      return measure;
    }
  }
}
