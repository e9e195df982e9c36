import type { CallSettings } from '../../core/settings.ts';
import { subjectLabel, type SubjectParts } from '../../core/subject-label.ts';
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

/** Whose money it is. A function of the options that throws, or answers with no text, throws. */
export function subjectOf(per: BudgetPer, facts: SubjectFacts): Subject | Missing {
  if (per === 'global') return everybody;
  if (!isList(per)) {
    const parts = partsOf(per, facts);
    return parts === undefined
      ? { missing: nameOf(per) }
      : { key: JSON.stringify(parts), label: subjectLabel(parts) };
  }
  const all: SubjectParts[] = [];
  for (const part of per) {
    const parts = partsOf(part, facts);
    if (parts === undefined) return { missing: nameOf(part) };
    all.push(parts);
  }
  const key = JSON.stringify(all);
  return { key, label: JSON.stringify(all.map(subjectLabel)) };
}

/** For messages: `user`, `tag feature`, `user and model`. */
export function describePer(per: BudgetPer): string {
  return isList(per) ? per.map(nameOf).join(' and ') : per === 'global' ? 'everybody' : nameOf(per);
}

function isList(per: BudgetPer): per is readonly BudgetPart[] {
  return Array.isArray(per);
}

/** One value, behind the tenant where tenants have values of their own. */
function partsOf(part: BudgetPart, facts: SubjectFacts): SubjectParts | undefined {
  if (typeof part === 'function') return ofFunction(part, facts);
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
): SubjectParts | undefined {
  const { caller, provider, target, route, operation } = facts;
  const value: unknown = part(caller, { provider, target, route, operation });
  if (value === undefined || typeof value === 'string') return only(value);
  throw new TypeError(
    `\`per\` gave ${value === null ? 'null' : `a ${typeof value}`}: give a text, or undefined.`,
  );
}

function nameOf(part: BudgetPart): string {
  if (typeof part === 'function') return part.name === '' ? 'its function' : part.name;
  return typeof part === 'object' ? `tag ${part.tag}` : part;
}
