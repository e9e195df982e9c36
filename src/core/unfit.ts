import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal, type CallError } from './call-error.ts';
import type { Call } from './call.ts';

/** Why a call may not go to a target. */
export interface Lack {
  /** `provider/model` */
  readonly target: string;
  readonly reason: string;
}

/** As many as a message can tell and still be read; `details` has them all. */
const mostTold = 5;

/** The refusal of a call that no target of a rule can serve. */
export function unfit(call: Pick<Call, 'id' | 'model'>, lacks: readonly Lack[]): CallError {
  const { id: callId, model } = call;
  const told = lacks.slice(0, mostTold).map(({ target, reason }) => ` \`${target}\`: ${reason}.`);
  const more = lacks.length > mostTold ? ` ${lacks.length - mostTold} more are in \`details.lacks\`.` : '';
  return refusal(
    new ManagedLLMError({
      code: 'no-model-fits',
      callId,
      message:
        `No model of \`${model}\` can serve this call.${told.join('')}${more} ` +
        '`llm.explain` says the same of any request, without sending it.',
      details: { model, lacks },
    }),
  );
}
