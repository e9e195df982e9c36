import type { StreamEvent } from '../../core/stream-event.ts';
import type { Usage } from '../../core/usage.ts';
import type { EventDecoder } from '../neutral/codec.ts';
import type { NeutralEvent } from '../neutral/event.ts';
import type { Loss } from '../neutral/loss.ts';
import { asCount, asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { otherChoice } from './decode-reply.ts';
import { below, extrasOf, merged } from './extras.ts';
import { decodeStop } from './finish-reason.ts';
import { asId, Members } from './members.ts';
import { stream } from './stream.ts';
import { StreamedMessage } from './stream-message.ts';
import { chatUsage } from './usage.ts';

/**
 * Chunks as neutral events. OpenAI API reference, "The chat completion chunk object", November 2026. The finish waits for
 * the usage, which comes with the finish reason or in a chunk behind it, or for the stream's end.
 */
export class ChunkDecoder implements EventDecoder {
  readonly losses: Loss[] = [];
  readonly #message = new StreamedMessage();
  #started = false;
  #finished = false;
  /** The stream said `[DONE]`. */
  #done = false;
  /** Which choice is the answer: the first to appear. */
  #answer: number | undefined;
  #word: string | undefined;
  #sequence: string | undefined;
  #usage: Usage | undefined;
  #tier: string | undefined;
  #extras: JsonRecord = {};

  push(event: StreamEvent): readonly NeutralEvent[] {
    if (this.#finished) return [];
    const error = stream.error(event);
    if (error !== undefined) {
      this.#finished = true;
      return [{ type: 'error', error }];
    }
    if (event.data?.trim() === '[DONE]') {
      this.#done = true;
      return this.end();
    }
    const chunk = asRecord(event.json);
    return chunk === undefined ? [] : [...this.#push(chunk)];
  }

  end(): readonly NeutralEvent[] {
    const regular = this.#done || this.#word !== undefined;
    return this.#finished || !regular ? [] : [...this.#finish()];
  }

  *#push(chunk: JsonRecord): Generator<NeutralEvent> {
    const members = new Members(chunk);
    members.ignore('id', 'object', 'created', 'choices', 'usage', 'obfuscation');
    const id = members.take('id', asId);
    const model = members.take('model', asText);
    const choices = items(chunk['choices']);
    // Azure's first chunk has neither name nor choice.
    if (!this.#started && (id !== undefined || choices.length > 0)) yield this.#start(id, model || undefined);
    for (const [at, choice] of choices.entries()) yield* this.#choice(choice, at);
    this.#tier = members.take('service_tier', asText) ?? this.#tier;
    this.#extras = { ...this.#extras, ...members.rest };
    const usage = chatUsage(chunk);
    this.#usage = usage ?? this.#usage;
    if (usage !== undefined && this.#word !== undefined) yield* this.#finish();
  }

  #start(id: string | undefined, model: string | undefined): NeutralEvent {
    this.#started = true;
    this.#message.replyId = id;
    return { type: 'start', id, model, usage: undefined };
  }

  *#choice(choice: unknown, at: number): Generator<NeutralEvent> {
    const members = new Members(choice);
    // Perplexity repeats the whole message beside each delta.
    members.ignore('index', 'delta', 'message');
    const index = asCount(member(choice, 'index')) ?? at;
    this.#answer ??= index;
    if (index !== this.#answer) {
      const loss = otherChoice(index);
      if (!this.losses.some(({ path }) => path === loss.path)) this.losses.push(loss);
      return;
    }
    yield* this.#message.push(member(choice, 'delta'));
    const word = members.take('finish_reason', asText);
    this.#sequence = members.take('stop_reason', asText) ?? this.#sequence;
    const { logprobs, ...rest } = members.rest;
    const known = this.#extras['choices.0.logprobs'];
    const all = logprobs === undefined ? {} : { 'choices.0.logprobs': merged(known, logprobs) };
    this.#extras = { ...this.#extras, ...below('choices.0', rest), ...all };
    if (word) {
      this.#word = word;
      yield* this.#message.close();
    }
  }

  *#finish(): Generator<NeutralEvent> {
    if (!this.#started) yield this.#start(undefined, undefined);
    yield* this.#message.close();
    this.#finished = true;
    const { calls, refused, rest } = this.#message;
    const { stop, extras } = decodeStop(this.#word, { calls, refused, sequence: this.#sequence });
    const serviceTier = this.#usage?.serviceTier ?? this.#tier;
    const tier = serviceTier === undefined ? {} : { serviceTier };
    const usage = this.#usage && { ...this.#usage, ...tier };
    yield {
      type: 'finish',
      stop,
      usage,
      ...extrasOf(
        this.#extras,
        below('choices.0.message', rest),
        extras,
        usage === undefined && serviceTier !== undefined ? { service_tier: serviceTier } : {},
      ),
    };
  }
}
