import type { Call } from '../../core/call.ts';
import type { Host } from '../../core/interceptor.ts';
import { noteShadow } from '../../core/run.ts';
import { targetName, type Target } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { pricedAs } from './paid-requests.ts';
import { callerMissing, nameOfBudget, optionThrew } from './refusals.ts';
import type { Cover, Rule } from './rule.ts';
import type { SubjectFacts } from './subject.ts';

/** Who counts an attempt, before it is known what it may cost. */
export interface Coverage {
  readonly target: Target;
  /** What the request is called where it is priced as a whole: what has a dialect, by its operation. */
  readonly name: string;
  readonly covers: readonly Cover[];
}

/**
 * The budgets and ceilings that an attempt is counted by; `undefined` where there are none, or where it costs nothing.
 *
 * @throws `caller-required` where one of them needs to know whose call it is
 */
export function coverageOf(host: Host, rules: readonly Rule[], call: Call): Coverage | undefined {
  const { target, operation } = call;
  if (target === undefined) return undefined;
  const name = operation === 'passthrough' ? call.endpoint && pricedAs(call.endpoint) : operation;
  if (name === undefined) return undefined;
  const covers: Cover[] = [];
  let facts: SubjectFacts | undefined;
  for (const rule of rules) {
    if (!rule.covers(call, target, host)) continue;
    facts ??= factsOf(host, call, target);
    const cover = coverOf(host, call, rule, facts);
    if (cover !== undefined) covers.push(cover);
  }
  return covers.length === 0 && call.run.ceilings.length === 0 ? undefined : { target, name, covers };
}

/** `undefined`: it does not count the call. */
function coverOf(host: Host, call: Call, rule: Rule, facts: SubjectFacts): Cover | undefined {
  try {
    const subject = rule.subject(facts);
    if (!('missing' in subject))
      return { rule, subject, limits: rule.limitsFor(subject.label, call.settings) };
    if (rule.onMissing === 'skip') return undefined;
    throw callerMissing(call.id, rule, subject);
  } catch (thrown) {
    const error = ManagedLLMError.isInstance(thrown) ? thrown : optionThrew(call.id, rule, thrown);
    if (error !== thrown) host.report(error, nameOfBudget({ rule }));
    if (rule.enforces) throw error;
    noteShadow(call.run, { interceptor: rule.name, decision: error.code, details: error.details });
    return undefined;
  }
}

function factsOf(host: Host, call: Call, target: Target): SubjectFacts {
  const { provider: client, model } = target;
  const provider = host.poolOf(client) ?? client;
  return {
    caller: call.settings,
    client,
    provider,
    target: targetName({ provider, model }),
    route: call.run.facts.route?.name,
    operation: call.operation,
    credential: host.credential(client, call.settings),
  };
}
