import type { RedisVectorsClient } from 'managed-llm/redis';

interface VectorSet {
  readonly dimension: number;
  readonly quantization: string;
  readonly links: number;
  readonly elements: Map<string, { vector: Float32Array; attributes: string | undefined }>;
  untilMs: number;
}

/** A server's own refusals. */
function refuse(message: string): never {
  throw new Error(message);
}

/**
 * Does what Redis 8 does with the few commands that vectors need, in the words of its own errors, and answers as ioredis does
 * under RESP2. All of a set are always looked at.
 */
export class VectorSetDouble implements RedisVectorsClient {
  status = 'ready';
  /** Commands that were asked, the last one last. */
  readonly asked: string[] = [];
  readonly #now: () => number;
  readonly #sets = new Map<string, VectorSet>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Elements of all sets, also of those whose own time is over. */
  get size(): number {
    return [...this.#sets.keys()].reduce((sum, key) => sum + (this.#at(key)?.elements.size ?? 0), 0);
  }

  /** Milliseconds that a key still lasts; `undefined` where there is none. */
  lasts(key: string): number | undefined {
    const set = this.#at(key);
    return set && set.untilMs - this.#now();
  }

  async call(command: string, ...args: (string | Buffer)[]): Promise<unknown> {
    this.asked.push(command);
    const [key = '', ...others] = args.map((arg, index) =>
      command !== 'VREM' && index === 2 ? arg : String(arg),
    );
    switch (command) {
      case 'VADD':
        return this.#add(String(key), others);
      case 'VSIM':
        return this.#search(String(key), others);
      case 'VREM':
        return this.#remove(String(key), String(others[0]));
      case 'PEXPIRE':
        return this.#expire(String(key), Number(others[0]), String(others[1]));
      case 'DEL':
        return this.#sets.delete(String(key)) ? 1 : 0;
      default:
        return refuse(`ERR unknown command '${command}', with args beginning with: `);
    }
  }

  #add(key: string, [format, bytes, element, ...options]: (string | Buffer)[]): number {
    const vector = floatsOf(format, bytes);
    let quantization = 'Q8';
    let links = 16;
    let attributes: string | undefined;
    for (let at = 0; at < options.length; at += 1) {
      const option = options[at];
      if (option === 'NOQUANT' || option === 'Q8' || option === 'BIN') quantization = option;
      else if (option === 'M') links = Number(options[(at += 1)]);
      else if (option === 'EF') at += 1;
      else if (option === 'SETATTR') attributes = String(options[(at += 1)]);
      else refuse('ERR invalid option after element');
    }
    const set: VectorSet = this.#at(key) ?? {
      dimension: vector.length,
      quantization,
      links,
      elements: new Map(),
      untilMs: Infinity,
    };
    if (set.quantization !== quantization) refuse('ERR asked quantization mismatch with existing vector set');
    if (set.links !== links) refuse('ERR asked M value mismatch with existing vector set');
    if (set.dimension !== vector.length)
      refuse(`ERR Vector dimension mismatch - got ${vector.length} but set has ${set.dimension}`);
    this.#sets.set(key, set);
    const known = set.elements.get(String(element));
    set.elements.set(String(element), { vector, attributes: attributes ?? known?.attributes });
    return known === undefined ? 1 : 0;
  }

  #search(key: string, [format, bytes, ...options]: (string | Buffer)[]): string[] {
    const asked = floatsOf(format, bytes);
    let [count, withScores] = [10, false];
    let filter = (_attributes: string | undefined): boolean => true;
    for (let at = 0; at < options.length; at += 1) {
      const option = options[at];
      if (option === 'WITHSCORES') withScores = true;
      else if (option === 'COUNT') count = Number(options[(at += 1)]);
      else if (option === 'FILTER') filter = filterOf(String(options[(at += 1)]));
      else if (option !== 'TRUTH') refuse('ERR syntax error in VSIM command');
    }
    if (!(count > 0)) refuse('ERR invalid COUNT');
    const set = this.#at(key);
    if (set === undefined) return [];
    if (set.dimension !== asked.length)
      refuse(`ERR Vector dimension mismatch - got ${asked.length} but set has ${set.dimension}`);
    return [...set.elements]
      .filter(([, { attributes }]) => filter(attributes))
      .map(([id, { vector }]) => ({ id, score: (1 + cosine(asked, vector)) / 2 }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, count)
      .flatMap(({ id, score }) => (withScores ? [id, String(score)] : [id]));
  }

  #remove(key: string, element: string): number {
    const set = this.#at(key);
    if (set?.elements.delete(element) !== true) return 0;
    if (set.elements.size === 0) this.#sets.delete(key);
    return 1;
  }

  #expire(key: string, ms: number, condition: string): number {
    const set = this.#at(key);
    if (!Number.isInteger(ms)) refuse('ERR value is not an integer or out of range');
    if (set === undefined) return 0;
    const untilMs = this.#now() + ms;
    // A key that lasts for ever lasts longer than any other.
    if (condition === 'NX' ? set.untilMs < Infinity : untilMs <= set.untilMs) return 0;
    set.untilMs = untilMs;
    return 1;
  }

  #at(key: string): VectorSet | undefined {
    const set = this.#sets.get(key);
    if (set === undefined || set.untilMs > this.#now()) return set;
    this.#sets.delete(key);
    return undefined;
  }
}

function floatsOf(format: string | Buffer | undefined, bytes: string | Buffer | undefined): Float32Array {
  if (format !== 'FP32' || !Buffer.isBuffer(bytes) || bytes.length % 4 !== 0)
    return refuse('ERR invalid vector specification');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
}

/** Of the one kind of expression that is used. Elements without the attribute never match. */
function filterOf(expression: string): (attributes: string | undefined) => boolean {
  const [, name = '', operator, number] =
    /^\.(\w+) (>|<=) (-?[\d.]+)$/.exec(expression) ?? refuse('ERR syntax error in FILTER expression near: ');
  return (attributes) => {
    const value: unknown = attributes === undefined ? undefined : JSON.parse(attributes)[name];
    if (typeof value !== 'number') return false;
    return operator === '>' ? value > Number(number) : value <= Number(number);
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [index, component] of a.entries()) {
    const other = b[index] ?? 0;
    product += component * other;
    squaresA += component * component;
    squaresB += other * other;
  }
  return product === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}
