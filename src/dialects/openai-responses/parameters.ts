import type { ParametersLens } from '../../core/parameters-lens.ts';
import { withEffort, withNamed } from '../with-parameters.ts';

/** OpenAI API reference, "Create a model response", November 2026. */
export const parametersLens: ParametersLens = {
  leavesOut: ['stopSequences', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty'],
  withParameters(body, parameters) {
    const named = withNamed(body, parameters, {
      maxOutputTokens: 'max_output_tokens',
      temperature: 'temperature',
      topP: 'top_p',
    });
    return withEffort(named, parameters.reasoning);
  },
};
