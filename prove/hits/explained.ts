import type { Form } from './ask.ts';
import type { Difference } from './differences.ts';
import type { Line } from './lines.ts';

/** How an answer was asked for when it was kept, and how it is given again. */
export type Way = readonly [kept: 'plain' | 'stream', given: Form];

interface Rule {
  readonly reason: string;
  holds(difference: Difference): boolean;
}

const at =
  (pattern: RegExp): Rule['holds'] =>
  ({ path }) =>
    pattern.test(path);

/** Of the two ways in which the SDK itself tells one answer, whole and by its helper for streams. */
const betweenForms: readonly Rule[] = [
  {
    reason:
      'plain answers say by `null`, or by an empty list or text, what streams and helpers leave out, or the reverse',
    holds: ({ wanted, given }) => isNothing(wanted) && isNothing(given),
  },
  {
    reason: 'the SDK’s stream helpers add what they have parsed: text by a schema, arguments of strict tools',
    holds: at(/(^|\.)(parsed|parsed_arguments|output_parsed|parsed_output)$/),
  },
  {
    reason:
      'the SDK’s helper keeps only the last piece of what it does not know: reasoning, citations, a vendor’s finish reason',
    holds: at(
      /\.(reasoning|reasoning_content|native_finish_reason)$|\.(reasoning_details|annotations)(\.|$)/,
    ),
  },
  {
    reason: 'the SDK’s helper makes text of a content that is none (Mistral’s parts)',
    holds: ({ path, wanted, given }) =>
      path.endsWith('.message.content') &&
      [wanted, given].some((text) => String(text).includes('[object Object]')),
  },
  {
    reason: 'Anthropic’s helper leaves the service tier of a stream’s last event alone',
    holds: at(/^usage\.service_tier$/),
  },
  {
    reason: 'servers put members of chunks into plain answers: `delta`, the index of a call',
    holds: at(/^choices\.\d+\.(delta|message\.tool_calls\.\d+\.index)$/),
  },
  {
    reason: 'a call of a function is streamed as one where its server has not said so',
    holds: ({ path, wanted, given }) =>
      /\.tool_calls\.\d+\.type$/.test(path) && wanted === undefined && given === 'function',
  },
];

/** Of a stream and the same stream given again. */
const betweenStreams: readonly Rule[] = [
  {
    reason: 'the provider tells `usage: null` in every chunk, unasked: it is told to whoever asks for usage',
    holds: ({ path, wanted, given }) => /^\d+\.usage$/.test(path) && wanted === null && given === undefined,
  },
  {
    reason: 'the provider tells usage in a chunk of its own, unasked: it is told to whoever asks for it',
    holds: ({ path, wanted, given }) =>
      /^\d+$/.test(path) && given === undefined && Object(wanted).choices?.length === 0,
  },
];

const ofTranslations: Rule = {
  reason: 'a translated answer has ids, and a time, of its own in every call',
  holds: ({ path, wanted, given }) =>
    /(^|\.)(id|item_id|created|created_at|completed_at)$/.test(path) && typeof wanted === typeof given,
};

/** Why a difference is meant; `undefined` where it is not. */
export function explain(difference: Difference, line: Line, [kept, form]: Way): string | undefined {
  const crosses = kept === 'plain' ? form !== 'plain' : form === 'plain';
  const rules = [
    ...(crosses ? betweenForms : betweenStreams),
    ...(line.isTranslated && form !== kept ? [ofTranslations] : []),
  ];
  return rules.find(({ holds }) => holds(difference))?.reason;
}

function isNothing(value: unknown): boolean {
  return value == null || value === '' || (Array.isArray(value) && value.length === 0);
}
