import { Buffer } from 'node:buffer';

import { anthropicMessages } from './anthropic-messages.ts';
import { listOf, objectOf, textOf, type JsonObject } from './json.ts';
import { openaiResponses } from './openai-responses.ts';
import type { ReceivedRequest } from './received-request.ts';
import { countTokens } from './word-count.ts';

/** What resources that generate nothing answer with. `undefined`: there is no such thing (404). */
export type ResourceReply =
  | { readonly body: JsonObject | Uint8Array<ArrayBuffer> | string; readonly type?: string }
  | undefined;

/** What a resource may know. */
export interface ResourceContext {
  readonly request: ReceivedRequest;
  /** The last part of the path where it names one thing. */
  readonly id: string;
  readonly nextId: (prefix: string) => string;
  readonly nowMs: number;
  readonly models: readonly string[];
  /** Files and batches made so far, by id. */
  readonly store: Map<string, JsonObject>;
}

/** Answers a request for a resource. */
export type Resource = (context: ResourceContext) => ResourceReply;

const json = (body: JsonObject): ResourceReply => ({ body });
const found = (body: JsonObject | undefined): ResourceReply => (body === undefined ? undefined : { body });
const seconds = (ms: number) => Math.floor(ms / 1000);

function stored({ store }: ResourceContext, object: string): readonly JsonObject[] {
  return Array.from(store.values()).filter((entry) => (entry['object'] ?? entry['type']) === object);
}

function keep(context: ResourceContext, entry: JsonObject): ResourceReply {
  context.store.set(textOf(entry['id']), entry);
  return json(entry);
}

function page(data: readonly JsonObject[]): ResourceReply {
  return json({
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
  });
}

/** OpenAI: models. */
export const openaiModels: Resource = ({ models }) => page(models.map(openaiModelInfo));
/** OpenAI: one model. */
export const openaiModel: Resource = ({ models, id }) =>
  found(models.filter((name) => name === id).map(openaiModelInfo)[0]);

function openaiModelInfo(id: string): JsonObject {
  return { id, object: 'model', created: 1_700_000_000, owned_by: 'stand-in' };
}

/** Anthropic: models. */
export const anthropicModels: Resource = ({ models }) => page(models.map(anthropicModelInfo));
/** Anthropic: one model. */
export const anthropicModel: Resource = ({ models, id }) =>
  found(models.filter((name) => name === id).map(anthropicModelInfo)[0]);

function anthropicModelInfo(id: string): JsonObject {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    capabilities: null,
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    retires_at: null,
  };
}

/** OpenAI: files, uploaded as multipart forms. */
export const uploadFile: Resource = (context) => {
  const { bodyText } = context.request;
  const field = (name: string) => new RegExp(`name="${name}"\\r\\n\\r\\n([^\\r]*)`).exec(bodyText)?.[1] ?? '';
  const content = /filename="[^"]*"[^]*?\r\n\r\n([^]*?)\r\n--/.exec(bodyText)?.[1] ?? '';
  return keep(context, {
    id: context.nextId('file-'),
    object: 'file',
    bytes: Buffer.byteLength(content),
    created_at: seconds(context.nowMs),
    expires_at: null,
    filename: /filename="([^"]*)"/.exec(bodyText)?.[1] ?? '',
    purpose: field('purpose'),
    status: 'processed',
    status_details: null,
  });
};
export const listFiles: Resource = (context) => page(stored(context, 'file'));
export const oneFile: Resource = ({ store, id }) => found(store.get(id));

/** OpenAI: batches. They stay in `validating`: nothing runs them. */
export const createBatch: Resource = (context) => {
  const body = objectOf(context.request.body);
  return keep(context, {
    id: context.nextId('batch_'),
    object: 'batch',
    endpoint: body['endpoint'] ?? '/v1/chat/completions',
    errors: null,
    input_file_id: body['input_file_id'] ?? null,
    completion_window: body['completion_window'] ?? '24h',
    status: 'validating',
    output_file_id: null,
    error_file_id: null,
    created_at: seconds(context.nowMs),
    expires_at: seconds(context.nowMs) + 86_400,
    request_counts: { total: 0, completed: 0, failed: 0 },
    metadata: body['metadata'] ?? null,
  });
};
export const listBatches: Resource = (context) => page(stored(context, 'batch'));
export const oneBatch: Resource = ({ store, id }) => found(store.get(id));

/** Anthropic: batches. They stay `in_progress`: nothing runs them. */
export const createMessageBatch: Resource = (context) => {
  const requests = listOf(objectOf(context.request.body)['requests']);
  return keep(context, {
    id: context.nextId('msgbatch_'),
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: new Date(context.nowMs).toISOString(),
    expires_at: new Date(context.nowMs + 86_400_000).toISOString(),
    ended_at: null,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: null,
  });
};
export const listMessageBatches: Resource = (context) => page(stored(context, 'message_batch'));

/** Anthropic: what a request would count, by the same rule as its bill. */
export const countMessageTokens: Resource = ({ request }) =>
  json({ input_tokens: anthropicMessages.read(objectOf(request.body), undefined).inputTokens });

/** OpenAI: what a Responses request would count. */
export const countResponseTokens: Resource = ({ request }) =>
  json({
    object: 'response.input_tokens',
    input_tokens: openaiResponses.read(objectOf(request.body), undefined).inputTokens,
  });

/** OpenAI: a moderation flags what contains the word `violence`. */
export const moderate: Resource = ({ request, nextId }) => {
  const input = objectOf(request.body)['input'];
  const texts = Array.isArray(input)
    ? input.map((part) => (typeof part === 'string' ? part : textOf(objectOf(part)['text'])))
    : [textOf(input)];
  return json({
    id: nextId('modr-'),
    model: textOf(objectOf(request.body)['model']) || 'omni-moderation-latest',
    results: texts.map((text) => {
      const violence = /violence/i.test(text);
      return {
        flagged: violence,
        categories: { violence },
        category_scores: { violence: violence ? 0.99 : 0.01 },
        category_applied_input_types: { violence: ['text'] },
      };
    }),
  });
};

/** OpenAI: speech. The "sound" is 16 bytes a word, in a fixed pattern. */
export const speak: Resource = ({ request }) => {
  const words = countTokens(textOf(objectOf(request.body)['input']));
  return {
    body: Uint8Array.from({ length: 16 * words }, (_, index) => (index * 37) % 256),
    type: 'audio/mpeg',
  };
};
