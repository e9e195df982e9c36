import type { Fact, Lane } from './facts.ts';
import { hash } from './wire.ts';

/** What the receipt tells, without its reasons. */
export interface ToldLoss {
  readonly path: string;
}

export interface Judgement {
  readonly failures: readonly string[];
  /** Everything that did not arrive, by name, for the count. */
  readonly lost: readonly string[];
}

interface Match {
  readonly here: Fact;
  readonly there: Fact;
  /** Its place among all that arrived. */
  readonly at: number;
}

/** Words with which images and files of a tool's result are told in a format whose results hold only text. */
const madeUp = /^(From the result of tool call |The result is in the next user message\.$)/;

/**
 * Whether all that was asked arrived or is told as lost, and nothing is told as lost that arrived, or arrived that was
 * never asked.
 */
export function judgeRequest(
  asked: readonly Fact[],
  arrived: readonly Fact[],
  losses: readonly ToldLoss[],
  target: 'anthropic' | 'chat',
): Judgement {
  const failures: string[] = [];
  const here = withResults(asked);
  const there = withResults(idsAsAsked(here, arrived));
  const { matches, missing, extra } = match(here, there);
  const moved = movedInstructions(matches);
  failures.push(...orderFaults(matches));
  const told = (fact: Fact): boolean => losses.some((loss) => isNamed(loss, fact));
  for (const fact of missing) {
    const whole = missing.find(({ path }) => path === fact.of);
    if (!told(fact) && (whole === undefined || !told(whole)))
      failures.push(`${fact.kind} at ${fact.path} did not arrive, which is not told`);
  }
  for (const fact of moved) {
    if (!losses.some(({ path }) => path === messageOf(fact.path)))
      failures.push(`instructions at ${fact.path} stand elsewhere, which is not told`);
  }
  const begins = extra.find(({ kind, value }) => kind === 'text' && value === '.');
  for (const loss of losses) {
    if (loss.path === 'messages' && begins !== undefined) continue;
    const named = here.filter((fact) => isNamed(loss, fact));
    if (
      named.some((fact) => missing.includes(fact) || moved.some((one) => messageOf(one.path) === loss.path))
    )
      continue;
    failures.push(
      named.length === 0
        ? `\`${loss.path}\` is told as lost, where nothing was`
        : `\`${loss.path}\` is told as lost and arrived`,
    );
  }
  for (const fact of extra) {
    if (!isMeant(fact, here, missing, losses, target))
      failures.push(`${fact.kind} arrived that was never asked: ${fact.value.slice(0, 60)}`);
  }
  return { failures, lost: missing.map(({ kind }) => kind) };
}

/** A name of one word stands for itself alone: `tools` is not each of them. */
function isNamed({ path }: ToldLoss, fact: Fact): boolean {
  return [fact.path, ...fact.names].some(
    (name) => name === path || (path.includes('.') && name.startsWith(`${path}.`)),
  );
}

function messageOf(path: string): string {
  return path.split('.').slice(0, 2).join('.');
}

/** What a tool gave counts together with the call that it answers. */
function withResults(facts: readonly Fact[]): readonly Fact[] {
  let id = '';
  return facts.map((fact) => {
    if (fact.kind === 'result') id = fact.value;
    return fact.lane === 'tool' && (fact.kind === 'text' || fact.kind === 'media')
      ? { ...fact, value: `${id}: ${fact.value}` }
      : fact;
  });
}

/** Ids of calls that had to be made up, or whose characters the format does not take, read as the ids that were asked. */
function idsAsAsked(asked: readonly Fact[], arrived: readonly Fact[]): readonly Fact[] {
  const idsOf = (facts: readonly Fact[]): string[] =>
    facts.flatMap(({ kind, value }) => (kind === 'call' ? [(JSON.parse(value) as [string])[0]] : []));
  const here = idsOf(asked);
  const unknown = idsOf(arrived).filter((id) => !here.includes(id));
  const missing = here.filter((id) => !idsOf(arrived).includes(id));
  const sameCall = new Map<string, string>();
  for (const id of missing) {
    const legal = id.replaceAll(/[^\w-]/g, '_');
    const found = unknown.find((one) =>
      id.startsWith('unnamed ') ? !here.includes(one) : one.startsWith(`${legal}_`),
    );
    if (found === undefined) continue;
    sameCall.set(found, id);
    unknown.splice(unknown.indexOf(found), 1);
  }
  return arrived.map((fact) => {
    if (fact.kind === 'result' || fact.kind === 'failed')
      return { ...fact, value: sameCall.get(fact.value) ?? fact.value };
    if (fact.kind !== 'call' && fact.kind !== 'arguments') return fact;
    const [id, what] = JSON.parse(fact.value) as [string, unknown];
    return { ...fact, value: JSON.stringify([sameCall.get(id) ?? id, what]) };
  });
}

function match(asked: readonly Fact[], arrived: readonly Fact[]) {
  const left = new Map(arrived.entries());
  const matches: Match[] = [];
  const missing: Fact[] = [];
  for (const here of asked) {
    const found = [...left].find(([, there]) => isSame(here, there));
    if (found === undefined) missing.push(here);
    else {
      left.delete(found[0]);
      matches.push({ here, there: found[1], at: found[0] });
    }
  }
  return { matches, missing, extra: [...left.values()] };
}

/** Media of a tool's result may follow in the user's words, and a document of text be told as that text. */
function isSame(here: Fact, there: Fact): boolean {
  if (here.lane === there.lane && here.kind === there.kind && here.value === there.value) return true;
  if (here.kind !== 'media') return false;
  const id = here.lane === 'tool' ? here.value.slice(0, here.value.indexOf(': ') + 2) : '';
  const value = here.value.slice(id.length);
  if (here.lane === 'tool' && there.lane === 'user' && there.kind === 'media') return there.value === value;
  if (there.kind !== 'text' || there.lane !== here.lane || !there.value.startsWith(id)) return false;
  return `text ${hash(there.value.slice(id.length))}` === value;
}

const spoken = new Set(['text', 'media', 'call', 'result', 'reasoning']);

/** Turns of one side in a row are one: a round is what all others say until the model answers, and its answer. */
function roundsOf(facts: readonly Fact[]): readonly number[] {
  let round = 0;
  let answered = false;
  return facts.map(({ lane }) => {
    if (lane !== 'assistant' && answered) round++;
    answered = lane === 'assistant';
    return round;
  });
}

/** In a round, results may come before the user's words, as the formats demand; all else keeps its order. */
function orderFaults(matches: readonly Match[]): string[] {
  const said = matches.filter(({ here }) => spoken.has(here.kind) && here.lane !== 'system');
  const arrived = said.toSorted((a, b) => a.at - b.at);
  const before = roundsOf(said.map(({ here }) => here));
  const after = roundsOf(arrived.map(({ there }) => there));
  const faults: string[] = [];
  const last = new Map<Lane, number>();
  for (const [index, one] of said.entries()) {
    const at = arrived.indexOf(one);
    const { kind, path, lane } = one.here;
    if (before[index] !== after[at])
      faults.push(`${kind} at ${path} arrived in round ${after[at]} instead of ${before[index]}`);
    if (one.there.lane !== lane) continue;
    if (at < (last.get(lane) ?? -1)) faults.push(`${kind} at ${path} arrived before what it followed`);
    last.set(lane, at);
  }
  return faults;
}

/** Instructions before which more, or less, of the conversation stands than did. */
function movedInstructions(matches: readonly Match[]): readonly Fact[] {
  const said = matches.filter(({ here }) => spoken.has(here.kind) && here.lane !== 'system');
  return matches
    .filter(({ here }) => here.lane === 'system' && here.kind === 'text')
    .filter((one) => {
      const before = said.filter((other) => matches.indexOf(other) < matches.indexOf(one)).length;
      return before !== said.filter((other) => other.at < one.at).length;
    })
    .map(({ here }) => here);
}

/** What stands on the far side because the format must have it, or instead of what is told as lost. */
function isMeant(
  { kind, value, lane }: Fact,
  asked: readonly Fact[],
  missing: readonly Fact[],
  losses: readonly ToldLoss[],
  target: 'anthropic' | 'chat',
): boolean {
  const lacks = (...kinds: readonly string[]): boolean => missing.some((one) => kinds.includes(one.kind));
  switch (kind) {
    case 'text':
      if (target === 'anthropic') return value === '.' && losses.some(({ path }) => path === 'messages');
      return (
        asked.some((one) => one.kind === 'media' && one.lane === 'tool') &&
        madeUp.test(lane === 'tool' ? value.slice(value.indexOf(': ') + 2) : value)
      );
    case 'output limit':
      return target === 'anthropic' && !asked.some((one) => one.kind === kind);
    case 'name':
      return target === 'chat' && /^document(\.pdf)?$/.test(value);
    case 'arguments':
      return missing.some(
        (one) =>
          one.kind === kind &&
          JSON.stringify(JSON.parse(one.value)[0]) === JSON.stringify(JSON.parse(value)[0]),
      );
    case 'effort':
    case 'thinking tokens':
      return lacks('effort', 'thinking tokens');
    case 'output additionalProperties':
      // Which is demanded of every object; what was asked instead must be told.
      return target === 'anthropic' && value.endsWith(',false]');
    default:
      return false;
  }
}
