import type { RequestParameters } from '../../core/parameters-lens.ts';
import type { Loss } from '../neutral/loss.ts';

/**
 * Sampling is never sent. Version 2026-10-21 of the API, which the SDK asks for since 1.0, answers `temperature`, `top_p`
 * and `top_k` with status 400 whatever their value, and models since Claude Opus 4.7 do so under the older version too
 * (migration guide to 2026-10-21, November 2026; neither SDK 1.0.0 nor 1.12.0 has them in its types). The other API's
 * seed and penalties never had a place. What asks for no more than the default is no loss.
 */
export function lostSampling(request: Omit<RequestParameters, 'reasoning'>): readonly Loss[] {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = request;
  const told: Readonly<Record<string, number | undefined>> = {
    temperature: temperature === 1 ? undefined : temperature,
    topP: topP === 1 ? undefined : topP,
    topK,
    seed,
    frequencyPenalty: frequencyPenalty === 0 ? undefined : frequencyPenalty,
    presencePenalty: presencePenalty === 0 ? undefined : presencePenalty,
  };
  return Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({ path, reason: 'The API takes no such parameter; it was left out.' }));
}
