import type { Call } from '../../core/call.ts';
import type { ParametersLens } from '../../core/parameters-lens.ts';
import { rendered } from '../../core/rendered.ts';
import type { ExperimentArm } from './options.ts';

/** A call as its arm has it. */
export interface Applied {
  /** The same one where the arm changes nothing. */
  readonly call: Call;
  /** Parameters that its format has no place for. */
  readonly leftOut: readonly string[];
}

/** @param lens of the call's dialect; `undefined` where requests of that have no parameters */
export function applyArm(arm: ExperimentArm, call: Call, lens: ParametersLens | undefined): Applied {
  const { prompt, model, parameters = {} } = arm;
  const said = (prompt && rendered(call, prompt)) ?? call;
  const asked = model === undefined || model === said.model ? said : said.with({ model });
  const wanted = Object.keys(parameters);
  if (wanted.length === 0) return { call: asked, leftOut: [] };
  if (lens === undefined) return { call: asked, leftOut: wanted };
  const body = lens.withParameters(asked.body, parameters);
  return {
    call: body === asked.body ? asked : asked.with({ body }),
    leftOut: lens.leavesOut.filter((name) => parameters[name] !== undefined),
  };
}
