import type { Call } from '../../core/call.ts';
import { matcher } from '../../core/call-match.ts';
import type { DialectId } from '../../core/dialect.ts';
import { noteExposure, type Exposure } from '../../core/experiment-fact.ts';
import type { CallFeedback } from '../../core/hooks.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { ParametersLens } from '../../core/parameters-lens.ts';
import { invalidOption } from '../../core/parse-options.ts';
import { promptOf } from '../../core/prompt-mark.ts';
import type { Receipt } from '../../core/receipt.ts';
import { rendered } from '../../core/rendered.ts';
import type { Reply } from '../../core/reply.ts';
import { Assignment } from '../../experiments/assignment.ts';
import { applyArm } from './apply-arm.ts';
import { Books } from './books.ts';
import { Counting } from './counting.ts';
import { FirstCalls } from './first-calls.ts';
import type { ExperimentArm, ExperimentRules } from './options.ts';
import { endedRefusing, watchForRefusal } from './refusals.ts';
import { Remembered, type Place } from './remembered.ts';
import { resultsOf, type ExperimentResults } from './results.ts';
import { hashedSubject, subjectOf } from './subject.ts';

/** While the state does not answer, what comes beyond these is not counted. */
const mostInBackground = 1_000;

const mostRefusing = 10_000;

/** Where a call goes. */
interface Exposed extends Place {
  readonly definition: ExperimentArm;
}

/** An experiment in the `ManagedLLM` that it was given to. */
export class Running {
  readonly #host: Host;
  readonly #rules: ExperimentRules;
  readonly #assignment: Assignment;
  readonly #fits: (call: Call) => boolean;
  readonly #books: Books;
  readonly #counting: Counting;
  readonly #remembered: Remembered;
  readonly #firstCalls: FirstCalls;
  /** Calls whose answers refuse, until their receipts come. */
  readonly #refusing = new Set<string>();
  /** What is being counted. */
  readonly #background = new Set<Promise<void>>();
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
    const [prompt] = rules.prompts;
    this.#fits = (call) =>
      (prompt === undefined || promptOf(call)?.prompt.name === prompt.name) &&
      (matches?.(call, host.clock) ?? true);
    this.#books = new Books(tallies, host, rules.key);
    this.#counting = new Counting(this.#books, rules.control, rules.shares);
    this.#remembered = new Remembered(documents, rules.key, rules.feedbackMs, (thrown) =>
      this.#books.lost(
        `\`${rules.key}\`: which arm some calls had could not be kept, so that feedback by their ids will not count.`,
        thrown,
      ),
    );
    this.#firstCalls = new FirstCalls(documents, rules.key);
    this.#stops = [
      host.on('call:end', (receipt) => this.#ended(receipt)),
      host.on('call:feedback', (feedback) => this.#inBackground(() => this.#hear(feedback))),
    ];
  }

  intercept(call: Call, next: Next): Promise<Reply> {
    const place = this.#placeFor(call);
    if (place === undefined) return next(call);
    const needsLens = place.definition.parameters !== undefined && call.dialect.parameters !== undefined;
    if (!needsLens || this.#lenses.has(call.dialect.id)) return this.#expose(call, place, next);
    return this.#loadLens(call).then(() => this.#expose(call, place, next));
  }

  /** What was seen by now. */
  async results(): Promise<ExperimentResults> {
    await this.idle();
    return resultsOf(this.#rules, await this.#books.read());
  }

  async idle(): Promise<void> {
    await this.#remembered.idle();
    await Promise.all(this.#background);
    await this.#books.flush();
  }

  async dispose(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.idle();
  }

  #placeFor(call: Call): Exposed | undefined {
    try {
      if (!this.#fits(call)) return undefined;
      const { by, arms } = this.#rules;
      const subject = subjectOf(by, call);
      const arm = subject === undefined ? undefined : this.#assignment.armOf(subject);
      const definition = arm === undefined ? undefined : arms.get(arm);
      if (subject === undefined || arm === undefined || definition === undefined) return undefined;
      if (!this.#canBeInAny(call)) return undefined;
      return { arm, definition, subject: by === 'call' ? undefined : hashedSubject(subject) };
    } catch (thrown) {
      // A function of the application, or variables that a prompt has not: the call is made as asked, and is in no arm.
      this.#host.report(thrown, `the experiment \`${this.#rules.name}\``);
      return undefined;
    }
  }

  /** Whether every arm could have it: calls that some could not would be missed in those alone. Notes the call's own prompt last. */
  #canBeInAny(call: Call): boolean {
    const mark = promptOf(call);
    const { prompts } = this.#rules;
    if (mark === undefined || prompts.length === 0) return true;
    try {
      return prompts.every((prompt) => rendered(call, prompt) !== undefined);
    } finally {
      rendered(call, mark.prompt);
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

  async #expose(call: Call, { arm, definition, subject }: Exposed, next: Next): Promise<Reply> {
    const { name: experiment, by } = this.#rules;
    const { call: changed, leftOut } = applyArm(definition, call, this.#lenses.get(call.dialect.id));
    noteExposure(call.run, {
      experiment,
      arm,
      by: typeof by === 'string' ? by : 'own',
      ...(subject === undefined ? {} : { subject }),
      ...(leftOut.length === 0 ? {} : { leftOut }),
    });
    const reply = await next(changed);
    try {
      await watchForRefusal(call.dialect, reply, () => this.#refuses(call.id));
    } catch (thrown) {
      this.#host.report(thrown, `looking for refusals in the experiment \`${experiment}\``);
    }
    return reply;
  }

  #refuses(callId: string): void {
    this.#refusing.add(callId);
    // A call that was stopped before it refused is told of already.
    const [oldest = ''] = this.#refusing;
    if (this.#refusing.size > mostRefusing) this.#refusing.delete(oldest);
  }

  #placeIn(experiments: Receipt['facts']['experiments']): Exposure | undefined {
    return experiments?.find(({ experiment }) => experiment === this.#rules.name);
  }

  #ended(receipt: Receipt): void {
    const { callId, stopReason, facts } = receipt;
    const refused = this.#refusing.delete(callId) || endedRefusing(stopReason);
    const place = this.#placeIn(facts.experiments);
    if (place === undefined) return;
    this.#counting.call(place.arm);
    this.#remembered.keep(callId, place);
    this.#inBackground(() => this.#measure(receipt, place, refused));
  }

  async #measure(receipt: Receipt, { arm, subject }: Place, refused: boolean): Promise<void> {
    const { parentId, outcome, origin, durationMs, costUsd } = receipt;
    const failed = outcome === 'failed' || outcome === 'timed-out';
    const answered = outcome === 'finished' && origin === 'provider';
    if (!failed && !answered) return;
    // Of a tool loop, the first turn: with `by: 'call'` all its turns are of one subject.
    const isFirst =
      subject === undefined ? parentId === undefined : await this.#firstCalls.isFirst('call', subject);
    this.#counting.is(arm, 'error', failed, isFirst);
    if (costUsd !== undefined) this.#counting.value(arm, 'costUsd', costUsd, isFirst);
    if (!answered) return;
    this.#counting.is(arm, 'refusal', refused, isFirst);
    this.#counting.value(arm, 'latencyMs', durationMs, isFirst);
  }

  async #hear({ callId, experiments, score, label, schemaValid }: CallFeedback): Promise<void> {
    const place = this.#placeIn(experiments);
    if (schemaValid !== undefined && place !== undefined) {
      const isFirst = await this.#firstCalls.isFirst('schema', place.subject);
      this.#counting.is(place.arm, 'schemaValid', schemaValid, isFirst);
    }
    if (score === undefined && label === undefined) return;
    if (experiments !== undefined && place === undefined) return;
    const kinds = { score: score !== undefined, label: label !== undefined };
    const first = await this.#remembered.first(callId, place, kinds);
    if (first === undefined) return;
    if (first.label && label !== undefined) this.#counting.label(first.arm, label);
    if (!first.score || score === undefined) return;
    this.#counting.value(first.arm, 'score', score, await this.#firstCalls.isFirst('score', first.subject));
  }

  #inBackground(count: () => Promise<void>): void {
    const lost = (thrown: unknown): void =>
      this.#books.lost(`\`${this.#rules.key}\`: what was seen of some calls could not be counted.`, thrown);
    if (this.#background.size >= mostInBackground) return lost(undefined);
    const done = count()
      .catch(lost)
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}
