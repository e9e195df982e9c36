import type { Receipt } from '../core/receipt.ts';

type Facts = Receipt['facts'];

/** What a page reads of facts, each with what it must be. Others are left as they are. */
const rules: { readonly [Name in keyof Facts]?: (fact: unknown) => boolean } = {
  prompt: (fact) => hasTexts(fact, 'name', 'version', 'hash'),
  experiments: (fact) => Array.isArray(fact) && fact.every((each) => hasTexts(each, 'experiment', 'arm')),
  canaries: (fact) => Array.isArray(fact) && fact.every((each) => hasTexts(each, 'canary', 'arm')),
  cache: (fact) => hasTexts(fact, 'status', 'kind'),
  promptCache: (fact) =>
    isRecord(fact) && Array.isArray(fact['attempts']) && fact['attempts'].every(isRecord),
};
const ruled = Object.entries(rules);

/**
 * A receipt without facts that are not what they should be: another program may have written it, or an interceptor of the
 * application. The receipt itself where all are sound.
 */
export function withSoundFacts(receipt: Receipt): Receipt {
  const given: unknown = receipt.facts;
  const facts: Readonly<Record<string, unknown>> = isRecord(given) ? given : {};
  const unsound = ruled.filter(([name, isSound]) => facts[name] !== undefined && !isSound(facts[name]));
  if (facts === given && unsound.length === 0) return receipt;
  const names = new Set(unsound.map(([name]) => name));
  return {
    ...receipt,
    facts: Object.fromEntries(Object.entries(facts).filter(([name]) => !names.has(name))),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function hasTexts(value: unknown, ...members: readonly string[]): boolean {
  return isRecord(value) && members.every((member) => typeof value[member] === 'string');
}
