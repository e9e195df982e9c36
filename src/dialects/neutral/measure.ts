import type { RequestMeasure } from '../../core/estimates.ts';
import { asCount, asRecord, member } from '../record.ts';
import { measured, RequestTally } from '../request-tally.ts';
import { readExtras } from './foreign.ts';

const known = new Set([
  'model',
  'messages',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'output',
  'maxOutputTokens',
  'stopSequences',
  'temperature',
  'topP',
  'topK',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
  'reasoning',
  'endUserId',
  'extras',
]);

/** Of extras, what the lens of their dialect finds. */
export function measure(body: unknown): RequestMeasure {
  const extras = readExtras(body).map(([, members, lens]) => lens.measure(members));
  const told = <K extends 'maxOutputTokens' | 'serviceTier'>(key: K) =>
    extras.find((each) => each[key] !== undefined)?.[key];
  const most = (key: 'leastOutputTokens' | 'answers'): number =>
    Math.max(0, ...extras.map((each) => each[key]));
  return measured((collected) => tally(body, extras, collected), {
    maxOutputTokens: asCount(member(body, 'maxOutputTokens')) ?? told('maxOutputTokens'),
    leastOutputTokens:
      asCount(member(member(body, 'reasoning'), 'budgetTokens')) ?? most('leastOutputTokens'),
    answers: most('answers'),
    serverTools: extras.flatMap(({ serverTools }) => serverTools),
    serviceTier: told('serviceTier'),
    background: extras.some(({ background }) => background),
  });
}

function tally(
  body: unknown,
  extras: readonly RequestMeasure[],
  collected: string[] | undefined,
): RequestTally {
  const size = new RequestTally(collected)
    .conversation(member(body, 'messages'))
    .definitions(member(body, 'tools'))
    .form(member(body, 'output'))
    .others(body, known)
    .partial(asRecord(body) === undefined);
  for (const each of extras) size.add(each);
  return size;
}
