import type { NeutralEvent } from '../neutral/event.ts';
import type { AssistantPart } from '../neutral/message.ts';
import { asRecord, assignable, asText, type JsonRecord, member } from '../record.ts';
import { decodeCitation } from './citations.ts';
import { assistantPart, contentItems, foreign } from './decode-content.ts';
import { extrasOf, ownExtras } from './extras.ts';
import { asList, Members } from './members.ts';
import { answeredExtras, reasoningText, type ShownReasoning, takeReasoning } from './reasoning.ts';
import { StreamedToolCalls } from './stream-tool-calls.ts';

type Kind = 'text' | 'reasoning' | 'refusal';

/** A part that still grows. */
interface OpenPart {
  readonly kind: Kind;
  readonly part: number;
  extras: JsonRecord;
  shown: ShownReasoning;
}

const nothingShown: ShownReasoning = { content: '', reasoning: '', details: [] };

/**
 * The message that deltas add up to, as parts. Text, reasoning and refusal end where another part begins; what comes
 * of them later is a part of its own.
 */
export class StreamedMessage {
  #parts = 0;
  readonly #calls = new StreamedToolCalls(() => this.#parts++);
  #open: OpenPart | undefined;
  /** Length of all text, and of that before the open part: citations count from the message's beginning. */
  #length = 0;
  #offset = 0;
  #audio: Record<string, unknown> | undefined;
  /** Whether a member of plain text has told reasoning. */
  #spoken = false;
  refused = false;
  /** Members of the message that neutral events have no part for. */
  rest: JsonRecord = {};

  set replyId(id: string | undefined) {
    this.#calls.replyId = id;
  }

  get calls(): boolean {
    return this.#calls.any;
  }

  *push(delta: unknown): Generator<NeutralEvent> {
    const members = new Members(delta);
    members.ignore('role', 'content');
    yield* this.#reasoning(takeReasoning(members));
    for (const item of contentItems(member(delta, 'content')))
      yield* this.#content(assistantPart(item, 'answered'));
    const refusal = members.take('refusal', asText);
    if (refusal) yield* this.#grow('refusal', refusal);
    for (const annotation of members.take('annotations', asList) ?? []) yield* this.#annotate(annotation);
    const calls = members.take('tool_calls', asList);
    if (calls !== undefined && calls.length > 0) {
      yield* this.#closeOpen();
      yield* this.#calls.push(calls);
    }
    const called = members.take('function_call', asRecord);
    if (called !== undefined) {
      yield* this.#closeOpen();
      yield* this.#calls.pushFunction(called);
    }
    this.#hear(members.take('audio', asRecord));
    this.rest = { ...this.rest, ...members.rest };
  }

  /** Ends every part. */
  *close(): Generator<NeutralEvent> {
    yield* this.#closeOpen();
    yield* this.#calls.endAll();
    if (this.#audio !== undefined) {
      const value = foreign({ type: 'audio', audio: this.#audio });
      this.#audio = undefined;
      yield { type: 'foreign', part: this.#parts++, value };
    }
  }

  *#content(part: AssistantPart): Generator<NeutralEvent> {
    switch (part.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        if (part.text !== '') yield* this.#grow(part.type, part.text);
        if (this.#open?.kind === part.type) {
          this.#open.extras = { ...this.#open.extras, ...ownExtras(part.extras) };
        }
        return;
      case 'foreign':
        yield* this.#closeOpen();
        yield { type: 'foreign', part: this.#parts++, value: part };
        return;
      default:
        part satisfies { readonly type: 'tool-call' };
    }
  }

  *#reasoning(shown: ShownReasoning): Generator<NeutralEvent> {
    const said = shown.content || shown.reasoning;
    this.#spoken ||= said !== '';
    // Details repeat what another member says, be it deltas earlier.
    const text = this.#spoken ? said : reasoningText(shown);
    if (text === '' && shown.details.length === 0) return;
    yield* this.#grow('reasoning', text);
    if (this.#open === undefined) return;
    const before = this.#open.shown;
    this.#open.shown = {
      content: before.content + shown.content,
      reasoning: before.reasoning + shown.reasoning,
      details: [...before.details, ...shown.details],
    };
  }

  *#annotate(annotation: unknown): Generator<NeutralEvent> {
    const citation = decodeCitation(annotation);
    if (citation === undefined) {
      this.rest = { ...this.rest, annotations: [...(asList(this.rest['annotations']) ?? []), annotation] };
      return;
    }
    if (this.#open?.kind !== 'text') yield* this.#grow('text', '');
    const { start, end, ...whole } = citation;
    const ranged = start !== undefined && end !== undefined && start >= this.#offset;
    const range = ranged ? { start: start - this.#offset, end: end - this.#offset } : {};
    yield { type: 'citation', part: this.#open?.part ?? 0, citation: { ...whole, ...range } };
  }

  /** More of a part, which it begins where none of that kind is open. */
  *#grow(kind: Kind, text: string): Generator<NeutralEvent> {
    if (this.#open?.kind !== kind) {
      yield* this.#closeOpen();
      yield* this.#calls.endWhole();
      this.#open = { kind, part: this.#parts++, extras: {}, shown: nothingShown };
      this.#offset = this.#length;
    }
    if (kind === 'text') this.#length += text.length;
    if (kind === 'refusal') this.refused = true;
    yield { type: `${kind}-delta`, part: this.#open?.part ?? 0, text };
  }

  *#closeOpen(): Generator<NeutralEvent> {
    if (this.#open === undefined) return;
    const { part, extras, shown } = this.#open;
    this.#open = undefined;
    const handedBack = answeredExtras(shown);
    const own = extrasOf({ ...ownExtras(handedBack), ...extras });
    yield { type: 'part-end', part, ...(handedBack === undefined ? own : { extras: handedBack, ...own }) };
  }

  #hear(audio: JsonRecord | undefined): void {
    if (audio === undefined) return;
    const heard = (this.#audio ??= {});
    for (const [key, value] of assignable(audio)) {
      const before = asText(heard[key]);
      const grows = (key === 'data' || key === 'transcript') && typeof value === 'string';
      if (value != null) heard[key] = grows ? (before ?? '') + value : value;
    }
  }
}
