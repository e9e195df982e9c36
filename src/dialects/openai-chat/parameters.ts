import type { ParametersLens } from '../../core/parameters-lens.ts';
import { withMember } from '../record.ts';
import { withNamed } from '../with-parameters.ts';
import { request } from './request.ts';

/** OpenAI API reference, "Create chat completion", November 2026. */
export const parametersLens: ParametersLens = {
  leavesOut: ['topK'],
  withParameters(body, parameters) {
    const { maxOutputTokens, reasoning } = parameters;
    const named = withNamed(body, parameters, {
      stopSequences: 'stop',
      temperature: 'temperature',
      topP: 'top_p',
      seed: 'seed',
      frequencyPenalty: 'frequency_penalty',
      presencePenalty: 'presence_penalty',
    });
    const limited =
      maxOutputTokens === undefined ? named : request.withMaxOutputTokens(named, maxOutputTokens);
    return reasoning === undefined ? limited : withMember(limited, 'reasoning_effort', reasoning.effort);
  },
};
