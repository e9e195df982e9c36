import type { Reply } from '../../core/reply.ts';
import type { Settlement } from '../../core/settlement.ts';
import { drawnBy, nothing } from './drawn.ts';
import type { Lane } from './lane.ts';
import type { Cost } from './limits.ts';
import type { Meter } from './meter.ts';
import type { RequestSize } from './model-tokens.ts';

/** What an attempt will take, and what that was reckoned from. */
export interface Ask extends Cost {
  /** `undefined` where bodies are not read. */
  readonly size: RequestSize | undefined;
  /** Whether the request limits its output itself. */
  readonly limitsOutput: boolean;
}

/** Keeps the books of those that were let in. */
export interface AdmissionKeeper {
  /** An answer has come, which may tell of the provider's buckets. */
  answered(admission: Admission, reply: Reply): void;
  /** It is over, and its slot is free. Called once. */
  ended(admission: Admission, drawn: Cost): void;
}

/** One attempt that was let in, until it has settled. */
export class Admission {
  readonly lane: Lane;
  readonly ask: Ask;
  readonly sentAt: number;
  /** What all processes had taken by then, by meter; `undefined` where this one goes by itself. */
  readonly sharedMarks: ReadonlyMap<Meter, number> | undefined;
  /** Ends what was begun in a state that is shared. */
  readonly endShared: (() => void) | undefined;
  readonly #keeper: AdmissionKeeper;
  #said: Set<Meter> | undefined;
  /** Nobody is let in between what an answer tells and what it gives back. */
  #isFollowing = false;
  #isAnswered = false;
  #ended = false;

  constructor(
    keeper: AdmissionKeeper,
    lane: Lane,
    ask: Ask,
    sentAt: number,
    sharedMarks?: ReadonlyMap<Meter, number>,
    endShared?: () => void,
  ) {
    this.#keeper = keeper;
    this.lane = lane;
    this.ask = ask;
    this.sentAt = sentAt;
    this.sharedMarks = sharedMarks;
    this.endShared = endShared;
  }

  /** The level of this meter now goes by what was said in answer to this. */
  say(meter: Meter): void {
    (this.#said ??= new Set()).add(meter);
  }

  /** Whether it does, or by what was said of something that was sent after this. */
  isSaid(meter: Meter): boolean {
    return this.sentAt < meter.saidUntil || this.#said?.has(meter) === true;
  }

  /** It ends with this reply. */
  follow(reply: Reply): Reply {
    this.#answered();
    this.#isFollowing = true;
    // What a refused one took is given back when it is known what the refusal tells; what an answer gives back has come
    // back at the provider by now.
    if (reply.error !== undefined) this.#keeper.answered(this, reply);
    reply.onSettled(this.#settle);
    if (reply.error === undefined) this.#keeper.answered(this, reply);
    this.#isFollowing = false;
    this.lane.queue.wake();
    return reply;
  }

  /** Nothing was sent. */
  cancel(): void {
    this.#end(nothing);
  }

  readonly #settle = (settlement: Settlement): void => {
    const { lane, ask } = this;
    const drawn = drawnBy(settlement, ask, lane.tokens.output);
    const { outcome, usage } = settlement;
    if (outcome === 'finished' && ask.size !== undefined && usage?.provenance === 'reported') {
      if (usage.inputTokens !== undefined) lane.tokens.learnInput(ask.size, usage.inputTokens);
      if (usage.outputTokens !== undefined && !ask.limitsOutput) lane.tokens.learnOutput(usage.outputTokens);
    }
    this.#end(drawn);
  };

  #answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    for (const { draw } of this.lane.meters) draw?.answered(this.ask);
  }

  #end(drawn: Cost): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#answered();
    this.#keeper.ended(this, drawn);
    if (!this.#isFollowing) this.lane.queue.wake();
  }
}
