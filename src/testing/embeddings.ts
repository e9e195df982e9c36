import { Buffer } from 'node:buffer';

import { listOf, numberOf, textOf, type JsonObject } from './json.ts';
import { countTokens } from './word-count.ts';

const defaultDimensions = 1536;

/** How many tokens the inputs have: words, or the ids of an input that is tokenized already. */
export function embeddingTokens(body: JsonObject): number {
  return inputsOf(body).reduce<number>(
    (sum, input) => sum + (Array.isArray(input) ? input.length : countTokens(textOf(input))),
    0,
  );
}

/** An embeddings reply: the same words give the same vector, shared words give similar ones. */
export function embeddingReply(body: JsonObject, model: string, tokens: number | undefined): JsonObject {
  const dimensions = numberOf(body['dimensions']) ?? defaultDimensions;
  const isBase64 = body['encoding_format'] === 'base64';
  return {
    object: 'list',
    data: inputsOf(body).map((input, index) => {
      const vector = embed(Array.isArray(input) ? input.join(' ') : textOf(input), dimensions);
      return { object: 'embedding', index, embedding: isBase64 ? toBase64(vector) : Array.from(vector) };
    }),
    model,
    ...(tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  };
}

function inputsOf(body: JsonObject): readonly unknown[] {
  const input = body['input'];
  if (!Array.isArray(input)) return [input];
  return typeof input[0] === 'number' ? [input] : listOf(input);
}

/** A bag of hashed words, scaled to length 1. */
function embed(text: string, dimensions: number): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    for (let turn = 0; turn < 4; turn += 1) {
      const hash = fnv1a(`${turn}${word}`);
      const at = hash % dimensions;
      vector[at] = (vector[at] ?? 0) + (hash & 0x4000_0000 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  return length === 0 ? vector : vector.map((value) => value / length);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

function toBase64(vector: Float32Array<ArrayBuffer>): string {
  return Buffer.from(vector.buffer).toString('base64');
}
