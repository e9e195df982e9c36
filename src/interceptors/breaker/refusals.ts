import { refusal, type CallError } from '../../core/call-error.ts';
import type { Call } from '../../core/call.ts';
import { targetName, type Target } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Circuit } from './circuit.ts';
import type { Kill } from './kill-switch.ts';

/** Another target may serve the call; asking this one again at once is what is to be avoided. */
const traits = { fallbackable: true, retryable: false };

/** @param waitMs until a probe may go; `undefined` while one is out */
export function circuitOpen(call: Call, circuit: Circuit, waitMs: number | undefined): CallError {
  const when =
    waitMs === undefined
      ? 'a single call is finding out whether it is well again'
      : `for another ${waitMs} ms`;
  const error = new ManagedLLMError({
    code: 'circuit-open',
    callId: call.id,
    message:
      `\`breaker\`: \`${circuit.name}\` failed too often and is left alone: ${when}. ` +
      'Ask again later, or give the route another target.',
    retryAfterMs: waitMs,
    details: { target: circuit.name, openSince: circuit.openSince, nextProbeAt: circuit.nextProbeAt },
  });
  return refusal(error, 'refused', traits);
}

export function targetDisabled(call: Call, target: Target, kill: Kill): CallError {
  const { provider, model, reason } = kill;
  const error = new ManagedLLMError({
    code: 'target-disabled',
    callId: call.id,
    message:
      `\`breaker\`: \`${targetName(target)}\` was switched off by hand${reason === undefined ? '' : ` (${reason})`}. ` +
      'Use another target until it is revived.',
    details: { target: targetName(target), provider, model, reason },
  });
  return refusal(error, 'refused', traits);
}
