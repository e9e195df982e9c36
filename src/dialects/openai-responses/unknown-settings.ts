import type { Loss } from '../neutral/loss.ts';
import type { NeutralRequest } from '../neutral/request.ts';

/** Settings that no request of this format has. */
const unknownHere = ['stopSequences', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty'] as const;

export function lostSettings(said: Pick<NeutralRequest, (typeof unknownHere)[number]>): readonly Loss[] {
  return unknownHere
    .filter((name) => said[name] !== undefined)
    .map((path) => ({ path, reason: 'Responses have no such setting.' }));
}
