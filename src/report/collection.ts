import type { Calendar } from '../core/calendar.ts';
import type { Receipt } from '../core/receipt.ts';
import { Figures } from '../core/receipt-figures.ts';
import { targetName } from '../core/target.ts';
import { Breakdown } from './breakdown.ts';
import { ExposedArms } from './exposed-arm.ts';
import { Groups } from './groups.ts';
import { addPrompt, type PromptVersion } from './prompt-version.ts';
import { withSoundFacts } from './sound-facts.ts';
import { Kinds } from './sums.ts';
import { Timeline } from './timeline.ts';

/** What a page tells of receipts, as they are read: memory goes by what it shows, not by how many there are. */
export class Collection {
  readonly timeline: Timeline;
  readonly total = new Figures();
  /** By the places of the timeline. */
  overTime: Figures[] = [];
  readonly outcomes = new Kinds();
  /** Of calls that failed, took too long or were refused. */
  readonly errors = new Kinds();
  readonly models = new Breakdown(true);
  readonly users = new Breakdown(false);
  readonly features = new Breakdown(false);
  readonly teams = new Breakdown(false);
  readonly tenants = new Breakdown(false);
  /** What caches did, by what they looked for. */
  readonly cacheKinds = new Breakdown(false);
  /** What that saved, likewise. Nano-USD. */
  readonly saved = new Kinds();
  readonly prompts = new Groups<PromptVersion>();
  readonly arms = new ExposedArms();
  /** Calls that finished although one of their attempts had failed. */
  rescued = 0;
  firstAt: number | undefined;
  lastAt: number | undefined;
  readonly #tag: string;

  /**
   * @param tag what says which feature a call is of
   * @param from what is shown at least, as `to`, which is exclusive
   */
  constructor(calendar: Calendar, tag: string, from: number | undefined, to: number | undefined) {
    this.timeline = new Timeline(calendar, from, to);
    this.#tag = tag;
  }

  add(given: Receipt): void {
    const receipt = withSoundFacts(given);
    const { startedAt, outcome, attempts } = receipt;
    this.firstAt = Math.min(this.firstAt ?? Infinity, startedAt);
    this.lastAt = Math.max(this.lastAt ?? -Infinity, startedAt);
    const place = this.#place(startedAt);
    const then = (this.overTime[place] ??= new Figures());
    this.total.addCall(receipt);
    then.addCall(receipt);
    this.outcomes.add(outcome, place);
    const isWrong = outcome === 'failed' || outcome === 'timed-out' || outcome === 'refused';
    if (isWrong) this.errors.add(kindOf(receipt), place);
    if (outcome === 'finished' && attempts.some(isFailed)) this.rescued++;
    for (const attempt of attempts) {
      this.total.addAttempt(receipt, attempt);
      then.addAttempt(receipt, attempt);
    }
    this.#addByCaller(receipt, place);
    this.#addCaching(receipt, place);
    addPrompt(this.prompts, receipt);
    this.arms.add(receipt);
    const { target } = receipt;
    this.models.addCall({ name: target && targetName(target) }, receipt);
    for (const attempt of attempts)
      this.models.addAttempt({ name: targetName(attempt.target) }, place, receipt, attempt);
  }

  /** When all is read: makes units as coarse as what is shown demands. */
  finish(): void {
    while (!this.timeline.fits) this.#coarsen();
  }

  #addByCaller(receipt: Receipt, place: number): void {
    const { user, team, tenant, tags } = receipt.caller;
    // Tags are named by applications: `constructor` is a tag like any other.
    const feature = tags !== undefined && Object.hasOwn(tags, this.#tag) ? tags[this.#tag] : undefined;
    this.users.add({ name: user, of: user === undefined ? undefined : tenant }, place, receipt);
    this.teams.add({ name: team, of: team === undefined ? undefined : tenant }, place, receipt);
    this.tenants.add({ name: tenant }, place, receipt);
    this.features.add({ name: feature }, place, receipt);
  }

  #addCaching(receipt: Receipt, place: number): void {
    const { cache } = receipt.facts;
    if (cache === undefined) return;
    this.cacheKinds.addCall({ name: cache.kind }, receipt);
    if (cache.savedNanoUsd !== undefined) this.saved.add(cache.kind, place, cache.savedNanoUsd);
  }

  #place(ms: number): number {
    let place = this.timeline.place(ms);
    while (this.timeline.isTooFine) place = this.#coarsen()[place] ?? place;
    return place;
  }

  #coarsen(): readonly number[] {
    const places = this.timeline.coarsen();
    const before = this.overTime;
    this.overTime = [];
    for (const [place, next] of places.entries()) {
      const figures = before[place];
      if (figures !== undefined) (this.overTime[next] ??= new Figures()).addAll(figures);
    }
    for (const sums of [
      this.outcomes,
      this.errors,
      this.saved,
      this.models,
      this.users,
      this.features,
      this.teams,
      this.tenants,
    ])
      sums.move(places);
    return places;
  }
}

function isFailed({ outcome }: { readonly outcome: Receipt['outcome'] }): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}

/** What went wrong; of refusals also which. */
function kindOf({ error, outcome }: Receipt): string {
  if (error === undefined) return outcome;
  return error.kind === 'refused' && error.code !== undefined ? `refused: ${error.code}` : error.kind;
}
