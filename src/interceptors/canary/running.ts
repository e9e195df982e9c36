import { decide } from '../../canaries/decide.ts';
import type { CanaryArm } from '../../canaries/definition.ts';
import { percentOf, type CanaryDocument } from '../../canaries/document.ts';
import { decideByHand } from '../../canaries/end-canary.ts';
import { statusOf, withoutSubjectAt } from '../../canaries/status.ts';
import type { Call } from '../../core/call.ts';
import { matcher } from '../../core/call-match.ts';
import { noteCanary, type CanaryPlace } from '../../core/canary-fact.ts';
import type { CanaryStatus } from '../../core/canary-status.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import { checkModel } from '../../core/check-model.ts';
import { invalidOption } from '../../core/parse-options.ts';
import { promptOf, type CarriedPrompt } from '../../core/prompt-mark.ts';
import type { Reply } from '../../core/reply.ts';
import type { Sums } from '../../core/tallies.ts';
import { ArmChanges, canBeInAny, type Applied } from '../../experiments/apply-arm.ts';
import type { ExperimentArm } from '../../experiments/arm.ts';
import { Assignment } from '../../experiments/assignment.ts';
import { Books } from '../../experiments/books.ts';
import { CallFaults } from '../../experiments/call-faults.ts';
import { definitionIn } from '../../experiments/definition-key.ts';
import { Measuring, type MeasuringOptions } from '../../experiments/measuring.ts';
import { reportOverlaps } from '../../experiments/overlaps.ts';
import { hashedSubject, subjectOf, toldOf } from '../../experiments/subject.ts';
import { armAt, Counting } from './counting.ts';
import type { CanaryRules } from './options.ts';
import { Standing } from './standing.ts';

/** A canary in the `ManagedLLM` that it was given to. */
export class Running {
  readonly #rules: CanaryRules;
  /** By the step. */
  readonly #assignments: readonly Assignment[];
  readonly #fits: (call: Call) => boolean;
  readonly #faults: CallFaults;
  readonly #changes: ArmChanges;
  readonly #books: Books;
  readonly #counting: Counting;
  readonly #measuring: Measuring;
  readonly #standing: Standing;

  constructor(host: Host, rules: CanaryRules) {
    const { documents, tallies, name } = host.state;
    const { tried, arms, seed, key, where } = rules;
    const { definition } = tried;
    if (documents === undefined || tallies === undefined)
      throw invalidOption(
        'state',
        `(\`${name}\`) cannot count, which \`canary\` needs: give one of this package, or one with \`documents\` and \`tallies\``,
      );
    for (const [arm, { model }] of Object.entries(arms))
      if (model !== undefined) checkModel(host, `canary.${arm}.model`, model);
    this.#rules = rules;
    const owner = `the canary \`${definition.name}\``;
    this.#faults = new CallFaults(host, owner);
    reportOverlaps(host, { owner, arms: Object.values(arms), where });
    this.#assignments = definition.steps.map(
      (percent) =>
        new Assignment(
          [
            { name: 'canary', weight: percent },
            { name: 'stable', weight: 100 - percent },
          ],
          seed,
        ),
    );
    const matches = where && matcher(where, 'canary.where');
    const prompt = arms.canary.prompt ?? arms.stable.prompt;
    this.#fits = (call) =>
      (prompt === undefined || promptOf(call)?.prompt.name === prompt.name) &&
      (matches?.(call, host.clock) ?? true);
    this.#changes = new ArmChanges((thrown) =>
      this.#faults.tell(thrown, 'are made without the parameters of their arm'),
    );
    this.#books = new Books(tallies, host, key, (sums) => this.#look(sums));
    const latency = definition.guards.find(({ guard }) => guard === 'p95LatencyMs');
    const limitMs = latency !== undefined && 'limit' in latency ? latency.limit : undefined;
    this.#counting = new Counting(this.#books, limitMs);
    this.#measuring = new Measuring(host, {
      key,
      documents,
      books: this.#books,
      feedbackMs: rules.feedbackMs,
      keepsCalls: definition.guards.some(({ guard }) => guard === 'score'),
      counter: this.#counting,
      placeIn: (facts) => this.#placeIn(facts),
    });
    this.#standing = new Standing(documents, host, {
      key,
      tried,
      lost: (what, thrown) => this.#books.lost(`\`${key}\`: ${what}`, thrown),
      gone: () => this.#measuring.forget(),
    });
  }

  intercept(call: Call, next: Next): Promise<Reply> {
    if (!this.#isDivided(call)) return next(call);
    const known = this.#standing.known();
    return known instanceof Promise
      ? known.then((document) => this.#divide(document, call, next))
      : this.#divide(known, call, next);
  }

  async status(): Promise<CanaryStatus> {
    await this.idle();
    const document = await this.#standing.read();
    return statusOf(this.#rules.key, document, await this.#books.read());
  }

  /** By hand: whatever it has come to. */
  async end(to: 'promoted' | 'rolled-back', by: string, reason: string): Promise<void> {
    await this.#standing.take((document) => decideByHand(document, { to, by, reason }));
  }

  async idle(): Promise<void> {
    await this.#measuring.idle();
    await this.#standing.idle();
  }

  async dispose(): Promise<void> {
    await this.#measuring.dispose();
    await this.#standing.idle();
  }

  /** Judges what all processes have counted by now. */
  #look(sums: Sums): void {
    const { latest } = this.#standing;
    const decided = latest && decide(latest, sums);
    if (decided === undefined) return;
    const isBreach = decided.to === 'rolled-back';
    this.#standing.takeInBackground(({ phase, step }) => {
      if (phase !== 'ramping') return undefined;
      // A breach counts whatever others have made of it meanwhile; anything else is a step from where it was seen.
      if (isBreach) return { ...decided, step };
      return step === latest?.step ? decided : undefined;
    });
  }

  #isDivided(call: Call): boolean {
    try {
      return this.#fits(call);
    } catch (thrown) {
      this.#faults.tell(thrown, 'are made as asked and are not counted');
      return false;
    }
  }

  async #divide(document: CanaryDocument | undefined, call: Call, next: Next): Promise<Reply> {
    const place = document && this.#placeFor(document, call);
    const applied = await this.#applied(place?.arm ?? 'stable', call);
    // What could not be made a call of the canary is stable, as is what nothing is known of: neither is counted.
    const { call: changed, leftOut } = applied ??
      (await this.#applied('stable', call)) ?? { call, leftOut: [] };
    // Whoever stands outside may ask twice: it is one call.
    const isNoted =
      place !== undefined && call.run.facts.canaries?.some(({ canary }) => canary === place.canary);
    if (place !== undefined && applied !== undefined && isNoted !== true) {
      noteCanary(call.run, leftOut.length === 0 ? place : { ...place, leftOut });
      const counted = this.#placeIn(call.run.facts);
      if (counted !== undefined) this.#counting.began(counted.arm);
    }
    return next(changed);
  }

  /** `undefined`: it gets stable, and that is told nowhere. */
  #placeFor(document: CanaryDocument, call: Call): CanaryPlace | undefined {
    const {
      tried: { definition },
      by: subjectBy,
      arms,
      key,
    } = this.#rules;
    try {
      const place = {
        canary: definition.name,
        definition: definitionIn(key),
        percent: percentOf(document),
        by: toldOf(subjectBy),
      };
      if (document.phase !== 'ramping') {
        const arm = document.phase === 'promoted' ? 'canary' : 'stable';
        return canBeInAny(promptsOf(arms[arm]), call) ? { ...place, arm } : undefined;
      }
      const subject = subjectOf(subjectBy, call);
      if (subject === undefined) {
        this.#books.add(withoutSubjectAt(document.step), 1);
        return { ...place, arm: 'stable' };
      }
      const arm = this.#assignments[document.step]?.armOf(subject) as CanaryArm | undefined;
      if (arm === undefined || !canBeInAny([...promptsOf(arms.stable), ...promptsOf(arms.canary)], call))
        return undefined;
      return { ...place, arm, ...(subjectBy === 'call' ? {} : { subject: hashedSubject(subject) }) };
    } catch (thrown) {
      // A function of the application, or variables that a prompt has not.
      this.#faults.tell(thrown, 'get stable and are not counted');
      return undefined;
    }
  }

  async #applied(arm: CanaryArm, call: Call): Promise<Applied | undefined> {
    try {
      return await this.#changes.apply(this.#rules.arms[arm], call);
    } catch (thrown) {
      const became = arm === 'canary' ? 'get stable' : 'are made as asked';
      this.#faults.tell(thrown, `${became} and are not counted`);
      return undefined;
    }
  }

  /** Where a call counts: not once the canary has ended, and not without a subject. */
  #placeIn({
    canaries,
  }: Parameters<MeasuringOptions['placeIn']>[0]): ReturnType<MeasuringOptions['placeIn']> {
    const { key, tried } = this.#rules;
    const { definition } = tried;
    const own = definitionIn(key);
    const found = canaries?.find((each) => each.canary === definition.name && each.definition === own);
    if (found === undefined) return undefined;
    const { arm, percent, by, subject } = found;
    const step = definition.steps.indexOf(percent);
    if (step === -1 || (subject === undefined && by !== 'call')) return undefined;
    // Who comes back at another step is counted there as well: each compares by itself.
    return { arm: armAt(step, arm), subject: subject && `${step}:${subject}` };
  }
}

function promptsOf({ prompt }: ExperimentArm): readonly CarriedPrompt[] {
  return prompt === undefined ? [] : [prompt];
}
