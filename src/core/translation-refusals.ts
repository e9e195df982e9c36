import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal, type CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import { targetName, type Target } from './target.ts';
import type { Loss } from './translation.ts';

/** The target has no such thing, in any dialect. */
export function unspoken(call: Call, target: Target): CallError {
  return refusal(
    new ManagedLLMError({
      code: 'unsupported',
      callId: call.id,
      message:
        `\`${targetName(target)}\` cannot serve a request written in ${call.dialect.id}, nor can that be translated ` +
        `for it. Send it to a provider that speaks it, or change the route.`,
      details: { target: targetName(target), dialect: call.dialect.id },
    }),
    'refused',
    { fallbackable: true },
  );
}

/** Something of the request would be lost, and may not be. */
export function untranslatable(
  call: Call,
  target: Target,
  dialect: Dialect,
  losses: readonly Loss[],
): CallError {
  const paths = losses.map(({ path }) => `\`${path}\``).join(', ');
  return refusal(
    new ManagedLLMError({
      code: 'unsupported',
      callId: call.id,
      message:
        `\`${targetName(target)}\` is asked in ${dialect.id}, which has no place for ${paths}. Leave it out, choose ` +
        `another target, or let it be dropped with \`onUnsupported: 'drop'\`.`,
      details: { target: targetName(target), dialect: dialect.id, losses },
    }),
    'refused',
    { fallbackable: true },
  );
}

/** What came back cannot be put into the caller's words. */
export function unreadable(call: Call, target: Target, cause: unknown): CallError {
  return refusal(
    new ManagedLLMError({
      code: 'unreadable-answer',
      callId: call.id,
      message: `\`${targetName(target)}\` answered with something that is no answer.`,
      cause,
    }),
    'server',
  );
}
