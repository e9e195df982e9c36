import type { ParametersLens, RequestParameters } from '../../core/parameters-lens.ts';
import { asRecord, member, withMember, withoutMembers } from '../record.ts';
import { withNamed } from '../with-parameters.ts';

/** SDK type `MessageCreateParams`, November 2026. Sampling is left out: this version of the API answers it with status 400. */
export const parametersLens: ParametersLens = {
  leavesOut: ['temperature', 'topP', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty'],
  withParameters(body, parameters) {
    const named = withNamed(body, parameters, {
      maxOutputTokens: 'max_tokens',
      stopSequences: 'stop_sequences',
    });
    return parameters.reasoning === undefined ? named : thinking(named, parameters.reasoning);
  },
};

/** An effort asks for thinking as the model sees fit, and for that effort, which counts for the rest of the answer too. */
function thinking(body: unknown, { effort }: NonNullable<RequestParameters['reasoning']>): unknown {
  const config = asRecord(member(body, 'output_config')) ?? {};
  if (effort === 'none') {
    const { effort: _effort, ...rest } = config;
    const unthinking = withMember(body, 'thinking', { type: 'disabled' });
    return Object.keys(rest).length === 0
      ? withoutMembers(unthinking, 'output_config')
      : withMember(unthinking, 'output_config', rest);
  }
  const { budget_tokens: _budget, ...own } = asRecord(member(body, 'thinking')) ?? {};
  const asked = effort === 'minimal' ? 'low' : effort;
  const thinks = withMember(body, 'thinking', { ...own, type: 'adaptive' });
  return withMember(thinks, 'output_config', { ...config, effort: asked });
}
