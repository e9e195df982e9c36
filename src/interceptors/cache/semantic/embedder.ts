import { LRUCache } from 'lru-cache';
import type { Call } from '../../../core/call.ts';
import type { Host } from '../../../core/interceptor.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { Vector } from '../../../core/vector-store.ts';
import { isOfFirstChoice } from '../keeping-rules.ts';
import { spaceOf } from '../vector-space.ts';
import type { SemanticOptions } from './options.ts';

/** What a text means, as somebody has told. */
export interface Meaning {
  readonly vector: Float32Array;
  /** Who has told, and how: only vectors of one space can be compared. */
  readonly space: string;
}

/** So many meanings are remembered, for questions that come again: a few kilobytes each. */
const remembered = 500;

type EmbedderHost = Pick<Host, 'call' | 'dialects' | 'poolOf'>;

/** Asks for the meanings of questions, once for all that ask at the same time. */
export class Embedder {
  readonly #host: EmbedderHost;
  readonly #options: Pick<SemanticOptions, 'embed' | 'version'>;
  readonly #known = new LRUCache<string, Meaning>({ max: remembered });
  readonly #underWay = new Map<string, Promise<Meaning>>();

  constructor(host: EmbedderHost, options: Pick<SemanticOptions, 'embed' | 'version'>) {
    this.#host = host;
    this.#options = options;
  }

  /** Rejects where nobody can tell, and when the call is stopped. */
  async meaningOf(call: Call, text: string): Promise<Meaning> {
    // What one tenant has paid for is not another's.
    const key = JSON.stringify([call.settings.tenant ?? null, text]);
    for (;;) {
      call.signal.throwIfAborted();
      const known = this.#known.get(key);
      if (known !== undefined) return known;
      const shared = this.#underWay.get(key);
      if (shared === undefined) return this.#ask(call, text, key);
      const meaning = await orAborted(
        shared.catch(() => undefined),
        call.signal,
      );
      // It may have failed because its own call was stopped.
      if (meaning !== undefined) return meaning;
    }
  }

  /** What does not heed that its call is stopped is not waited for: others ask again. */
  #ask(call: Call, text: string, key: string): Promise<Meaning> {
    const told = this.#tell(call, text, key);
    told.catch(() => {});
    const asked = orAborted(told, call.signal).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  async #tell(call: Call, text: string, key: string): Promise<Meaning> {
    const { embed, version = '' } = this.#options;
    if (typeof embed === 'string') return this.#tellByModel(embed, call, text, key);
    const vector = checked(await embed(text, call.signal));
    return this.#remember(key, { vector, space: JSON.stringify(['function', version, vector.length]) });
  }

  async #tellByModel(model: string, call: Call, text: string, key: string): Promise<Meaning> {
    const dialect = this.#host.dialects['openai-embeddings'];
    const body = { model, input: text, encoding_format: 'float' };
    const reply = await this.#host.call(call, { dialect, model, body });
    if (reply.error !== undefined) {
      reply.discard();
      throw new Error(
        `\`cache.semantic.embed\` (\`${model}\`) gave no embedding of a question: ${reply.error.message}`,
        {
          cause: reply.error,
        },
      );
    }
    const vector = checked(dialect.reply.vectors?.(await reply.json())[0]);
    const { target = { provider: '', model }, servedModel, facts } = await reply.settled;
    const space = spaceOf({ target, servedModel, size: vector.length }, (name) => this.#host.poolOf(name));
    const meaning = { vector, space };
    // Another target has other vectors: asked again, the first choice may be there.
    return isOfFirstChoice(facts) ? this.#remember(key, meaning) : meaning;
  }

  #remember(key: string, meaning: Meaning): Meaning {
    this.#known.set(key, meaning);
    return meaning;
  }
}

function checked(vector: Vector | undefined): Float32Array {
  const meaning = Float32Array.from(vector ?? []);
  if (meaning.length > 0 && meaning.every(Number.isFinite) && meaning.some((value) => value !== 0))
    return meaning;
  throw new Error('What was given as the embedding of a question is no vector of numbers.');
}
