import type { Call } from '../../core/call.ts';
import { matcher } from '../../core/call-match.ts';
import { checkModel } from '../../core/check-model.ts';
import { noteExposure } from '../../core/experiment-fact.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import { invalidOption } from '../../core/parse-options.ts';
import { promptOf } from '../../core/prompt-mark.ts';
import type { Reply } from '../../core/reply.ts';
import { ArmChanges, canBeInAny, type Applied } from '../../experiments/apply-arm.ts';
import type { ExperimentArm } from '../../experiments/arm.ts';
import { Assignment } from '../../experiments/assignment.ts';
import { Books } from '../../experiments/books.ts';
import { CallFaults } from '../../experiments/call-faults.ts';
import { definitionIn } from '../../experiments/definition-key.ts';
import { experimentListing, type ExperimentDefinition } from '../../experiments/definition.ts';
import { InUse } from '../../experiments/in-use.ts';
import { Measuring } from '../../experiments/measuring.ts';
import { reportOverlaps } from '../../experiments/overlaps.ts';
import type { Place } from '../../experiments/remembered.ts';
import { resultsOf, type ExperimentResults } from '../../experiments/results.ts';
import { hashedSubject, subjectOf, toldOf } from '../../experiments/subject.ts';
import { Counting } from './counting.ts';
import type { ExperimentRules } from './options.ts';

/** Where a call goes. */
interface Exposed extends Place {
  readonly definition: ExperimentArm;
}

/** An experiment in the `ManagedLLM` that it was given to. */
export class Running {
  readonly #rules: ExperimentRules;
  readonly #assignment: Assignment;
  readonly #fits: (call: Call) => boolean;
  readonly #faults: CallFaults;
  readonly #changes: ArmChanges;
  readonly #books: Books;
  readonly #measuring: Measuring;
  readonly #definition: ExperimentDefinition;
  readonly #inUse: InUse<ExperimentDefinition>;

  constructor(host: Host, rules: ExperimentRules) {
    const { documents, tallies, name } = host.state;
    if (documents === undefined || tallies === undefined)
      throw invalidOption(
        'state',
        `(\`${name}\`) cannot count, which \`experiment\` needs: give one of this package, or one with \`documents\` and \`tallies\``,
      );
    for (const [arm, { model }] of rules.arms)
      if (model !== undefined) checkModel(host, `experiment.arms.${arm}.model`, model);
    this.#rules = rules;
    const owner = `the experiment \`${rules.name}\``;
    this.#faults = new CallFaults(host, owner);
    reportOverlaps(host, { owner, arms: [...rules.arms.values()], where: rules.where });
    this.#assignment = new Assignment(rules.shares, rules.seed);
    const { where } = rules;
    const matches = where && matcher(where, 'experiment.where');
    const [prompt] = rules.prompts;
    this.#fits = (call) =>
      (prompt === undefined || promptOf(call)?.prompt.name === prompt.name) &&
      (matches?.(call, host.clock) ?? true);
    this.#changes = new ArmChanges((thrown) =>
      this.#faults.tell(thrown, 'are made without the parameters of their arm'),
    );
    this.#books = new Books(tallies, host, rules.key);
    const { name: experiment, key, arms, control, alpha, decideBy } = rules;
    this.#definition = { key, name: experiment, arms: [...arms.keys()], control, alpha, decideBy };
    this.#inUse = new InUse(host.clock, experimentListing(documents), this.#definition, (thrown) =>
      this.#books.lost(
        `\`${key}\`: that it is there could not be kept, so that pages will not find it by themselves.`,
        thrown,
      ),
    );
    this.#measuring = new Measuring(host, {
      key: rules.key,
      documents,
      books: this.#books,
      feedbackMs: rules.feedbackMs,
      counter: new Counting(this.#books, rules.control, rules.shares),
      placeIn: ({ experiments }) =>
        experiments?.find(
          (each) => each.experiment === rules.name && each.definition === definitionIn(rules.key),
        ),
    });
  }

  intercept(call: Call, next: Next): Promise<Reply> {
    const place = this.#placeFor(call);
    if (place === undefined) return next(call);
    const applied = this.#changes.apply(place.definition, call);
    return applied instanceof Promise
      ? applied.then((changed) => this.#expose(call, place, changed, next))
      : this.#expose(call, place, applied, next);
  }

  /** What was seen by now. */
  async results(): Promise<ExperimentResults> {
    await this.idle();
    return resultsOf(this.#definition, await this.#books.read());
  }

  async idle(): Promise<void> {
    await this.#measuring.idle();
    await this.#inUse.idle();
  }

  async dispose(): Promise<void> {
    await this.#measuring.dispose();
    await this.#inUse.idle();
  }

  #placeFor(call: Call): Exposed | undefined {
    try {
      if (!this.#fits(call)) return undefined;
      const { by, arms, prompts } = this.#rules;
      const subject = subjectOf(by, call);
      const arm = subject === undefined ? undefined : this.#assignment.armOf(subject);
      const definition = arm === undefined ? undefined : arms.get(arm);
      if (subject === undefined || arm === undefined || definition === undefined) return undefined;
      if (!canBeInAny(prompts, call)) return undefined;
      return { arm, definition, subject: by === 'call' ? undefined : hashedSubject(subject) };
    } catch (thrown) {
      // A function of the application, or variables that a prompt has not: the call is made as asked, and is in no arm.
      this.#faults.tell(thrown, 'are made as asked, and are in no arm');
      return undefined;
    }
  }

  async #expose(
    call: Call,
    { arm, subject }: Exposed,
    { call: changed, leftOut }: Applied,
    next: Next,
  ): Promise<Reply> {
    noteExposure(call.run, {
      experiment: this.#rules.name,
      definition: definitionIn(this.#rules.key),
      arm,
      by: toldOf(this.#rules.by),
      ...(subject === undefined ? {} : { subject }),
      ...(leftOut.length === 0 ? {} : { leftOut }),
    });
    const reply = await next(changed);
    this.#inUse.note();
    await this.#measuring.watch(call.id, call.dialect, reply);
    return reply;
  }
}
