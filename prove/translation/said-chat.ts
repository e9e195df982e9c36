import { detailsText, thinkingText } from './extract-chat.ts';
import {
  counts,
  countsBelow,
  foreignPart,
  part,
  rest,
  type Said,
  type SaidCitation,
  type SaidPart,
  tierOf,
} from './said.ts';
import { canonicalText, count, isNothing, isRecord, list, record, text, typeOf, type Wire } from './wire.ts';

const frame = ['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier', 'obfuscation'];
const ofMessage = [
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'annotations',
  'audio',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
];

/** OpenAI API reference, "The chat completion object", November 2026, with what servers like it add. */
export function chatReply(body: Wire): Said {
  const choices = list(body['choices']).map(record);
  const choice = choices[0] ?? {};
  const message = record(choice['message']);
  const reading = new Reading();
  reading.push(message);
  return {
    ...ending(body, text(choice['finish_reason']), text(choice['stop_reason'])),
    parts: reading.finished(),
    members: {
      ...rest(body, [...frame, ...(tierOf(body['service_tier']) === undefined ? ['service_tier'] : [])]),
      ...rest(choice, ['index', 'message', 'finish_reason', 'stop_reason'], 'choices.0.'),
      ...rest(message, ofMessage, 'choices.0.message.'),
      ...reading.otherAnnotations,
      ...Object.fromEntries(choices.slice(1).map((other, at) => [`choices.${at + 1}`, other])),
    },
    illegal: [],
  };
}

function ending(body: Wire, stop: string | undefined, sequence: string | undefined) {
  const usage = isRecord(body['usage']) ? body['usage'] : record(body['x_groq'])['usage'];
  return {
    stop,
    sequence,
    usage: isRecord(usage) ? usageOf(usage) : undefined,
    tier: tierOf(body['service_tier']) ?? tierOf(record(usage)['service_tier']),
  };
}

/** Input includes what was cached. Some count reasoning beside the output, which the total then shows. */
function usageOf(usage: Wire): Readonly<Record<string, number>> {
  const input = record(usage['prompt_tokens_details']);
  const output = record(usage['completion_tokens_details']);
  const [prompt, completion, total] = ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((key) =>
    count(usage[key]),
  );
  const reasoning = count(output['reasoning_tokens']) ?? 0;
  const isBeside =
    reasoning > 0 && total !== undefined && total === (prompt ?? 0) + (completion ?? 0) + reasoning;
  return counts({
    inputTokens: prompt,
    outputTokens: isBeside ? (completion ?? 0) + reasoning : completion,
    cachedInputTokens:
      input['cached_tokens'] ??
      usage['prompt_cache_hit_tokens'] ??
      usage['cached_tokens'] ??
      usage['num_cached_tokens'],
    cacheWriteTokens: input['cache_write_tokens'],
    reasoningTokens: output['reasoning_tokens'],
    audioInputTokens: input['audio_tokens'],
    audioOutputTokens: output['audio_tokens'],
    imageInputTokens: input['image_tokens'],
    ...countsBelow('serverToolRequests', usage['server_tool_use'] ?? usage['server_tool_use_details']),
  });
}

interface GrowingCall {
  readonly part: SaidPart;
  readonly index: number | undefined;
  id: string;
  name: string;
  json: string;
  isCustom: boolean;
}

/** A message, given whole or in deltas, as parts in the order in which they appear. */
class Reading {
  readonly #parts: SaidPart[] = [];
  readonly #calls: GrowingCall[] = [];
  readonly #annotations: unknown[] = [];
  #details: unknown[] = [];
  #audio: Wire = {};
  #spoken = false;
  otherAnnotations: Wire = {};

  push(message: Wire): void {
    const said = text(message['reasoning_content']) || text(message['reasoning']) || '';
    const details = list(message['reasoning_details']);
    this.#spoken ||= said !== '';
    this.#details.push(...details);
    const shown = this.#spoken ? said : detailsText(details);
    if (shown !== '' || details.length > 0)
      this.#grow('reasoning', shown, rest({ reasoning_details: details }, []));
    const { content } = message;
    for (const piece of typeof content === 'string' ? [content] : list(content)) {
      const given = record(piece);
      if (typeof piece === 'string') this.#grow('text', piece);
      else if (typeOf(given) === 'thinking')
        this.#grow('reasoning', thinkingText(given), rest(given, ['type', 'thinking']));
      else if (text(given['text']) !== undefined) this.#grow('text', text(given['text']) ?? '');
      else if (typeOf(given) === 'refusal') this.#grow('refusal', text(given['refusal']) ?? '');
      else this.#parts.push(foreignPart(given));
    }
    this.#annotations.push(...list(message['annotations']));
    this.#grow('refusal', text(message['refusal']) ?? '');
    for (const call of list(message['tool_calls'])) this.#call(record(call));
    if (isRecord(message['function_call'])) this.#call({ index: 0, function: message['function_call'] });
    this.#audio = { ...this.#audio, ...record(message['audio']) };
  }

  finished(): readonly SaidPart[] {
    for (const { part: call, id, name, json, isCustom } of this.#calls) {
      const whole = {
        kind: isCustom ? 'foreign' : 'call',
        id,
        name: isCustom ? 'custom' : name,
        text: canonicalText(json),
      };
      Object.assign(call, whole);
    }
    if (!isNothing(this.#audio)) this.#parts.push(foreignPart({ type: 'audio', audio: this.#audio }));
    this.#annotate();
    return this.#parts;
  }

  #grow(kind: 'text' | 'reasoning' | 'refusal', said: string, members: Wire = {}): void {
    if (said === '' && kind !== 'reasoning') return;
    const last = this.#parts.at(-1);
    if (last?.kind === kind) {
      last.text += said;
      last.members = { ...last.members, ...members };
    } else this.#parts.push(part(kind, said, { members }));
  }

  /** Some repeat the id with every piece, some leave the number out, some give several calls the same. */
  #call(delta: Wire): void {
    const index = count(delta['index']);
    const id = text(delta['id']) ?? '';
    const called = record(delta['function'] ?? delta['custom']);
    const name = text(called['name']) ?? '';
    let known = this.#calls.findLast((call) =>
      index === undefined
        ? id !== '' && call.id === id
        : call.index === index && (id === '' || name === '' || call.id === id || call.id === ''),
    );
    if (known === undefined && index === undefined && id === '' && name === '') known = this.#calls.at(-1);
    if (known === undefined) {
      known = { part: part('call', ''), index, id: '', name: '', json: '', isCustom: 'custom' in delta };
      this.#calls.push(known);
      this.#parts.push(known.part);
    }
    known.id ||= id;
    known.name ||= name;
    const json = called['arguments'] ?? called['input'];
    known.json +=
      typeof json === 'string' ? json : json === undefined || json === null ? '' : JSON.stringify(json);
    known.part.members = {
      ...known.part.members,
      ...rest(delta, ['index', 'id', 'type', 'function', 'custom']),
      ...rest(called, ['name', 'arguments', 'input'], 'function.'),
    };
  }

  /** Annotations count in the one text of a message; where it is in pieces, they belong to none of them. */
  #annotate(): void {
    const texts = this.#parts.filter(({ kind }) => kind === 'text');
    const [only] = texts;
    const others: unknown[] = [];
    for (const annotation of this.#annotations) {
      const cited = record(record(annotation)['url_citation']);
      if (isNothing(cited) || only === undefined) others.push(annotation);
      else only.citations.push(readCitation(cited));
    }
    if (others.length > 0) this.otherAnnotations = { 'choices.0.message.annotations': others };
  }
}

function readCitation(cited: Wire): SaidCitation {
  const start = count(cited['start_index']) ?? 0;
  const end = count(cited['end_index']) ?? 0;
  return {
    url: text(cited['url']),
    title: text(cited['title']),
    quote: undefined,
    hasRange: end > start,
    members: Object.keys(rest(cited, ['url', 'title', 'start_index', 'end_index'], 'url_citation.')),
  };
}

/** Chunks of a stream, put together delta by delta. */
export function chatStream(chunks: readonly unknown[]): Said {
  const reading = new Reading();
  const whole: Record<string, unknown> = {};
  let choiceMembers: Wire = {};
  let messageMembers: Wire = {};
  let stop: string | undefined;
  let sequence: string | undefined;
  let answer: number | undefined;
  const others: Record<string, unknown> = {};
  const illegal: string[] = [];
  for (const chunk of chunks.map(record)) {
    for (const [key, value] of Object.entries(chunk)) if (value !== null) whole[key] = value;
    for (const [at, choice] of list(chunk['choices']).map(record).entries()) {
      const index = count(choice['index']) ?? at;
      answer ??= index;
      if (index !== answer) {
        others[`choices.${index}`] = true;
        continue;
      }
      const delta = record(choice['delta']);
      if (stop !== undefined && text(delta['content'])) illegal.push('text after the end');
      reading.push(delta);
      stop = text(choice['finish_reason']) || stop;
      sequence = text(choice['stop_reason']) ?? sequence;
      choiceMembers = {
        ...choiceMembers,
        ...rest(choice, ['index', 'delta', 'message', 'finish_reason', 'stop_reason'], 'choices.0.'),
      };
      messageMembers = { ...messageMembers, ...rest(delta, ofMessage, 'choices.0.message.') };
    }
  }
  const parts = reading.finished();
  return {
    ...ending(whole, stop, sequence),
    parts,
    members: {
      ...rest(whole, frame),
      ...choiceMembers,
      ...messageMembers,
      ...reading.otherAnnotations,
      ...others,
    },
    illegal,
  };
}
