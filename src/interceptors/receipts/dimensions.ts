import * as z from 'zod/mini';
import type { Receipt } from '../../core/receipt.ts';
import { targetName, type Target } from '../../core/target.ts';
import type { Calendar } from '../../core/calendar.ts';

/** What of a receipt rows can be told apart by, besides tags. */
export const plainDimensions = [
  'user',
  'team',
  'tenant',
  'provider',
  'model',
  'target',
  'asked',
  'route',
  'prompt',
  'experiment',
  'canary',
  'operation',
  'outcome',
  'error',
  'cache',
  'cacheKind',
  'semantic',
  'hour',
  'day',
  'month',
] as const;

/**
 * What rows are told apart by.
 *
 * - `user`, `team`, `tenant`, `tag:feature`: who asked; any tag.
 * - `provider`, `model`, `target` (`openai/gpt-6-luna`): what was asked. Costs, tokens and attempts stand at the target of
 *   each attempt, the call at the one that served it.
 * - `asked`: the model as the application named it; `route`: the route it took.
 * - `prompt`: the prompt that it was rendered from, with its version: `support@3`.
 * - `experiment`: the arms that the call was in, `tone:warm` (several with `, ` between); `experiment:tone`: its arm in that one.
 * - `canary`: the arms that canaries gave it, `support-v4:stable`; `canary:support-v4`: that of this one.
 * - `operation`, `outcome`, `error` (the kind of failure).
 * - `cache`: what became of it at a cache, `hit`, `stale`, `partial`, `miss`, `coalesced`, `bypass`; `cacheKind`: whether that looked for
 *   what is the `exact` same, for what means the same (`semantic`) or for inputs of embeddings (`items`).
 * - `semantic`: what a cache found that compared its question with others, in shadow too: `given`, `would be given`, `too far`, …;
 *   see `SemanticVerdict`.
 * - `hour` (`2026-11-01T05:00Z`), `day` (`2026-11-01`), `month` (`2026-11`): when the call began.
 */
export type ReceiptDimension =
  | (typeof plainDimensions)[number]
  | `tag:${string}`
  | `experiment:${string}`
  | `canary:${string}`;

/** Schema of {@link ReceiptDimension}. */
export const dimensionSchema = z.union([
  z.enum(plainDimensions),
  z.custom((value) => typeof value === 'string' && /^(tag|experiment|canary):./s.test(value), {
    error:
      'must be `tag:` and the name of a tag, as in `tag:feature`, or `experiment:` or `canary:` and the name of one',
    abort: true,
  }),
]);

const timeDimensions: readonly string[] = ['hour', 'day', 'month'];

/** Whether rows of it have an order of their own. */
export function isTime(dimension: ReceiptDimension): boolean {
  return timeDimensions.includes(dimension);
}

/** Whether attempts of one call may differ in it. */
export function isOfAttempt(dimension: ReceiptDimension): boolean {
  return dimension === 'provider' || dimension === 'model' || dimension === 'target';
}

/** What a receipt has there; `undefined`: nothing. */
export function valueOf(
  dimension: ReceiptDimension,
  receipt: Receipt,
  target: Target | undefined,
  calendar: Calendar,
): string | undefined {
  switch (dimension) {
    case 'user':
    case 'team':
    case 'tenant':
      return receipt.caller[dimension];
    case 'provider':
      return target?.provider;
    case 'model':
      return target?.model;
    case 'target':
      return target && targetName(target);
    case 'asked':
      return receipt.model;
    case 'route':
      return receipt.facts.route?.name;
    case 'prompt':
      return receipt.facts.prompt && `${receipt.facts.prompt.name}@${receipt.facts.prompt.version}`;
    case 'experiment':
      return told(experimentsOf(receipt));
    case 'canary':
      return told(canariesOf(receipt));
    case 'operation':
    case 'outcome':
      return receipt[dimension];
    case 'error':
      return receipt.error?.kind;
    case 'cache':
      return receipt.facts.cache?.status;
    case 'cacheKind':
      return receipt.facts.cache?.kind;
    case 'semantic':
      return receipt.facts.semantic?.verdict;
    case 'hour':
    case 'day':
    case 'month':
      return calendar[dimension](receipt.startedAt);
    default:
      return namedValue(dimension, receipt);
  }
}

/** An arm, and what it is one of. */
type NamedArm = readonly [name: string, arm: string];

function experimentsOf({ facts: { experiments = [] } }: Receipt): readonly NamedArm[] {
  return experiments.map(({ experiment, arm }) => [experiment, arm]);
}

function canariesOf({ facts: { canaries = [] } }: Receipt): readonly NamedArm[] {
  return canaries.map(({ canary, arm }) => [canary, arm]);
}

function told(arms: readonly NamedArm[]): string | undefined {
  const names = arms.map(([name, arm]) => `${name}:${arm}`);
  return names.length === 0 ? undefined : names.toSorted().join(', ');
}

/** `tag:feature`, `experiment:tone`, `canary:support-v4`. */
function namedValue(dimension: string, receipt: Receipt): string | undefined {
  const end = dimension.indexOf(':');
  const [kind, name] = [dimension.slice(0, end), dimension.slice(end + 1)];
  if (kind === 'tag') return ownTag(receipt, name);
  const arms = kind === 'canary' ? canariesOf(receipt) : experimentsOf(receipt);
  return arms.find(([of]) => of === name)?.[1];
}

/** Tags are named by applications: `constructor` is a tag like any other. */
function ownTag({ caller: { tags } }: Receipt, name: string): string | undefined {
  return tags !== undefined && Object.hasOwn(tags, name) ? tags[name] : undefined;
}
