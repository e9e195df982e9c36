import type { Call } from '../core/call.ts';
import type { DialectId } from '../core/dialect.ts';
import type { ParametersLens } from '../core/parameters-lens.ts';
import { promptOf, type CarriedPrompt } from '../core/prompt-mark.ts';
import { rendered } from '../core/rendered.ts';
import type { ExperimentArm } from './arm.ts';

/** A call as its arm has it. */
export interface Applied {
  /** The same one where the arm changes nothing. */
  readonly call: Call;
  /** Parameters that its format has no place for. */
  readonly leftOut: readonly string[];
}

/** Makes calls what their arms ask for. What it needs to know of a format is loaded with the first call of it. */
export class ArmChanges {
  readonly #lenses = new Map<DialectId, ParametersLens>();
  readonly #report: (thrown: unknown) => void;

  /** @param report told when what is known of a format could not be loaded: then its parameters are left out */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report;
  }

  /** A promise only where something has to be loaded. */
  apply(arm: ExperimentArm, call: Call): Applied | Promise<Applied> {
    const { id, parameters } = call.dialect;
    const isReady = arm.parameters === undefined || parameters === undefined || this.#lenses.has(id);
    return isReady ? this.#applied(arm, call) : this.#load(call).then(() => this.#applied(arm, call));
  }

  #applied({ prompt, model, parameters = {} }: ExperimentArm, call: Call): Applied {
    const said = (prompt && rendered(call, prompt)) ?? call;
    const asked = model === undefined || model === said.model ? said : said.with({ model });
    const wanted = Object.keys(parameters);
    if (wanted.length === 0) return { call: asked, leftOut: [] };
    const lens = this.#lenses.get(call.dialect.id);
    if (lens === undefined) return { call: asked, leftOut: wanted };
    const body = lens.withParameters(asked.body, parameters);
    return {
      call: body === asked.body ? asked : asked.with({ body }),
      leftOut: lens.leavesOut.filter((name) => parameters[name] !== undefined),
    };
  }

  async #load({ dialect }: Call): Promise<void> {
    try {
      const lens = await dialect.parameters?.();
      if (lens !== undefined) this.#lenses.set(dialect.id, lens);
    } catch (thrown) {
      this.#report(thrown);
    }
  }
}

/**
 * Whether every arm could have a call: those that some could not would be missed in these alone. Notes the call's own prompt
 * last.
 *
 * @throws `prompt-variables`
 */
export function canBeInAny(prompts: readonly CarriedPrompt[], call: Call): boolean {
  const mark = promptOf(call);
  if (mark === undefined || prompts.length === 0) return true;
  try {
    return prompts.every((prompt) => rendered(call, prompt) !== undefined);
  } finally {
    rendered(call, mark.prompt);
  }
}
