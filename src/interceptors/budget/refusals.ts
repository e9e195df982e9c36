import type { Amounts, Balance } from '../../core/accounts.ts';
import { refusal, type CallError } from '../../core/call-error.ts';
import { formatUsd, toUsd } from '../../core/nano-usd.ts';
import { targetName } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { AccountParty, Bid, CeilingParty } from './bid.ts';
import type { BudgetPart, BudgetPer } from './options.ts';
import type { Unbounded } from './quote.ts';
import type { Cover, Rule } from './rule.ts';
import { describePer, type Missing } from './subject.ts';
import type { BudgetWindow } from './windows.ts';

/** Why an attempt does not wait any longer. */
export type Because =
  /** Whatever others give back, too little is left. */
  | 'limit'
  /** It has waited as long as it may. */
  | 'waited'
  /** As many wait already as may. */
  | 'queue-full';

/** How an attempt that was refused stood with one of those whose money it needed. */
export interface Shortage {
  readonly because: Because;
  readonly waitedMs: number;
  /** The lowest output limit that it was content with. */
  readonly limit: number | undefined;
}

/** @param standing how the account stands; its window ends at `resetAt`, by the store's clock */
export function budgetExceeded(
  bid: Bid,
  party: AccountParty,
  { balance, resetAt }: { readonly balance: Balance; readonly resetAt: number | undefined },
  shortage: Shortage,
): CallError {
  const { moveTo } = party;
  const { rule, limits, subject } = party.cover;
  const { used, reserved, raised } = balance;
  const asked = bid.asks(party, shortage.limit);
  const isUsd =
    limits.nanoUsd !== undefined && (limits.tokens === undefined || isShortOfUsd(limits, balance, asked));
  const name = (amount: number): string => (isUsd ? formatUsd(amount) : `${amount} tokens`);
  const key = isUsd ? 'nanoUsd' : 'tokens';
  const limit = (limits[key] ?? 0) + raised[key];
  const when = resetAt === undefined ? '' : ` It starts anew at ${new Date(resetAt).toISOString()}.`;
  const message =
    `The budget \`${rule.name}\` allows ${name(limit)}${windowWords(rule.window)}${whom(rule.per)}: ${name(used[key])} used, ` +
    `${name(reserved[key])} set aside for attempts under way, and this one at ${attempted(bid, shortage)} ` +
    `could take ${name(asked[key])}.${patience(shortage)}${moved(moveTo)}${when} ${advice}, or raise the limit.`;
  const error = new ManagedLLMError({
    code: 'budget-exceeded',
    callId: bid.run.id,
    message,
    details: {
      budget: rule.name,
      subject: subject.label,
      target: targetName(bid.target),
      because: shortage.because,
      ...(limits.nanoUsd === undefined
        ? {}
        : {
            limitUsd: toUsd(limits.nanoUsd + raised.nanoUsd),
            usedUsd: toUsd(used.nanoUsd),
            reservedUsd: toUsd(reserved.nanoUsd),
            askedUsd: toUsd(asked.nanoUsd),
          }),
      ...(limits.tokens === undefined
        ? {}
        : {
            limitTokens: limits.tokens + raised.tokens,
            usedTokens: used.tokens,
            reservedTokens: reserved.tokens,
            askedTokens: asked.tokens,
          }),
      resetAt,
      ...(moveTo === undefined ? {} : { moveTo }),
    },
  });
  return { ...refusal(error), ...(moveTo === undefined ? {} : { moveTo }) };
}

export function ceilingExceeded(bid: Bid, party: CeilingParty, shortage: Shortage): CallError {
  const { ceiling } = party;
  const { limitNanoUsd, usedNanoUsd, reservedNanoUsd, path } = ceiling;
  const asked = bid.asks(party, shortage.limit).nanoUsd;
  return refusal(
    new ManagedLLMError({
      code: 'ceiling-exceeded',
      callId: bid.run.id,
      message:
        `\`${path}\` allows ${formatUsd(limitNanoUsd)}: ${formatUsd(usedNanoUsd)} spent, ` +
        `${formatUsd(reservedNanoUsd)} set aside for attempts under way, and this one at ${attempted(bid, shortage)} ` +
        `could cost ${formatUsd(asked)}.${patience(shortage)} ${advice}, or raise \`maxCostUsd\`.`,
      details: {
        ceiling: path,
        target: targetName(bid.target),
        because: shortage.because,
        limitUsd: toUsd(limitNanoUsd),
        usedUsd: toUsd(usedNanoUsd),
        reservedUsd: toUsd(reservedNanoUsd),
        askedUsd: toUsd(asked),
        spent: ceiling.spent.map(({ target, operation, attempts, nanoUsd }) => ({
          target,
          operation,
          attempts,
          costUsd: toUsd(nanoUsd),
        })),
      },
    }),
  );
}

/** Who refuses what it cannot count. */
export interface LimitedBy {
  /** `The budget \`daily\``, or the setting that a ceiling comes from: `run.maxCostUsd`. */
  readonly who: string;
  readonly isCeiling: boolean;
}

export function byBudget({ rule }: Pick<Cover, 'rule'>): LimitedBy {
  return { who: nameOfBudget({ rule }), isCeiling: false };
}

/** @param callId `undefined`: found before any call was made */
export function unknownPrice(callId: string | undefined, target: string, by: LimitedBy): ManagedLLMError {
  return new ManagedLLMError({
    code: 'unknown-price',
    callId,
    message:
      `${subjectOf(by)} limits USD, and what ${target} costs is not known. State it in \`models\`, ` +
      `\`${JSON.stringify(target)}: { price: … }\` (0 for a machine of yours), or ${optionOf(by, "onUnknownPrice: 'zero'")}.`,
    details: { target, limitedBy: by.who },
  });
}

/** @param name of the request, as `passthroughUsd` takes it */
export function unboundedCost(
  callId: string,
  target: string,
  by: LimitedBy,
  name: string,
  { because, bound }: Unbounded,
): ManagedLLMError {
  const bounded = bound === undefined ? 'State' : `${bound}, or state`;
  const loosely = by.isCeiling ? '' : ', or `reserve: "expected"`';
  return new ManagedLLMError({
    code: 'unbounded-cost',
    callId,
    message:
      `${subjectOf(by)} is kept strictly, and nothing bounds what this request to ${plainName(target)} can cost, because ${because}. ` +
      `${bounded} what it costs at most: ${optionOf(by, `passthroughUsd: { ${JSON.stringify(name)}: … }`)}${loosely}.`,
    details: { target, limitedBy: by.who, request: name },
  });
}

function subjectOf({ who, isCeiling }: LimitedBy): string {
  return isCeiling ? `\`${who}\`` : who;
}

/** Where an option has to be said. */
function optionOf({ isCeiling }: LimitedBy, option: string): string {
  return isCeiling ? `give the \`ManagedLLM\` \`ceilings: { ${option} }\`` : `give the budget \`${option}\``;
}

export function callerMissing(callId: string, rule: Rule, { missing, part }: Missing): ManagedLLMError {
  const what =
    typeof part !== 'function'
      ? `and this call has no ${missing}`
      : Array.isArray(rule.per)
        ? `and ${missing} says nothing of this call`
        : 'which says nothing of this call';
  return new ManagedLLMError({
    code: 'caller-required',
    callId,
    message: `The budget \`${rule.name}\` counts by ${describePer(rule.per)}, ${what}. ${howToSay(part)}, or give the budget \`onMissing: 'skip'\`.`,
    details: { budget: rule.name, missing },
  });
}

function howToSay(part: BudgetPart): string {
  if (typeof part === 'function') return 'Have it give a text';
  if (part === 'route') return 'Name a route as its model';
  const settings = typeof part === 'object' ? `tags: { ${JSON.stringify(part.tag)}: … }` : `${part}: …`;
  return `Make it inside \`llm.run({ ${settings} }, …)\``;
}

/** A function of its options. */
export function optionThrew(callId: string, rule: Rule, cause: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'interceptor-fault',
    callId,
    message: `${nameOfBudget({ rule })} could not be asked: a function in its options threw.`,
    details: { budget: rule.name },
    cause,
  });
}

export function withoutState(callId: string, rule: Rule, cause: unknown): ManagedLLMError {
  const known = ManagedLLMError.isInstance(cause) ? cause : undefined;
  return new ManagedLLMError({
    code: known?.code === 'state-incompatible' ? 'state-incompatible' : 'state-unreachable',
    callId,
    message:
      `The budget \`${rule.name}\` could not be asked, so nothing was sent: ${known?.message ?? 'its state failed.'}` +
      (known?.code === 'state-incompatible' ? '' : ' `onStateFailure: "allow"` would let it through.'),
    details: { budget: rule.name },
    cause,
  });
}

/** What of the option `covers` and the like it is, for messages. */
export function nameOfBudget({ rule }: Pick<Cover, 'rule'>): string {
  return `The budget \`${rule.name}\``;
}

const advice = 'Ask for less (a lower output limit, a shorter prompt, a cheaper model)';

/** Of two limits, the one that stands in the way, others' reservations apart; of two that do not, the one that does with these. */
function isShortOfUsd(
  limits: Partial<Amounts>,
  { used, reserved, raised }: Balance,
  asked: Amounts,
): boolean {
  const isShort = (kind: keyof Amounts, isWithOthers: boolean): boolean =>
    used[kind] + asked[kind] + (isWithOthers ? reserved[kind] : 0) >
    (limits[kind] ?? Infinity) + raised[kind];
  return isShort('nanoUsd', false) || (!isShort('tokens', false) && isShort('nanoUsd', true));
}

function attempted({ target, asked }: Bid, { limit }: Shortage): string {
  const name = plainName(targetName(target));
  const isLowered = limit !== undefined && asked !== undefined && limit < asked;
  return isLowered ? `${name}, its answer limited to ${limit} tokens,` : name;
}

/** Without a model, where the request names none. */
function plainName(target: string): string {
  return target.replace(/\/$/, '');
}

function patience({ because, waitedMs }: Shortage): string {
  if (because === 'limit') return '';
  if (because === 'queue-full') return ' Too many others wait for what is set aside.';
  return ` It has waited ${Math.round(waitedMs)} ms for others to give back what they do not use, which is as long as it may.`;
}

function moved(moveTo: string | undefined): string {
  return moveTo === undefined ? '' : ` The call goes to \`${moveTo}\` instead.`;
}

function windowWords(window: BudgetWindow): string {
  if (typeof window === 'object') return ` in any ${lengthWords(window.rollingMs)}`;
  if (window === 'total') return '';
  if (window === 'manual') return ' until it is reset';
  return window === 'hour' ? ' an hour' : ` a ${window}`;
}

const lengths = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1_000, 'seconds'],
] as const;

function lengthWords(ms: number): string {
  const [unitMs, name] = lengths.find(([unit]) => ms % unit === 0 && ms > unit) ?? [1, 'ms'];
  return `${ms / unitMs} ${name}`;
}

function whom(per: BudgetPer): string {
  if (per === 'global') return '';
  const isSaid = (Array.isArray(per) ? per : [per]).every((part) => typeof part !== 'function');
  return isSaid ? ` for this ${describePer(per)}` : ' for one of those that it counts apart';
}
