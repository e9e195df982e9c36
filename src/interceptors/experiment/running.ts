import type { Call } from '../../core/call.ts';
import { matcher } from '../../core/call-match.ts';
import type { DialectId } from '../../core/dialect.ts';
import { noteExposure } from '../../core/experiment-fact.ts';
import type { CallFeedback } from '../../core/hooks.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { ParametersLens } from '../../core/parameters-lens.ts';
import { invalidOption } from '../../core/parse-options.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { Reply } from '../../core/reply.ts';
import { Assignment } from '../../experiments/assignment.ts';
import { applyArm } from './apply-arm.ts';
import { Books } from './books.ts';
import { Counting } from './counting.ts';
import type { ExperimentArm, ExperimentRules } from './options.ts';
import { endedRefusing, watchForRefusal } from './refusals.ts';
import { Remembered } from './remembered.ts';
import { resultsOf, type ExperimentResults } from './results.ts';
import { subjectOf } from './subject.ts';

/** An experiment in the `ManagedLLM` that it was given to. */
export class Running {
  readonly #host: Host;
  readonly #rules: ExperimentRules;
  readonly #assignment: Assignment;
  readonly #fits: (call: Call) => boolean;
  readonly #books: Books;
  readonly #counting: Counting;
  readonly #remembered: Remembered;
  /** Calls whose answers refuse, until their receipts come. */
  readonly #refusing = new Set<string>();
  /** Feedback that is being counted. */
  readonly #hearing = new Set<Promise<void>>();
  readonly #lenses = new Map<DialectId, ParametersLens>();
  readonly #stops: readonly (() => void)[];

  constructor(host: Host, rules: ExperimentRules) {
    const { documents, tallies, name } = host.state;
    if (documents === undefined || tallies === undefined)
      throw invalidOption(
        'state',
        `(\`${name}\`) cannot count, which \`experiment\` needs: give one of this package, or one with \`documents\` and \`tallies\``,
      );
    for (const [arm, { model }] of rules.arms)
      if (model !== undefined && !host.knows(model))
        throw invalidOption(
          `experiment.arms.${arm}.model`,
          `is \`${model}\`, which is neither a route nor a provider's: write \`provider/model\``,
        );
    this.#host = host;
    this.#rules = rules;
    this.#assignment = new Assignment(rules.shares, rules.seed);
    const { where } = rules;
    const matches = where && matcher(where, 'experiment.where');
    this.#fits = (call) => matches?.(call, host.clock) ?? true;
    this.#books = new Books(tallies, host, rules.key);
    this.#counting = new Counting(this.#books, rules.control, rules.shares);
    this.#remembered = new Remembered(documents, rules.key, rules.feedbackMs, (thrown) =>
      this.#books.lost(
        `\`${rules.key}\`: which arm some calls had could not be kept, so that feedback by their ids will not count.`,
        thrown,
      ),
    );
    this.#stops = [
      host.on('call:end', (receipt) => this.#ended(receipt)),
      host.on('call:feedback', (feedback) => this.#hear(feedback)),
    ];
  }

  intercept(call: Call, next: Next): Promise<Reply> {
    const arm = this.#armFor(call);
    if (arm === undefined) return next(call);
    const needsLens = arm.definition.parameters !== undefined && call.dialect.parameters !== undefined;
    if (!needsLens || this.#lenses.has(call.dialect.id)) return this.#expose(call, arm, next);
    return this.#loadLens(call).then(() => this.#expose(call, arm, next));
  }

  /** What was seen by now. */
  async results(): Promise<ExperimentResults> {
    await this.idle();
    return resultsOf(this.#rules, await this.#books.read());
  }

  async idle(): Promise<void> {
    await this.#remembered.idle();
    await Promise.all(this.#hearing);
    await this.#books.flush();
  }

  async dispose(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.idle();
  }

  #armFor(call: Call): { readonly name: string; readonly definition: ExperimentArm } | undefined {
    try {
      if (!this.#fits(call)) return undefined;
      const subject = subjectOf(this.#rules.by, call);
      const name = subject === undefined ? undefined : this.#assignment.armOf(subject);
      const definition = name === undefined ? undefined : this.#rules.arms.get(name);
      return name === undefined || definition === undefined ? undefined : { name, definition };
    } catch (thrown) {
      // A function of the application: its call is made as asked, and is in no arm.
      this.#host.report(thrown, `\`by\` of the experiment \`${this.#rules.name}\``);
      return undefined;
    }
  }

  async #loadLens({ dialect }: Call): Promise<void> {
    try {
      const lens = await dialect.parameters?.();
      if (lens !== undefined) this.#lenses.set(dialect.id, lens);
    } catch (thrown) {
      this.#host.report(thrown, `the experiment \`${this.#rules.name}\``);
    }
  }

  async #expose(
    call: Call,
    { name: arm, definition }: { readonly name: string; readonly definition: ExperimentArm },
    next: Next,
  ): Promise<Reply> {
    const { name: experiment, by } = this.#rules;
    const { call: changed, leftOut } = applyArm(definition, call, this.#lenses.get(call.dialect.id));
    noteExposure(call.run, {
      experiment,
      arm,
      by: typeof by === 'string' ? by : 'own',
      ...(leftOut.length === 0 ? {} : { leftOut }),
    });
    const reply = await next(changed);
    try {
      await watchForRefusal(call.dialect, reply, () => this.#refusing.add(call.id));
    } catch (thrown) {
      this.#host.report(thrown, `looking for refusals in the experiment \`${experiment}\``);
    }
    return reply;
  }

  #armIn(experiments: Receipt['facts']['experiments']): string | undefined {
    return experiments?.find(({ experiment }) => experiment === this.#rules.name)?.arm;
  }

  #ended(receipt: Receipt): void {
    const { callId, outcome, origin, durationMs, costUsd, stopReason } = receipt;
    const refused = this.#refusing.delete(callId) || endedRefusing(stopReason);
    const arm = this.#armIn(receipt.facts.experiments);
    if (arm === undefined) return;
    this.#counting.call(arm);
    this.#remembered.keep(callId, arm);
    const failed = outcome === 'failed' || outcome === 'timed-out';
    const answered = outcome === 'finished' && origin === 'provider';
    if (!failed && !answered) return;
    this.#counting.is(arm, 'error', failed);
    if (costUsd !== undefined) this.#counting.value(arm, 'costUsd', costUsd);
    if (!answered) return;
    this.#counting.is(arm, 'refusal', refused);
    this.#counting.value(arm, 'latencyMs', durationMs);
  }

  #hear(feedback: CallFeedback): void {
    const hearing = this.#count(feedback)
      .catch((thrown: unknown) =>
        this.#books.lost(`\`${this.#rules.key}\`: some feedback could not be counted.`, thrown),
      )
      .finally(() => this.#hearing.delete(hearing));
    this.#hearing.add(hearing);
  }

  async #count({ callId, experiments, score, label, schemaValid }: CallFeedback): Promise<void> {
    const arm = this.#armIn(experiments);
    if (schemaValid !== undefined && arm !== undefined) this.#counting.is(arm, 'schemaValid', schemaValid);
    if (score === undefined && label === undefined) return;
    if (experiments !== undefined && arm === undefined) return;
    const kinds = { score: score !== undefined, label: label !== undefined };
    const first = await this.#remembered.first(callId, arm, kinds);
    if (first === undefined || !this.#rules.arms.has(first.arm)) return;
    if (first.score && score !== undefined) this.#counting.value(first.arm, 'score', score);
    if (first.label && label !== undefined) this.#counting.label(first.arm, label);
  }
}
