import type { Exchange } from '../recordings/exchanges.ts';
import { eventsOf } from '../recordings/usage-told.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Why an answer must not be kept, read from the recording alone; `undefined` for one that must be. What the cache itself
 * knows of endings has no part in this.
 */
export function reasonNotToKeep(
  { operation, response }: Exchange,
  question: Json,
  isTranslated: boolean,
): string | undefined {
  if (response.status >= 400) return 'an error';
  const held = heldBy(question);
  if (held !== undefined) return held;
  const events = response.sse === undefined ? undefined : (eventsOf(response.sse) as readonly Json[]);
  switch (operation) {
    case 'openai.chat':
      return reasonOfChat(response.body, events, response.sse, isTranslated);
    case 'openai.responses':
      return reasonOfResponse(
        events === undefined ? response.body : events.findLast(({ type }) => isEnding(type))?.['response'],
      );
    default:
      return reasonOfMessage(response.body, events);
  }
}

function heldBy(body: Json): string | undefined {
  const names = ['previous_response_id', 'conversation', 'thread'].filter((name) => body[name] != null);
  const items = Array.isArray(body['input']) ? (body['input'] as readonly unknown[]) : [];
  if (items.some((item) => Object(item)['type'] === 'item_reference')) names.push('item_reference');
  const { container } = body;
  if (typeof container === 'string' || Object(container)['id'] != null) names.push('container');
  if (body['background'] === true) names.push('background');
  if (body['prompt'] != null && Object(body['prompt'])['version'] == null) names.push('prompt');
  return names.length === 0 ? undefined : 'held by the provider';
}

interface ChatChoice {
  readonly finish_reason?: string | null;
  readonly message?: { readonly refusal?: string | null };
  readonly delta?: { readonly refusal?: string | null };
}

function reasonOfChat(
  body: unknown,
  events: readonly Json[] | undefined,
  sse: string | undefined,
  isTranslated: boolean,
): string | undefined {
  const choices = (events ?? [body]).flatMap((json) => (Object(json)['choices'] ?? []) as ChatChoice[]);
  if (choices.length === 0) return 'no answer';
  if (choices.some(({ message, delta }) => (message?.refusal ?? delta?.refusal ?? '') !== ''))
    return 'a refusal';
  const ends = choices.flatMap(({ finish_reason: end }) => end ?? []);
  if (ends.includes('length')) return 'truncated';
  if (ends.includes('content_filter')) return 'filtered';
  const isOver = sse === undefined || sse.includes('data: [DONE]');
  // A stream that is over without a word on how gets that word in another format.
  if (ends.length === 0 && !(isTranslated && sse !== undefined && isOver)) return 'unfinished';
  return isOver ? undefined : 'a stream without its end';
}

const isEnding = (type: unknown): boolean =>
  type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed';

function reasonOfResponse(given: unknown): string | undefined {
  if (given === undefined) return 'a stream without its end';
  const { status, output = [] } = given as { status?: string; output?: readonly Json[] };
  if (status === 'incomplete') return 'truncated';
  if (status === 'failed') return 'an error';
  const parts = output.flatMap(({ content }) => (Array.isArray(content) ? (content as Json[]) : []));
  if (parts.some(({ type }) => type === 'refusal')) return 'a refusal';
  return status === undefined || status === 'completed' ? undefined : 'unfinished';
}

function reasonOfMessage(body: unknown, events: readonly Json[] | undefined): string | undefined {
  const last = events?.findLast(({ type }) => type === 'message_delta');
  if (events !== undefined && !events.some(({ type }) => type === 'message_stop'))
    return events.some(({ type }) => type === 'error') ? 'an error' : 'a stream without its end';
  const stop: unknown = Object(last === undefined ? body : last['delta'])['stop_reason'];
  if (stop === 'max_tokens' || stop === 'model_context_window_exceeded') return 'truncated';
  if (stop === 'refusal') return 'a refusal';
  if (stop === 'pause_turn') return 'paused';
  return stop == null ? 'unfinished' : undefined;
}
