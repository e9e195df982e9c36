import type { ParametersLens } from '../../core/parameters-lens.ts';
import { withEffort, withNamed } from '../with-parameters.ts';

/** Over a `NeutralRequest`, whose names these are. */
export const parametersLens: ParametersLens = {
  leavesOut: [],
  withParameters(body, parameters) {
    const named = withNamed(body, parameters, {
      maxOutputTokens: 'maxOutputTokens',
      stopSequences: 'stopSequences',
      temperature: 'temperature',
      topP: 'topP',
      topK: 'topK',
      seed: 'seed',
      frequencyPenalty: 'frequencyPenalty',
      presencePenalty: 'presencePenalty',
    });
    return withEffort(named, parameters.reasoning);
  },
};
