import type { RequestMeasure } from '../core/estimates.ts';
import { InputLearner } from './input-learner.ts';
import { Mean } from './mean.ts';
import { OutputLearner } from './output-learner.ts';
import { PartLearner } from './part-learner.ts';

/** All that is learnt of a model, or of the models of one maker. */
export class ModelLearner {
  readonly text: InputLearner;
  readonly parts: PartLearner;
  readonly answers: OutputLearner;
  /** Input of requests that do not show all of it. */
  #incomplete: Mean | undefined;

  /** @param like what is known of models of the same maker */
  constructor(vendor: string, like?: ModelLearner) {
    this.text = new InputLearner(vendor, like?.text);
    this.parts = new PartLearner(like?.parts);
    this.answers = new OutputLearner(like?.answers);
  }

  /** @param model its id, for what is published of it */
  input(model: string, measure: RequestMeasure): number {
    const shown = this.text.expected(measure) + this.parts.expected(model, measure) + measure.tokens;
    return measure.complete ? shown : Math.max(shown, this.#incomplete?.value ?? 0);
  }

  learnInput(model: string, measure: RequestMeasure, tokens: number): void {
    if (!measure.complete) (this.#incomplete ??= new Mean(tokens, 0)).add(tokens);
    else if (PartLearner.isPlain(measure)) this.text.learn(measure, tokens - measure.tokens);
    else this.parts.learn(model, measure, tokens - measure.tokens - this.text.expected(measure));
  }

  /** Of one answer. */
  output(limit = Infinity): number {
    return this.answers.expected(limit);
  }

  learnOutput(tokens: number, answers: number, generatingMs: number): void {
    this.answers.learn(tokens / answers);
    this.answers.learnSpeed(tokens, generatingMs);
  }

  get tokensPerSecond(): number | undefined {
    return this.answers.tokensPerSecond;
  }
}
