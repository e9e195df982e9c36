import { canaryStatuses } from '../canaries/directory.ts';
import { endCanary } from '../canaries/end-canary.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { State } from '../core/state.ts';
import type { AskedOfCanary } from './canary-arguments.ts';
import { CommandError } from './command-error.ts';
import { tableOf, timeOf } from './table.ts';

/**
 * Tells where the canaries of a name stand, or ends one of them. Processes follow with their next reads, within about a second.
 *
 * @returns what to print
 * @throws {@link CommandError} where there is none of that name, or several; `state-unreachable`
 */
export async function runCanary(asked: AskedOfCanary, state: State): Promise<string> {
  const { name, definition } = asked;
  const named = (await canaryStatuses(state)).filter(({ canary }) => canary === name);
  const found = definition === undefined ? named : named.filter((status) => status.definition === definition);
  if (found.length === 0) {
    const known = named.length === 0 ? '' : `\n${listOf(named)}`;
    throw new CommandError(
      `The state has no canary \`${name}\`${definition === undefined ? '' : ` of the definition \`${definition}\``}.${known}`,
      1,
    );
  }
  if (asked.action === 'status') return found.map(told).join('\n\n');
  const { documents } = state;
  const chosen = theOnlyOne(name, found);
  const { by, reason } = asked;
  const to = asked.action === 'promote' ? 'promoted' : 'rolled-back';
  const isChanged =
    documents !== undefined && (await endCanary(documents, chosen, { to, by, reason }, Date.now()));
  const now = to === 'promoted' ? 'is promoted: everybody gets it' : 'is rolled back: everybody gets stable';
  return `\`${name}\` (${chosen.definition}) ${now}${isChanged ? '' : ', and was so before'}.`;
}

/** What has ended is not meant where something is ramping. */
function theOnlyOne(name: string, found: readonly CanaryStatus[]): CanaryStatus {
  const ramping = found.filter(({ phase }) => phase === 'ramping');
  const meant = ramping.length > 0 ? ramping : found;
  const [first, second] = meant;
  if (first !== undefined && second === undefined) return first;
  throw new CommandError(
    `There are ${meant.length} canaries \`${name}\`: say which with \`--definition\`.\n${listOf(meant)}`,
    1,
  );
}

function listOf(statuses: readonly CanaryStatus[]): string {
  return tableOf(
    statuses.map(({ definition, phase, percent, startedAt, changes }) => [
      definition,
      phase,
      `${percent} %`,
      timeOf(startedAt),
      JSON.stringify(changes.canary),
    ]),
  );
}

function told({ guards, waitsFor, history, withoutSubject, ...status }: CanaryStatus): string {
  const { stable, canary } = status.arms;
  const rows = [
    ['calls', `canary ${canary.calls}, stable ${stable.calls}, without a subject ${withoutSubject}`],
    ...guards.map(({ guard, verdict, shown }) => [guard, `${verdict}: ${shown}`]),
    ...(waitsFor === '' ? [] : [['waits for', waitsFor]]),
    ...history.map(({ at, by = '-', to, percent, reason }) => [
      timeOf(at),
      `${to}, ${percent} %, by ${by}: ${reason}`,
    ]),
  ];
  return `${listOf([{ guards, waitsFor, history, withoutSubject, ...status }])}\n${tableOf(rows)}`;
}
