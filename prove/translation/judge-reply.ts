import type { Judgement, ToldLoss } from './judge-request.ts';
import type { Said, SaidPart } from './said.ts';

export type Format = 'anthropic' | 'chat' | 'responses';

/** Something an answer says that did not arrive, or not as it was. */
interface Missing {
  readonly kind: string;
  readonly names: readonly string[];
}

/**
 * Whether all that was answered arrived or is told as lost, and nothing is told as lost that arrived, or arrived that was
 * never answered.
 */
export function judgeReply(
  answered: Said,
  arrived: Said,
  losses: readonly ToldLoss[],
  from: Format,
  to: Format,
): Judgement {
  const failures = [...arrived.illegal];
  const here = [...facts(answered)];
  const missing: Missing[] = [
    ...missingTexts(answered, arrived, failures),
    ...missingCalls(answered, arrived, failures),
    ...missingCitations(answered, arrived),
    ...missingUsage(answered, arrived, failures),
    ...missingStop(answered, arrived, from, to, failures),
    ...here.filter(({ kind }) => kind === 'member' || kind === 'foreign'),
  ];
  const told = (one: Missing): boolean => losses.some((loss) => isNamed(loss, one));
  const wholes = missing
    .filter((one) => /^content\.\d+$/.test(one.names[0] ?? '') && told(one))
    .map(({ names }) => names[0] ?? '');
  for (const one of missing) {
    const isPartOfLost = wholes.some((path) => one.names[0]?.startsWith(`${path}.`));
    if (!told(one) && !isPartOfLost)
      failures.push(`${one.kind} at ${one.names[0]} did not arrive, which is not told`);
  }
  for (const loss of losses) {
    if (missing.some((one) => isNamed(loss, one))) continue;
    failures.push(
      here.some((one) => isNamed(loss, one))
        ? `\`${loss.path}\` is told as lost and arrived`
        : `\`${loss.path}\` is told as lost, where nothing was`,
    );
  }
  return {
    failures,
    lost: missing.map(({ kind, names }) =>
      kind === 'member' ? (names[0]?.replaceAll(/\.\d+/g, '') ?? kind) : kind,
    ),
  };
}

/** A name of one word stands for itself alone: `usage` is not all that is counted. */
function isNamed({ path }: ToldLoss, { names }: Missing): boolean {
  return names.some((name) => name === path || (path.includes('.') && name.startsWith(`${path}.`)));
}

/** Everything that a loss could name. */
function* facts({ parts, members, usage, tier }: Said): Generator<Missing> {
  for (const [index, { kind, name, citations, members: own }] of parts.entries()) {
    const path = `content.${index}`;
    if (kind === 'foreign') yield { kind, names: [path, `${path}.${name ?? ''}`] };
    else yield { kind: 'part', names: [path, `${path}.arguments`] };
    for (const key of Object.keys(own)) yield { kind: 'member', names: [`${path}.${key}`] };
    for (const [at] of citations.entries()) yield { kind: 'citation', names: [`${path}.citations.${at}`] };
  }
  for (const key of Object.keys(members)) yield { kind: 'member', names: namesOfMember(key) };
  for (const name of Object.keys(usage ?? {})) yield { kind: 'usage', names: [`usage.${name}`] };
  if (tier !== undefined) yield { kind: 'usage', names: ['usage.serviceTier', 'service_tier'] };
}

/** What usage says beside counts has a name of ours where it is one of ours. */
function namesOfMember(key: string): readonly string[] {
  if (!key.startsWith('usage.')) return [key];
  const ours = key.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return [key, ours, 'usage'];
}

/** Pieces of text may be joined: what counts is that all of each kind is there, in its order, and nothing else. */
function* missingTexts(answered: Said, arrived: Said, failures: string[]): Generator<Missing> {
  for (const kind of ['text', 'reasoning', 'refusal'] as const) {
    // Without a place for refusals their words are the answer's.
    const isKind = (part: SaidPart): boolean => part.kind === kind;
    let left = arrived.parts
      .filter(isKind)
      .map(({ text }) => text)
      .join('');
    for (const [index, part] of answered.parts.entries()) {
      if (!isKind(part)) continue;
      const at = left.indexOf(part.text);
      const words = arrived.parts.filter(({ kind: other }) => other === 'text');
      if (at === 0) left = left.slice(part.text.length);
      else if (kind === 'refusal' && words.some(({ text }) => text === part.text)) continue;
      else yield { kind, names: [`content.${index}`, `content.${index}.${kind}`] };
    }
    const refusals = answered.parts.filter((part) => part.kind === 'refusal').map(({ text }) => text);
    if (left.trim() !== '' && !(kind === 'text' && refusals.includes(left)))
      failures.push(`${kind} arrived that was never answered`);
  }
}

function* missingCalls(answered: Said, arrived: Said, failures: string[]): Generator<Missing> {
  const calls = arrived.parts.filter(({ kind }) => kind === 'call');
  let next = 0;
  for (const [index, { kind, id, name, text }] of answered.parts.entries()) {
    if (kind !== 'call') continue;
    const call = calls[next];
    const isSame = call?.name === name && (call?.id === id || id === '');
    if (!isSame || call === undefined) {
      yield { kind, names: [`content.${index}`] };
      continue;
    }
    next++;
    if (call.text !== text) yield { kind: 'arguments', names: [`content.${index}.arguments`] };
  }
  if (next < calls.length) failures.push('a call arrived that was never answered, or out of order');
}

function* missingCitations(answered: Said, arrived: Said): Generator<Missing> {
  const left = arrived.parts.flatMap(({ citations }) => citations);
  for (const [index, { citations }] of answered.parts.entries()) {
    for (const [number, cited] of citations.entries()) {
      const path = `content.${index}.citations.${number}`;
      const found = left.findIndex(
        ({ url, title }) =>
          url !== undefined &&
          url === cited.url &&
          (cited.title === undefined || cited.title === '' || title === cited.title),
      );
      const there = left[found];
      if (there === undefined) {
        yield { kind: 'citation', names: [path, ...cited.members.map((name) => `${path}.${name}`)] };
        continue;
      }
      left.splice(found, 1);
      if (cited.quote !== undefined && there.quote !== cited.quote)
        yield { kind: 'quote', names: [`${path}.quote`] };
      if (cited.hasRange && !there.hasRange) yield { kind: 'range of a citation', names: [`${path}.start`] };
      for (const name of cited.members) yield { kind: 'place of a citation', names: [`${path}.${name}`] };
    }
  }
}

/** Counts of zero say nothing, and stand where a format must have a number. */
function* missingUsage(answered: Said, arrived: Said, failures: string[]): Generator<Missing> {
  const isTold =
    answered.usage?.['inputTokens'] !== undefined && answered.usage['outputTokens'] !== undefined;
  if (!isTold && arrived.usage !== undefined) yield { kind: 'usage', names: ['usage'] };
  // Some servers count what was cached beside the input, which another format's sum of both cannot tell.
  const cached = (answered.usage?.['cachedInputTokens'] ?? 0) + (answered.usage?.['cacheWriteTokens'] ?? 0);
  for (const [name, tokens] of Object.entries(answered.usage ?? {})) {
    const there = arrived.usage?.[name] ?? 0;
    if (tokens !== there && !(name === 'inputTokens' && there === cached && there > tokens))
      yield { kind: name.replace(/\..*/, ''), names: [`usage.${name}`] };
  }
  for (const [name, tokens] of Object.entries(arrived.usage ?? {})) {
    if (tokens > 0 && answered.usage?.[name] === undefined)
      failures.push(`${name} arrived that was never told`);
  }
  if (answered.tier !== undefined && answered.tier !== arrived.tier)
    yield { kind: 'service tier', names: ['usage.serviceTier', 'service_tier'] };
}

type Holds = 'calls' | 'refusal' | 'answer';

/** What each word for the end must become, and whether it then says less than it did. */
const words: Readonly<Record<string, (holds: Holds) => readonly [word: string, isLess?: 'less']>> = {
  'anthropic chat end_turn': () => ['stop'],
  'anthropic chat max_tokens': () => ['length'],
  'anthropic chat stop_sequence': () => ['stop'],
  'anthropic chat tool_use': () => ['tool_calls'],
  'anthropic chat pause_turn': () => ['stop', 'less'],
  'anthropic chat refusal': (holds) => [holds === 'refusal' ? 'stop' : 'content_filter'],
  'anthropic chat model_context_window_exceeded': () => ['length'],
  'anthropic responses end_turn': () => ['completed'],
  'anthropic responses max_tokens': () => ['incomplete: max_output_tokens'],
  'anthropic responses stop_sequence': () => ['completed', 'less'],
  'anthropic responses tool_use': () => ['completed'],
  'anthropic responses pause_turn': () => ['incomplete', 'less'],
  'anthropic responses refusal': (holds) =>
    holds === 'refusal' ? ['completed'] : ['incomplete: content_filter', 'less'],
  'anthropic responses model_context_window_exceeded': () => ['incomplete: max_output_tokens', 'less'],
  'chat anthropic stop': (holds) => [{ calls: 'tool_use', refusal: 'refusal', answer: 'end_turn' }[holds]],
  'chat anthropic length': () => ['max_tokens'],
  'chat anthropic tool_calls': () => ['tool_use'],
  'chat anthropic function_call': () => ['tool_use'],
  'chat anthropic content_filter': () => ['refusal'],
  'chat anthropic model_length': () => ['model_context_window_exceeded'],
  'chat responses stop': () => ['completed'],
  'chat responses length': () => ['incomplete: max_output_tokens'],
  'chat responses tool_calls': () => ['completed'],
  'chat responses function_call': () => ['completed'],
  'chat responses content_filter': () => ['incomplete: content_filter'],
  'chat responses model_length': () => ['incomplete: max_output_tokens', 'less'],
};

/** What a regular end is called, which stands for words that the format does not have. */
const regular: Readonly<Record<Format, string>> = {
  anthropic: 'end_turn',
  chat: 'stop',
  responses: 'completed',
};

function* missingStop(
  answered: Said,
  arrived: Said,
  from: Format,
  to: Format,
  failures: string[],
): Generator<Missing> {
  const holds = answered.parts.some(
    ({ kind, name }) => kind === 'call' || (kind === 'foreign' && name === 'custom'),
  )
    ? 'calls'
    : answered.parts.some(({ kind }) => kind === 'refusal')
      ? 'refusal'
      : 'answer';
  const { stop = 'stop', sequence } = answered;
  const [word, isLess] = words[`${from} ${to} ${stop}`]?.(holds) ?? [regular[to], 'less'];
  if (arrived.stop !== word)
    failures.push(`it ended as ${String(arrived.stop)} instead of ${word}, for ${stop}`);
  const isUnknown = words[`${from} ${to} ${stop}`] === undefined;
  if (isLess === 'less')
    yield {
      kind: 'stop reason',
      names: ['stop.reason', ...(isUnknown ? ['choices.0.finish_reason', 'stop_reason'] : [])],
    };
  if (sequence !== undefined && arrived.sequence !== sequence)
    yield { kind: 'stop sequence', names: ['stop.sequence'] };
}
