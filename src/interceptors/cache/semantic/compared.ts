import { LRUCache } from 'lru-cache';
import type { SemanticVerdict } from '../../../core/semantic-fact.ts';
import type { Difference } from './difference.ts';

/** A kept question, as it was compared with the one that was asked. */
export interface ComparedQuestion {
  /** Of its answer. */
  readonly key: string;
  /** `undefined`: its answer is gone, and it with it. */
  readonly question: string | undefined;
  /** Cosine of the two embeddings, -1 to 1. */
  readonly similarity: number;
  readonly verdict: SemanticVerdict;
  /** With `differs`: what the two differ in. */
  readonly difference?: Difference;
}

/** How a call came by the answer to another question, or why it did not. Holds what was asked: not for logs. */
export interface SemanticExplanation {
  readonly callId: string;
  readonly question: string;
  /** What its own answer is kept under. */
  readonly key: string;
  /** The nearest first; those behind the one that was given were not looked at. */
  readonly compared: readonly ComparedQuestion[];
}

/** So many calls can be explained, of so many characters of questions together. */
const remembered = 1_000;
const room = 4_194_304;

/** The latest calls whose questions were compared, in this process. */
export class Compared {
  readonly #calls = new LRUCache<string, SemanticExplanation>({
    max: remembered,
    maxSize: room,
    sizeCalculation: lengthOf,
  });

  add(explanation: SemanticExplanation): void {
    this.#calls.set(explanation.callId, explanation);
  }

  of(callId: string): SemanticExplanation | undefined {
    return this.#calls.get(callId);
  }
}

function lengthOf({ question, compared }: SemanticExplanation): number {
  return compared.reduce((sum, one) => sum + (one.question?.length ?? 0), question.length);
}

/** Whether its answer was given, or would have been. */
export function isGiven({ verdict }: ComparedQuestion): boolean {
  return verdict === 'given' || verdict === 'would be given';
}

/** What decided: the one that was given, else the nearest. */
export function decisive<T extends ComparedQuestion>(compared: readonly T[]): T | undefined {
  return compared.find(isGiven) ?? compared[0];
}
