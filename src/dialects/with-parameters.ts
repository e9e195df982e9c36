import type { RequestParameters } from '../core/parameters-lens.ts';
import { asRecord, member, withMember } from './record.ts';

/** Parameters that stand in a request by themselves, under names of its format. */
export type ParameterNames = Partial<Record<keyof RequestParameters, string>>;

/** With the parameters that have a name in the format. */
export function withNamed(body: unknown, parameters: RequestParameters, names: ParameterNames): unknown {
  let changed = body;
  for (const [parameter, name] of Object.entries(names)) {
    const value = parameters[parameter as keyof RequestParameters];
    if (value !== undefined) changed = withMember(changed, name, value);
  }
  return changed;
}

/** With the effort beside what `reasoning` says already. */
export function withEffort(body: unknown, reasoning: RequestParameters['reasoning']): unknown {
  if (reasoning === undefined) return body;
  const own = asRecord(member(body, 'reasoning')) ?? {};
  return withMember(body, 'reasoning', withMember(own, 'effort', reasoning.effort));
}
