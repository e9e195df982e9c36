import { isPromise } from '../../core/is-promise.ts';
import type { CallSettings } from '../../core/settings.ts';
import { subjectLabel, type SubjectParts } from '../../core/subject-label.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { BudgetedCall, BudgetPart, BudgetPer } from './options.ts';

/** For whom a budget counts. */
export interface Subject {
  /** Unique within the budget: JSON, so that no two of them meet, and what is absent is not what is empty. */
  readonly key: string;
  /** For people, and for tables of limits: the value itself, or JSON where it takes several. `undefined`: everybody. */
  readonly label: string | undefined;
}

/** What a call does not say. */
export interface Missing {
  readonly missing: string;
  readonly part: BudgetPart;
}

/** What subjects are told by. */
export interface SubjectFacts extends BudgetedCall {
  readonly caller: CallSettings;
  /** The client that is asked; of a pool, the member. */
  readonly client: string | undefined;
  /** Whose key the provider is asked with, where each caller has one. */
  readonly credential: string | undefined;
}

const everybody: Subject = Object.freeze({ key: '', label: undefined });

/**
 * Whose money it is. Throws where a function of the options does, or gives no text.
 *
 * @param budget its name, for messages
 */
export function subjectOf(per: BudgetPer, facts: SubjectFacts, budget: string): Subject | Missing {
  if (per === 'global') return everybody;
  if (!isList(per)) {
    const parts = partsOf(per, facts, budget);
    return parts === undefined
      ? { missing: nameOf(per), part: per }
      : { key: JSON.stringify(parts), label: subjectLabel(parts) };
  }
  const all: SubjectParts[] = [];
  for (const part of per) {
    const parts = partsOf(part, facts, budget);
    if (parts === undefined) return { missing: nameOf(part), part };
    all.push(parts);
  }
  const key = JSON.stringify(all);
  return { key, label: JSON.stringify(all.map(subjectLabel)) };
}

/** For messages: what a function gave that it should not. Never a text, which may be anybody's. */
export function describeGiven(value: unknown): string {
  if (value === null || typeof value === 'number') return String(value);
  if (isPromise(value)) return 'a promise, and is not waited for';
  return `a value of the type ${typeof value}`;
}

/** For messages: `user`, `tag feature`, `user and model`. */
export function describePer(per: BudgetPer): string {
  return isList(per) ? per.map(nameOf).join(' and ') : per === 'global' ? 'everybody' : nameOf(per);
}

function isList(per: BudgetPer): per is readonly BudgetPart[] {
  return Array.isArray(per);
}

/** One value, behind the tenant where tenants have values of their own. */
function partsOf(part: BudgetPart, facts: SubjectFacts, budget: string): SubjectParts | undefined {
  if (typeof part === 'function') return ofFunction(part, facts, budget);
  if (typeof part === 'object') return only(tagOf(facts.caller, part.tag));
  switch (part) {
    case 'user':
    case 'team': {
      const value = facts.caller[part];
      return value === undefined ? undefined : [facts.caller.tenant ?? null, value];
    }
    case 'tenant':
      return only(facts.caller.tenant);
    case 'provider':
      return only(facts.provider);
    case 'credential':
      return facts.client === undefined ? undefined : [facts.credential ?? null, facts.client];
    case 'model':
      return only(facts.target);
    case 'route':
      return only(facts.route);
    default:
      return part satisfies never;
  }
}

/** Names of tags come from users: one that is called `constructor` is not there unless it was given. */
function tagOf({ tags }: CallSettings, name: string): string | undefined {
  return tags !== undefined && Object.hasOwn(tags, name) ? tags[name] : undefined;
}

function only(value: string | undefined): SubjectParts | undefined {
  return value === undefined ? undefined : [value];
}

function ofFunction(
  part: Extract<BudgetPart, (...given: never) => unknown>,
  facts: SubjectFacts,
  budget: string,
): SubjectParts | undefined {
  const { caller, provider, target, route, operation } = facts;
  const value: unknown = part(caller, { provider, target, route, operation });
  if (value === undefined || typeof value === 'string') return only(value);
  throw new ManagedLLMError({
    code: 'invalid-options',
    message: `\`per\` of the budget \`${budget}\` gave ${describeGiven(value)}: give a text, or undefined.`,
    details: { budget, path: 'budget.per' },
  });
}

function nameOf(part: BudgetPart): string {
  // One that is written into the options is called as they are.
  if (typeof part === 'function')
    return part.name === '' || part.name === 'per' ? 'its function' : `its function \`${part.name}\``;
  return typeof part === 'object' ? `tag ${part.tag}` : part;
}
