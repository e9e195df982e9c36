import { LRUCache } from 'lru-cache';
import type { Call } from '../../../core/call.ts';
import type { Host } from '../../../core/interceptor.ts';
import type { Vector } from '../../../core/vector-store.ts';
import type { Embed } from './options.ts';

/** So many meanings are remembered, for questions that come again: a few kilobytes each. */
const remembered = 500;

/** Asks for the meanings of questions, once for all that ask at the same time. */
export class Embedder {
  readonly #host: Pick<Host, 'call' | 'dialects'>;
  readonly #embed: string | Embed;
  readonly #known = new LRUCache<string, Float32Array>({ max: remembered });
  readonly #underWay = new Map<string, Promise<Float32Array>>();

  constructor(host: Pick<Host, 'call' | 'dialects'>, embed: string | Embed) {
    this.#host = host;
    this.#embed = embed;
  }

  /** Rejects where nobody can tell. */
  async meaningOf(call: Call, text: string): Promise<Float32Array> {
    // What one tenant has paid for is not another's.
    const key = JSON.stringify([call.settings.tenant ?? null, text]);
    for (;;) {
      const known = this.#known.get(key);
      if (known !== undefined) return known;
      const shared = this.#underWay.get(key);
      if (shared === undefined) return this.#ask(call, text, key);
      const meaning = await shared.catch(() => undefined);
      // It may have failed because its own call was stopped.
      if (meaning !== undefined) return meaning;
    }
  }

  #ask(call: Call, text: string, key: string): Promise<Float32Array> {
    const asked = (async () => {
      const vector = checked(await this.#vector(call, text));
      this.#known.set(key, vector);
      return vector;
    })().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  async #vector(call: Call, text: string): Promise<Vector | undefined> {
    if (typeof this.#embed === 'function') return this.#embed(text, call.signal);
    const body = { model: this.#embed, input: text, encoding_format: 'float' };
    const dialect = this.#host.dialects['openai-embeddings'];
    const reply = await this.#host.call(call, { dialect, model: this.#embed, body });
    if (reply.error !== undefined) {
      reply.discard();
      throw new Error(`No embedding of the question: ${reply.error.message}`, { cause: reply.error });
    }
    return dialect.reply.vectors?.(await reply.json())[0];
  }
}

function checked(vector: Vector | undefined): Float32Array {
  const meaning = Float32Array.from(vector ?? []);
  if (meaning.length > 0 && meaning.every(Number.isFinite) && meaning.some((value) => value !== 0))
    return meaning;
  throw new Error('What was given as the embedding of a question is no vector of numbers.');
}
