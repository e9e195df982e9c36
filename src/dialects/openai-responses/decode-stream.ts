import type { StreamEvent } from '../../core/stream-event.ts';
import type { EventDecoder } from '../neutral/codec.ts';
import { argumentsOf } from '../neutral/arguments.ts';
import type { NeutralEvent } from '../neutral/event.ts';
import type { AssistantPart } from '../neutral/message.ts';
import { asCount, asText, items, member, withMember } from '../record.ts';
import { decodeOutputItem, decodeOutputPart, isSaid } from './decode-output.ts';
import { replyExtras, withoutState } from './decode-reply.ts';
import { present } from './members.ts';
import { decodeStop } from './stop.ts';
import { stream } from './stream.ts';
import { responseUsage } from './usage.ts';

type Kind = Exclude<AssistantPart['type'], 'foreign'>;

/** A part of the answer that has begun. */
interface Begun {
  readonly part: number;
  readonly kind: Kind;
  /** Of a call. */
  readonly id: string;
  readonly name: string;
  /** As told so far: whoever tells it whole at the end may have told less before. */
  text: string;
  citations: number;
  /** Of a reasoning item: which of its texts is told, and the last one's number. */
  told?: { readonly type: 'summary' | 'content'; last: number };
  ended: boolean;
}

/** OpenAI API reference, "Streaming events" of Responses, November 2026. */
export class ResponseDecoder implements EventDecoder {
  #started = false;
  #over = false;
  /** By output index, and for content of messages also by content index. */
  readonly #begun = new Map<string, Begun>();
  readonly #kinds: AssistantPart['type'][] = [];
  /** Messages as they began; whether another message's part stands right before them. */
  readonly #messages = new Map<string, { readonly item: unknown; readonly follows: boolean }>();
  readonly #done = new Set<unknown>();

  push(event: StreamEvent): readonly NeutralEvent[] {
    if (this.#over) return [];
    const error = stream.error(event);
    if (error !== undefined) return this.#last({ type: 'error', error });
    const json = event.json;
    const type = asText(member(json, 'type')) ?? '';
    if (!type.startsWith('response.')) return [];
    return [...this.#start(member(json, 'response')), ...this.#read(type, json)];
  }

  /** A regular end closes every part itself. */
  end(): readonly NeutralEvent[] {
    return [];
  }

  #read(type: string, json: unknown): readonly NeutralEvent[] {
    const output = indexOf(json);
    const content = `${output} ${asCount(member(json, 'content_index')) ?? 0}`;
    const delta = asText(member(json, 'delta')) ?? '';
    switch (type) {
      case 'response.output_item.added':
        return this.#added(output, member(json, 'item'));
      case 'response.content_part.added':
        return this.#partAdded(content, output, member(json, 'part'));
      case 'response.output_text.delta':
        return this.#grow(content, 'text', delta, output);
      case 'response.refusal.delta':
        return this.#grow(content, 'refusal', delta, output);
      case 'response.reasoning_summary_text.delta':
        return this.#think(output, 'summary', asCount(member(json, 'summary_index')) ?? 0, delta);
      case 'response.reasoning_text.delta':
        return this.#think(output, 'content', asCount(member(json, 'content_index')) ?? 0, delta);
      case 'response.function_call_arguments.delta':
        return this.#begun.has(output) ? this.#grow(output, 'tool-call', delta, output) : [];
      case 'response.output_text.annotation.added':
        return this.#cite(content, output, member(json, 'annotation'));
      case 'response.content_part.done':
        return this.#partDone(content, output, member(json, 'part'));
      case 'response.output_item.done':
        return this.#itemDone(output, member(json, 'item'));
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(member(json, 'response'));
      default:
        return [];
    }
  }

  #start(response: unknown): readonly NeutralEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const id = asText(member(response, 'id'));
    return [{ type: 'start', id, model: asText(member(response, 'model')), usage: undefined }];
  }

  #added(output: string, item: unknown): readonly NeutralEvent[] {
    switch (member(item, 'type')) {
      case 'message':
        this.#message(output, item);
        return [];
      case 'reasoning':
        return this.#begin(output, 'reasoning', item);
      case 'function_call':
        return this.#begin(output, 'tool-call', item);
      default:
        return [];
    }
  }

  #partAdded(key: string, output: string, part: unknown): readonly NeutralEvent[] {
    this.#message(output, undefined);
    switch (member(part, 'type')) {
      case 'output_text':
        return this.#begin(key, 'text', part);
      case 'refusal':
        return this.#begin(key, 'refusal', part);
      default:
        return [];
    }
  }

  #message(output: string, item: unknown): { readonly item: unknown; readonly follows: boolean } {
    const last = this.#kinds.at(-1);
    const known = this.#messages.get(output) ?? { item, follows: last === 'text' || last === 'refusal' };
    this.#messages.set(output, known);
    return known;
  }

  #begin(key: string, kind: Kind, native: unknown): readonly NeutralEvent[] {
    if (this.#begun.has(key)) return [];
    const part = this.#kinds.push(kind) - 1;
    const id = asText(member(native, 'call_id')) ?? '';
    const name = asText(member(native, 'name')) ?? '';
    this.#begun.set(key, { part, kind, id, name, text: '', citations: 0, ended: false });
    return [
      kind === 'tool-call'
        ? { type: 'tool-call-start', part, id, name }
        : { type: `${kind}-delta`, part, text: '' },
    ];
  }

  #grow(key: string, kind: Kind, text: string, output: string): readonly NeutralEvent[] {
    if (kind !== 'tool-call') this.#message(output, undefined);
    const beginning = this.#begin(key, kind, undefined);
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.kind !== kind || begun.ended || text === '') return beginning;
    begun.text += text;
    return [...beginning, { type: `${kind}-delta`, part: begun.part, text }];
  }

  /** Of summaries and the reasoning itself, which few tell both, what comes first is the text. */
  #think(output: string, type: 'summary' | 'content', index: number, text: string): readonly NeutralEvent[] {
    const beginning = this.#begin(output, 'reasoning', undefined);
    const begun = this.#begun.get(output);
    if (begun === undefined || begun.ended || begun.kind !== 'reasoning') return beginning;
    const told = (begun.told ??= { type, last: index });
    if (told.type !== type) return beginning;
    const gap = '\n\n'.repeat(Math.max(0, index - told.last));
    told.last = index;
    return [...beginning, ...this.#grow(output, 'reasoning', gap + text, output)];
  }

  #cite(key: string, output: string, annotation: unknown): readonly NeutralEvent[] {
    const decoded = decodeOutputPart({ type: 'output_text', text: '', annotations: [annotation] });
    const [citation] = decoded.type === 'text' ? (decoded.citations ?? []) : [];
    const beginning = this.#grow(key, 'text', '', output);
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.kind !== 'text' || begun.ended || citation === undefined)
      return beginning;
    begun.citations++;
    return [...beginning, { type: 'citation', part: begun.part, citation }];
  }

  #partDone(key: string, output: string, part: unknown): readonly NeutralEvent[] {
    const { item, follows } = this.#message(output, undefined);
    const first = key.endsWith(' 0');
    const [decoded] = first
      ? decodeOutputItem(withMember(withoutState(item ?? { type: 'message' }), 'content', [part]), follows)
      : [decodeOutputPart(part)];
    // Reasoning has content too; it ends with its item.
    return decoded === undefined || !isSaid(decoded) ? [] : this.#close(key, decoded);
  }

  #itemDone(output: string, item: unknown): readonly NeutralEvent[] {
    if (this.#done.has(output)) return [];
    this.#done.add(output).add(asText(member(item, 'id')) ?? output);
    const isMessage = (member(item, 'type') ?? 'message') === 'message';
    const follows = isMessage && this.#message(output, item).follows;
    return decodeOutputItem(withoutState(item), follows).flatMap((part, index) =>
      this.#close(isMessage ? `${output} ${index}` : output, part, asText(member(item, 'arguments'))),
    );
  }

  /** Ends a part, and tells before what was not told of it yet. `written`: the arguments of a call, word for word. */
  #close(key: string, part: AssistantPart, written?: string): readonly NeutralEvent[] {
    if (part.type === 'foreign') {
      return [{ type: 'foreign', part: this.#kinds.push('foreign') - 1, value: part }];
    }
    const native = part.type === 'tool-call' ? { call_id: part.id, name: part.name } : undefined;
    const beginning = this.#begin(key, part.type, native);
    const begun = this.#begun.get(key);
    if (begun === undefined || begun.kind !== part.type || begun.ended) return beginning;
    const whole = part.type === 'tool-call' ? (written ?? '') : part.text;
    const missing = whole.startsWith(begun.text) ? whole.slice(begun.text.length) : '';
    const citations = part.type === 'text' ? (part.citations ?? []).slice(begun.citations) : [];
    begun.ended = true;
    return [
      ...beginning,
      ...(missing === '' ? [] : [{ type: `${part.type}-delta` as const, part: begun.part, text: missing }]),
      ...citations.map((citation) => ({ type: 'citation', part: begun.part, citation }) as const),
      part.type === 'tool-call'
        ? { ...part, part: begun.part }
        : { type: 'part-end', part: begun.part, ...present({ extras: part.extras }) },
    ];
  }

  #finish(response: unknown): readonly NeutralEvent[] {
    const unseen = items(member(response, 'output')).flatMap((item, index) =>
      this.#done.has(asText(member(item, 'id')) ?? '') ? [] : this.#itemDone(String(index), item),
    );
    return [
      ...unseen,
      ...[...this.#begun.values()].filter(({ ended }) => !ended).map(ended),
      ...this.#last({
        type: 'finish',
        stop: decodeStop(response, {
          calls: this.#kinds.includes('tool-call'),
          refused: this.#kinds.includes('refusal'),
        }),
        usage: responseUsage(response),
        ...replyExtras(response),
      }),
    ];
  }

  #last(event: NeutralEvent): readonly NeutralEvent[] {
    this.#over = true;
    return [event];
  }
}

/** The end of a part that the stream did not end. */
function ended({ part, kind, id, name, text }: Begun): NeutralEvent {
  return kind === 'tool-call'
    ? { type: kind, part, id, name, arguments: argumentsOf(text) }
    : { type: 'part-end', part };
}

function indexOf(json: unknown): string {
  const id = asText(member(json, 'item_id')) ?? asText(member(member(json, 'item'), 'id'));
  return String(asCount(member(json, 'output_index')) ?? id ?? 0);
}
