import type { Clock } from '../core/clock.ts';
import { daysUntil, type Retirement } from '../core/retirement.ts';
import type { CallSettings } from '../core/settings.ts';
import { targetName, type Target } from '../core/target.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { factsByName, factsOf } from './model-facts.ts';
import type { ModelFacts } from './models-option.ts';
import { keptTargets, type WatchParts } from './model-watch.ts';
import { announcerAt, baseOf, retirementOf } from './retirements.ts';

/** How near an end was when it was last told. */
const stages = ['announced', 'near', 'past'] as const;
type Stage = (typeof stages)[number];

/** A fortnight: time for a release of the application, and too near to be put off. */
const nearDays = 14;
const dayMs = 86_400_000;

/** What was told in this process, by clock, so that a test's own time has its own. */
const toldBy = new WeakMap<Clock, Map<string, Stage>>();

/** Tells of models that end: once in a process when it is first known, once when the day is near, once when it is past. */
export class RetirementNotices {
  readonly #parts: WatchParts;
  readonly #facts: ReadonlyMap<string, ModelFacts>;
  readonly #told: Map<string, Stage>;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#facts = factsByName(parts.models);
    const told = toldBy.get(parts.clock) ?? new Map<string, Stage>();
    toldBy.set(parts.clock, told);
    this.#told = told;
  }

  /** @param settings of whoever asks, where each caller has a client of its own */
  retirementOf({ provider, model }: Target, settings?: CallSettings): Retirement | undefined {
    const { providers, clock } = this.#parts;
    const facts = factsOf(this.#facts, providers, { provider, model });
    const end = retirementOf(announcerAt(providers.origin(provider, settings)), model, facts);
    return end && { ...end, daysLeft: daysUntil(end.retiresAt, clock.now()) };
  }

  /** Tells what has not been told yet. Returns when there may be more to tell, in epoch milliseconds. */
  tell(target: Target, settings?: CallSettings): number {
    const { providers, clock, report } = this.#parts;
    const retirement = this.retirementOf(target, settings);
    if (retirement === undefined) {
      // A provider that is one client a caller may have its base URL later, or another one.
      return providers.origin(target.provider) === undefined ? clock.now() + dayMs : Infinity;
    }
    const stage = stageOf(retirement);
    const key = `${providers.origin(target.provider, settings)} ${sameEnd(target.model, retirement)}`;
    const told = this.#told.get(key);
    if (told === undefined || stages.indexOf(told) < stages.indexOf(stage)) {
      if (this.#told.size >= keptTargets) this.#told.delete(this.#told.keys().next().value as string);
      this.#told.set(key, stage);
      report(notice(targetName(target), retirement), 'the models in use');
    }
    return nextAt(stage, retirement);
  }
}

/** Models that were made from one end with it, and are told of as one: their names may come from users. */
function sameEnd(model: string, { source }: Retirement): string {
  const base = source === 'models' ? undefined : baseOf(model);
  return base === undefined ? model : `ft:${base}`;
}

function stageOf({ daysLeft }: Retirement): Stage {
  if (daysLeft <= 0) return 'past';
  return daysLeft <= nearDays ? 'near' : 'announced';
}

function nextAt(stage: Stage, { retiresAt }: Retirement): number {
  const at = Date.parse(`${retiresAt}T00:00:00Z`);
  if (stage === 'past') return Infinity;
  return stage === 'near' ? at : at - nearDays * dayMs;
}

function notice(
  target: string,
  { retiresAt, daysLeft, successor, source, asOf }: Retirement,
): ManagedLLMError {
  const when =
    daysLeft > 0
      ? `is not served any more from ${retiresAt} on: ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'} left`
      : `was announced to be served no more from ${retiresAt} on`;
  const instead = successor === undefined ? '' : ` Recommended instead: \`${successor}\`.`;
  const from = asOf === undefined ? 'the option `models`' : `as read on ${asOf}`;
  return new ManagedLLMError({
    code: 'model-retires',
    message: `\`${target}\` ${when} (${from}).${instead}`,
    details: { target, retiresAt, daysLeft, successor, source, asOf },
  });
}
