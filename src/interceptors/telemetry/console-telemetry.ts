import * as z from 'zod/mini';
import type { Call } from '../../core/call.ts';
import type { Interceptor } from '../../core/interceptor.ts';
import { parseOptions } from '../../core/parse-options.ts';
import type { Settlement } from '../../core/settlement.ts';
import { targetName } from '../../core/target.ts';

/** Options of {@link consoleTelemetry}. */
export interface ConsoleTelemetryOptions {
  /** Where lines go. Default `console.log`. */
  readonly print?: (line: string) => void;
}

const consoleTelemetryOptionsSchema = z.strictObject({
  print: z.optional(z.custom((value) => typeof value === 'function', 'must be a function')),
});

/**
 * Prints one readable line a call when it has settled: who, what was asked, what served it, how it ended, how long it
 * took, what it used. Holds no prompt and no completion. Fails open.
 *
 * @throws `invalid-options` for unknown options.
 */
export function consoleTelemetry(options: ConsoleTelemetryOptions = {}): Interceptor {
  // oxlint-disable-next-line no-console -- the console is what it is for
  const { print = console.log } = parseOptions(consoleTelemetryOptionsSchema, options, 'consoleTelemetry');
  return {
    name: 'console-telemetry',
    stage: 'observe',
    shareable: true,
    async intercept(call, next) {
      const reply = await next(call);
      reply.onSettled((settlement) => print(line(call, settlement)));
      return reply;
    },
  };
}

function line(call: Call, settlement: Settlement): string {
  const { target, usage, error } = settlement;
  const served = target === undefined ? call.provider : targetName(target);
  const asked = call.model !== '' && !`/${served}`.endsWith(`/${call.model}`) ? `${call.model} → ` : '';
  return [
    new Date(settlement.startedAt).toISOString().slice(11, 23),
    call.settings.user ?? call.settings.tenant ?? '-',
    `${asked}${served}`,
    call.stream ? 'stream' : call.operation,
    settlement.origin === 'provider' ? settlement.outcome : `${settlement.outcome} (${settlement.origin})`,
    error === undefined ? '' : `[${error.kind}${error.status === undefined ? '' : ` ${error.status}`}]`,
    `${settlement.settledAt - settlement.startedAt} ms`,
    usage === undefined ? '' : `${usage.inputTokens ?? '?'} in, ${usage.outputTokens ?? '?'} out`,
    settlement.attempts.length > 1 ? `${settlement.attempts.length} attempts` : '',
    settlement.losses.length > 0 ? `${settlement.losses.length} lost in translation` : '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}
