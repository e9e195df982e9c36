import type { Incident, Trouble } from './incident.ts';
import { byProvider, type ByProvider } from './provider-name.ts';
import { between, derived, pick, seeded, type Random } from './random.ts';
import type { Simulator } from './simulator.ts';
import { scriptedBody, type Line, type Step } from './scripted-body.ts';
import { Buckets, type Admission, type Allowance } from './token-bucket.ts';
import { read, wires, type Asked, type Family, type Wire } from './wire.ts';

export interface ProviderPlan {
  readonly name: string;
  readonly family: Family;
  readonly seed: number;
  /** When its incidents count from. */
  readonly startMs: number;
  /** In any order; those that overlap are tried in the order given. */
  readonly incidents: readonly Incident[];
  readonly allowance: Allowance | undefined;
}

/** The providers of one world. */
export interface ProviderPlans {
  readonly seed: number;
  readonly startMs: number;
  readonly incidents: ByProvider<readonly Incident[]>;
  readonly allowance: ByProvider<Allowance> | undefined;
}

export function makeProviders(plan: ProviderPlans, time: Simulator): ByProvider<SimulatedProvider> {
  return byProvider(
    (name) =>
      new SimulatedProvider(
        {
          name,
          family: name === 'anthropic' ? 'anthropic' : 'openai',
          seed: derived(plan.seed, 'provider', name),
          startMs: plan.startMs,
          incidents: plan.incidents[name],
          allowance: plan.allowance?.[name],
        },
        time,
      ),
  );
}

/** How long a load balancer keeps a line on which nothing moves. */
const idleLineMs = 300_000;

const statuses = [500, 502, 503, 504, 529] as const;

/** What becomes of one request, drawn when it arrives. */
interface Visit {
  readonly asked: Asked;
  readonly trouble: Trouble | undefined;
  readonly outputTokens: number;
  readonly firstMs: number;
  readonly restMs: number;
  readonly admission: Admission | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A provider in this process, as a `fetch`, that has good and bad times. */
export class SimulatedProvider {
  readonly name: string;
  readonly family: Family;
  /** When each request arrived, from the start. */
  readonly arrivals: number[] = [];
  /** When each request was sent that was answered 429. */
  readonly tooMany: number[] = [];
  /** When the first answer's headers were sent. */
  firstHeadersAt = Infinity;
  /** Requests that the buckets let in. */
  admitted = 0;
  /** Of what was answered, input and output. */
  usedTokens = 0;
  readonly #wire: Wire;
  readonly #incidents: readonly Incident[];
  readonly #random: Random;
  readonly #time: Simulator;
  readonly #startMs: number;
  readonly #buckets: Buckets | undefined;

  constructor(plan: ProviderPlan, time: Simulator) {
    this.name = plan.name;
    this.family = plan.family;
    this.#wire = wires[plan.family];
    this.#incidents = plan.incidents;
    this.#random = seeded(plan.seed);
    this.#time = time;
    this.#startMs = plan.startMs;
    this.#buckets = plan.allowance && new Buckets(plan.allowance, plan.family, time);
  }

  /** Those of them that were sent after the headers of a first answer, which tell the limits, had come. */
  get tooManyLate(): number {
    return this.tooMany.filter((at) => at > this.firstHeadersAt).length;
  }

  readonly fetch = (_url: unknown, init?: RequestInit): Promise<Response> => {
    const signal = init?.signal ?? undefined;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (typeof init?.body !== 'string') return Promise.reject(new TypeError('The body is no string.'));
    this.arrivals.push(this.#now);
    return this.#answer(read(init.body), signal);
  };

  async #answer(asked: Asked, signal: AbortSignal | undefined): Promise<Response> {
    const random = this.#random;
    const sentAt = this.#now;
    const trouble = this.#trouble();
    const slowness = trouble === 'slow' ? between(random, 5, 30) : 1;
    const outputTokens = Math.max(1, Math.round(asked.outputLimit * between(random, 0.1, 0.9)));
    const line = new LineInTime(this.#time, signal);
    if (trouble === 'refused') {
      await line.wait(5);
      throw connectionLost();
    }
    // Where limits are kept it matters when a request arrives, and that some overtake others.
    if (this.#buckets !== undefined) await line.wait(between(random, 5, 40));
    const admission = this.#buckets?.admit(asked.inputTokens + asked.outputLimit);
    const visit: Visit = {
      asked,
      trouble,
      outputTokens,
      firstMs: between(random, 200, 1_200) * slowness,
      restMs: outputTokens * between(random, 5, 15) * slowness,
      admission,
      signal,
    };
    if (admission?.ok === false) {
      await line.wait(30);
      this.tooMany.push(sentAt);
      return this.#whole(429, this.#wire.error(429, 'Rate limit reached.'), visit);
    }
    this.admitted++;
    try {
      return await (asked.stream ? this.#stream(visit, line) : this.#plain(visit, line));
    } catch (thrown) {
      this.#settle(visit, 0);
      throw thrown;
    }
  }

  async #plain(visit: Visit, line: LineInTime): Promise<Response> {
    switch (visit.trouble) {
      case 'error':
      case 'in-band':
        return this.#failure(visit, line);
      case 'hang':
      case 'stall':
        return line.idle();
      case 'cut-early':
        await line.wait(visit.firstMs);
        throw connectionLost();
      default:
        await line.wait(visit.firstMs + visit.restMs);
        this.#settle(visit, 1);
        return this.#whole(200, this.#wire.plain(this.#generated(visit)), visit);
    }
  }

  async #stream(visit: Visit, line: LineInTime): Promise<Response> {
    const { trouble, asked, firstMs, restMs } = visit;
    if (trouble === 'error') return this.#failure(visit, line);
    if (trouble === 'hang') return line.idle();
    await line.wait(firstMs / 4);
    const generated = this.#generated(visit);
    const wire = this.#wire;
    const cut: Step = { afterMs: restMs / 2, what: this.#random() < 0.5 ? 'break' : 'end' };
    const begin: Step = { afterMs: 0, what: wire.start(generated) };
    const first: Step = { afterMs: (firstMs * 3) / 4, what: wire.piece('It has rained ') };
    const rest: readonly Step[] = [
      { afterMs: restMs / 2, what: wire.piece('all day.') },
      { afterMs: restMs / 2, what: wire.end(generated, asked.includeUsage) },
    ];
    switch (trouble) {
      case 'stall':
        return this.#streamed(visit, line, [begin, { afterMs: idleLineMs, what: 'break' }]);
      case 'in-band':
        return this.#streamed(visit, line, [
          { afterMs: 0, what: wire.inBandError() },
          { afterMs: 0, what: 'end' },
        ]);
      case 'cut-early':
        return this.#streamed(visit, line, [begin, cut]);
      case 'cut-late':
        return this.#streamed(visit, line, [begin, first, cut]);
      default:
        return this.#streamed(visit, line, [begin, first, ...rest]);
    }
  }

  #streamed(visit: Visit, line: Line, steps: readonly Step[]): Response {
    let written = 0;
    const body = scriptedBody(steps, line, {
      wrote: () => written++,
      ended: () => this.#settle(visit, Math.max(0, written - 1) / 3),
    });
    return this.#respond(200, body, 'text/event-stream', visit);
  }

  async #failure(visit: Visit, line: LineInTime): Promise<Response> {
    await line.wait(visit.firstMs / 4);
    this.#settle(visit, 0);
    const status = visit.trouble === 'in-band' ? 500 : pick(this.#random, statuses);
    return this.#whole(status, this.#wire.error(status, 'Something went wrong.'), visit);
  }

  #whole(status: number, body: string, visit: Visit): Response {
    return this.#respond(status, body, 'application/json', visit);
  }

  #respond(
    status: number,
    body: string | ReadableStream<Uint8Array>,
    type: string,
    { admission }: Visit,
  ): Response {
    this.firstHeadersAt = Math.min(this.firstHeadersAt, this.#now);
    return new Response(body, { status, headers: { 'content-type': type, ...admission?.headers } });
  }

  #settle({ asked, outputTokens, admission }: Visit, share: number): void {
    const used = share === 0 ? 0 : asked.inputTokens + Math.round(outputTokens * share);
    this.usedTokens += used;
    admission?.settle(used);
  }

  #generated({ asked, outputTokens }: Visit) {
    return { model: 'm', inputTokens: asked.inputTokens, outputTokens };
  }

  get #now(): number {
    return this.#time.now() - this.#startMs;
  }

  #trouble(): Trouble | undefined {
    const now = this.#now;
    for (const { fromMs, untilMs, share, trouble } of this.#incidents) {
      if (now >= fromMs && now < untilMs && (share === 1 || this.#random() < share)) return trouble;
    }
    return undefined;
  }
}

/** What `fetch` throws when a line cannot be made or breaks. */
function connectionLost(): TypeError {
  return new TypeError('fetch failed', { cause: new Error('read ECONNRESET') });
}

/** Waits that end when the client gives up. */
class LineInTime implements Line {
  readonly signal: AbortSignal | undefined;
  readonly #time: Simulator;

  constructor(time: Simulator, signal: AbortSignal | undefined) {
    this.#time = time;
    this.signal = signal;
  }

  /** Rejects with the signal's reason when the client gives up. */
  wait(ms: number, closed?: AbortSignal): Promise<void> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#time.clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        closed?.removeEventListener('abort', stop);
        reject((signal?.aborted === true ? signal.reason : closed?.reason) as Error);
      };
      const timer = this.#time.setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        closed?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop);
      closed?.addEventListener('abort', stop);
    });
  }

  async idle(): Promise<never> {
    await this.wait(idleLineMs);
    throw connectionLost();
  }
}
