import * as z from 'zod/mini';
import { invalidOption, nearestOf, parseOptions } from '../../core/parse-options.ts';

/** Limits for attempts at one target. What is left out is not limited. */
export interface TargetTimeLimits {
  /**
   * Until the request leaves on a connected socket: name look-up, connecting, TLS, waiting for a free connection. Known for
   * Node's own `fetch` and npm's `undici`, which announce it; a transport that does not, such as a `fetch` of your own that
   * makes its connections itself, has no such phase, and this limit does not apply. Milliseconds, > 0.
   */
  readonly connectMs?: number;
  /**
   * Of a stream, from sending until its first event, also while it is held back for a retry or fallback. Comments that
   * keep the line open are no events. Plain replies: does not apply. Milliseconds, > 0.
   */
  readonly firstEventMs?: number;
  /**
   * Of a stream, the longest silence of the provider after its first event. Counted only while somebody waits to read, so a
   * slow reader is not held against the provider. Pings count as signs of life. Milliseconds, > 0.
   */
  readonly betweenEventsMs?: number;
  /**
   * A whole attempt from sending to its end. A stream is included to its last event, however slowly it is read: unlike the
   * SDKs' `timeout`, which ends with the headers and holds beside it. Waiting in queues does not count. Milliseconds, > 0.
   */
  readonly attemptMs?: number;
}

/** Options of `timeLimits`: limits for all targets, and for whole calls. */
export interface TimeLimitsOptions extends TargetTimeLimits {
  /** A whole call: queues, retries, fallbacks and reading. The earlier of this and a call's `deadlineMs` holds. Milliseconds, > 0. */
  readonly callMs?: number;
}

/** Limits by provider (`local`) or by target (`local/llama3.2`). */
export type TimeLimitsByTarget = Readonly<Record<string, TargetTimeLimits>>;

const milliseconds = z.optional(z.number().check(z.positive()));
const ofTarget = {
  connectMs: milliseconds,
  firstEventMs: milliseconds,
  betweenEventsMs: milliseconds,
  attemptMs: milliseconds,
};
const targetTimeLimitsSchema = z.strictObject(ofTarget);
const timeLimitsOptionsSchema = z.strictObject({ ...ofTarget, callMs: milliseconds });

/** Checks what does not depend on a `ManagedLLM`. Throws `invalid-options`. */
export function parseTimeLimits(options: TimeLimitsOptions, byTarget: TimeLimitsByTarget): void {
  for (const [name, given] of Object.entries(options))
    if (typeof given === 'object' && given !== null)
      throw invalidOption(
        `timeLimits.${name}`,
        `belongs into the second argument: \`timeLimits({}, { ${JSON.stringify(name)}: { … } })\``,
      );
  parseOptions(timeLimitsOptionsSchema, options, 'timeLimits');
  for (const [name, limits] of Object.entries(byTarget))
    parseOptions(targetTimeLimitsSchema, limits, `timeLimits.${name}`);
  if ([options, ...Object.values(byTarget)].every(isEmpty))
    throw invalidOption(
      'timeLimits',
      `states no limit: give one of ${Object.keys(ofTarget).join(', ')}, callMs`,
    );
}

/** Whether nothing is limited. */
export function isEmpty(limits: TimeLimitsOptions): boolean {
  return Object.values(limits).every((value) => value === undefined);
}

/** A limit for a provider that does not exist would limit nothing, unheard. Throws `invalid-options`. */
export function checkProviders(byTarget: TimeLimitsByTarget, providers: readonly string[]): void {
  for (const name of Object.keys(byTarget)) {
    const provider = providerOf(name);
    if (name === `${provider}/`)
      throw invalidOption(
        `timeLimits.${name}`,
        'names no model: write `provider/model`, or the provider alone',
      );
    if (providers.includes(provider)) continue;
    const nearest = nearestOf(provider, providers);
    throw invalidOption(
      `timeLimits.${name}`,
      nearest === undefined
        ? `names no provider: write \`provider\` or \`provider/model\`. Providers: ${providers.join(', ')}`
        : `names no provider. Did you mean \`${nearest}${name.slice(provider.length)}\`?`,
    );
  }
}

/** `local` of `local` and of `local/llama3.2`. */
export function providerOf(name: string): string {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(0, slash);
}
