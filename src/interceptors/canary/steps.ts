import { textOf } from '../../canaries/document.ts';
import type { CanaryDocument } from '../../canaries/document.ts';
import type { CanaryGuardStatus, CanaryStep } from '../../core/canary-status.ts';
import { changeDocument } from '../../core/change-document.ts';
import type { Documents } from '../../core/documents.ts';

/** A step that was taken, and what it was taken by. */
export interface Taken {
  readonly step: CanaryStep;
  readonly guards: readonly CanaryGuardStatus[];
}

/** What is to be written, if anything, and the steps that are told once it is. */
export interface Change {
  readonly document: CanaryDocument | undefined;
  readonly steps: readonly Taken[];
}

export const nothing: Change = { document: undefined, steps: [] };

/** Steps that were taken outside, by somebody and not by guards. */
export function untoldIn({ untold = [] }: CanaryDocument): readonly Taken[] {
  return untold.map((step) => ({ step, guards: [] }));
}

const mostUnsure = 8;

/** Takes the steps of a canary in its document, and tells each of them once. */
export class Steps {
  readonly #documents: Documents;
  readonly #key: string;
  readonly #emit: (change: CanaryStep & Pick<Taken, 'guards'>) => void;
  /** Those that the state did not answer to: they were taken, or not. */
  #unsure: readonly Taken[] = [];

  constructor(documents: Documents, key: string, emit: (change: CanaryStep & Pick<Taken, 'guards'>) => void) {
    this.#documents = documents;
    this.#key = key;
    this.#emit = emit;
  }

  /**
   * Changes the document whatever others make of it meanwhile, and tells the steps of that.
   *
   * @param changeOf asked for each try
   * @returns the text as it then is
   * @throws `state-unreachable`
   */
  async change(changeOf: (text: string | undefined) => Change): Promise<string | undefined> {
    let change = nothing;
    const changing = changeDocument(this.#documents, this.#key, (found) => {
      change = changeOf(found);
      return change.document && textOf(change.document);
    });
    const text = await changing.catch((thrown: unknown) => {
      this.#unsure = [...this.#unsure, ...change.steps].slice(-mostUnsure);
      throw thrown;
    });
    this.#tell(change.steps);
    return text;
  }

  /** Tells those that turn out to have been taken, unless some process has yet to tell them. */
  tellUnsure({ history, untold = [] }: CanaryDocument): void {
    if (this.#unsure.length === 0) return;
    const isIn = (steps: readonly CanaryStep[], { at, by, to, reason }: CanaryStep): boolean =>
      steps.some((one) => one.at === at && one.by === by && one.to === to && one.reason === reason);
    const isTaken = ({ step }: Taken): boolean => isIn(history, step) && !isIn(untold, step);
    const taken = this.#unsure.filter(isTaken);
    this.#unsure = this.#unsure.filter((each) => !taken.includes(each));
    this.#tell(taken);
  }

  #tell(steps: readonly Taken[]): void {
    for (const { step, guards } of steps) this.#emit({ ...step, guards });
  }
}
