import type { CallMatch } from '../core/call-match.ts';
import type { Host } from '../core/interceptor.ts';
import { invalidOption } from '../core/parse-options.ts';
import type { ExperimentArm } from './arm.ts';

/** An experiment or a canary, and the calls that it changes. */
export interface Divider {
  /** How it is called in messages: ``the canary `next` ``. */
  readonly owner: string;
  readonly arms: readonly ExperimentArm[];
  /** What is said of which calls are meant may tell those of two apart. */
  readonly where: CallMatch | undefined;
}

const dividers = Symbol('dividers');

/**
 * Reports, once for each two in a `ManagedLLM`, that both give the same calls a prompt or a model: the one that stands later in
 * the list has the last word, and the other counts calls for arms whose prompt or model they have not had.
 */
export function reportOverlaps(host: Pick<Host, 'shared' | 'report'>, divider: Divider): void {
  const before = host.shared<Divider[]>(dividers, () => []);
  for (const other of before) {
    const both = bothGive(other, divider);
    if (both === undefined) continue;
    const problem = `have ${other.owner} and ${divider.owner}, which both give the same calls ${both}: the later one has the last word, and the other counts calls for arms that they have not had. Try out one after the other, or tell their calls apart by \`where\``;
    host.report(invalidOption('interceptors', problem), divider.owner);
  }
  before.push(divider);
}

function bothGive(one: Divider, other: Divider): string | undefined {
  if (one.where !== undefined || other.where !== undefined) return undefined;
  const [prompt, another] = [promptOf(one), promptOf(other)];
  if (prompt !== undefined && another !== undefined)
    return prompt === another ? `a version of the prompt \`${prompt}\`` : undefined;
  return givesModel(one) && givesModel(other) ? 'a model' : undefined;
}

function promptOf({ arms }: Divider): string | undefined {
  return arms.find(({ prompt }) => prompt !== undefined)?.prompt?.name;
}

function givesModel({ arms }: Divider): boolean {
  return arms.some(({ model }) => model !== undefined);
}
