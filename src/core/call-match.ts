import * as z from 'zod/mini';
import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import { operations, type Operation } from './dialect.ts';
import { parseOptions } from './parse-options.ts';
import { timeOfDay, timeOfDaySchema, type TimeOfDay } from './time-of-day.ts';

/** One of several, or one. */
export type OneOf<T> = T | readonly T[];

/**
 * What a call is like. All that is given must hold; of a list, one must. Prompts whose length the request does not tell
 * (files, conversations that a provider holds) count as long.
 */
export interface CallMatch {
  /** Fewer characters than this: system prompt, turns, tools, schema. Pictures count nothing. */
  readonly promptCharactersBelow?: number;
  /** At least so many characters. */
  readonly promptCharactersFrom?: number;
  /** Fewer tokens than this, estimated before anything is sent: one for each 4 characters, 1,000 for a picture. */
  readonly promptTokensBelow?: number;
  /** At least so many tokens, estimated likewise. */
  readonly promptTokensFrom?: number;
  /** Who asks. Compared by exact code points; a call that names none matches none. */
  readonly user?: OneOf<string>;
  readonly team?: OneOf<string>;
  readonly tenant?: OneOf<string>;
  /** At least one of these roles. */
  readonly role?: OneOf<string>;
  /** These tags with these values, others besides. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly operation?: OneOf<Operation>;
  readonly stream?: boolean;
  /** Time of day when the call is routed. */
  readonly between?: TimeOfDay;
}

const count = z.optional(z.number().check(z.nonnegative()));
const oneOf = z.optional(z.union([z.string(), z.readonly(z.array(z.string()))]));
const operation = z.enum(operations);

/** Schema of {@link CallMatch}. */
export const callMatchSchema = z.strictObject({
  promptCharactersBelow: count,
  promptCharactersFrom: count,
  promptTokensBelow: count,
  promptTokensFrom: count,
  user: oneOf,
  team: oneOf,
  tenant: oneOf,
  role: oneOf,
  tags: z.optional(z.record(z.string(), z.string())),
  operation: z.optional(z.union([operation, z.readonly(z.array(operation))])),
  stream: z.optional(z.boolean()),
  between: z.optional(timeOfDaySchema),
});

const charactersPerToken = 4;
const tokensPerImage = 1_000;

type Test = (call: Call, clock: Clock) => boolean;

/** Whether a call is like this. Throws `invalid-options` for unknown conditions, and when there is none. */
export function matcher(given: CallMatch, path: string): Test {
  const match = parseOptions(callMatchSchema, given, path);
  const { role, tags, operation, stream, between } = match;
  const tests: Test[] = [];
  if (operation !== undefined) tests.push((call) => isOneOf(operation, call.operation));
  if (stream !== undefined) tests.push((call) => call.stream === stream);
  for (const who of ['user', 'team', 'tenant'] as const) {
    const wanted = match[who];
    if (wanted !== undefined) tests.push(({ settings }) => isOneOf(wanted, settings[who]));
  }
  if (role !== undefined)
    tests.push(({ settings }) => settings.roles?.some((own) => isOneOf(role, own)) ?? false);
  if (tags !== undefined)
    tests.push(({ settings }) =>
      Object.entries(tags).every(([key, value]) => settings.tags?.[key] === value),
    );
  if (between !== undefined) {
    const within = timeOfDay(between, `${path}.between`);
    tests.push((_call, clock) => within(clock.now()));
  }
  const size = sizeTest(match);
  // Last, because it looks at all of the prompt.
  if (size !== undefined) tests.push(size);
  return (call, clock) => tests.every((holds) => holds(call, clock));
}

function isOneOf<T>(wanted: OneOf<T>, value: T | undefined): boolean {
  if (value === undefined) return false;
  return Array.isArray(wanted) ? wanted.includes(value) : wanted === value;
}

function sizeTest(match: CallMatch): Test | undefined {
  const {
    promptCharactersBelow = Infinity,
    promptCharactersFrom = 0,
    promptTokensBelow = Infinity,
    promptTokensFrom = 0,
  } = match;
  if (
    Math.min(promptCharactersBelow, promptTokensBelow) === Infinity &&
    promptCharactersFrom + promptTokensFrom === 0
  )
    return undefined;
  return (call) => {
    const { characters, tokens: told, images, files, complete } = call.dialect.request.measure(call.body);
    const letters = complete && files.length === 0 ? characters + told * charactersPerToken : Infinity;
    const tokens = letters / charactersPerToken + images.length * tokensPerImage;
    return (
      isBelow(letters, promptCharactersBelow) &&
      letters >= promptCharactersFrom &&
      isBelow(tokens, promptTokensBelow) &&
      tokens >= promptTokensFrom
    );
  };
}

/** No limit holds for any length. */
function isBelow(size: number, limit: number): boolean {
  return limit === Infinity || size < limit;
}
