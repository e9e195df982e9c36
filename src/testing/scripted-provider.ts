import { wait, type Clock } from '../core/clock.ts';
import { answerTo, type ReportedUsage } from './answer.ts';
import { BodySource, ConnectionBroken } from './body-source.ts';
import { Books, type ModelBooks } from './books.ts';
import { Conversations } from './conversations.ts';
import { embeddingReply, embeddingTokens } from './embeddings.ts';
import { endpointOf, type Endpoint } from './endpoint.ts';
import { ExchangeMaker, type Exchange } from './exchange.ts';
import { fetchFailed, responseOf } from './fetch-response.ts';
import { framesOf } from './frames.ts';
import { generationOf, type Generation } from './generation.ts';
import { objectOf, textOf, type JsonObject } from './json.ts';
import type { Prompt } from './prompt.ts';
import type { Protocol } from './protocol.ts';
import type { StandInError } from './provider-error.ts';
import { RateLimiter, type Admission } from './rate-limit.ts';
import {
  arrivalOf,
  receive,
  type Arrival,
  type OpenRequest,
  type ReceivedRequest,
} from './received-request.ts';
import { Script, type Reply, type RequestPredicate, type RuleOptions, type ScriptedReply } from './script.ts';
import { listen, type StandInServer } from './server.ts';
import type { StandIn, StandInOptions } from './stand-in.ts';

/** Unlike the package's own timers these keep the process alive, as the socket of a real answer would. */
const wallClock: Clock = {
  now: Date.now,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

const defaultModels = ['gpt-5.6-sol', 'gpt-6-luna', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

/** A request under way. */
interface Visit {
  readonly request: OpenRequest;
  readonly body: JsonObject;
  readonly maker: ExchangeMaker;
  readonly script: ScriptedReply;
  readonly signal: AbortSignal | undefined;
  readonly admission: Admission | undefined;
}

/** What a request that costs tokens asks for. */
interface Order {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputLimit: number;
  /** `undefined` for embeddings. */
  readonly prompt: Prompt | undefined;
}

/** What `standIn()` makes: requests come in through `fetch` or a server and take the same way from there. */
export class ScriptedProvider implements StandIn {
  readonly #options: StandInOptions;
  readonly #clock: Clock;
  readonly #script = new Script();
  readonly #books: Books;
  readonly #limiter: RateLimiter | undefined;
  readonly #conversations: Conversations;
  readonly #store = new Map<string, JsonObject>();
  #requests: OpenRequest[] = [];
  #received = 0;
  #ids = 0;
  #openStreams = 0;

  constructor(options: StandInOptions) {
    this.#options = options;
    this.#clock = options.clock ?? wallClock;
    this.#books = new Books(options.prices ?? {});
    this.#limiter = options.rateLimit && new RateLimiter(options.rateLimit, this.#clock);
    this.#conversations = new Conversations(options.threads ?? true);
  }

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    // Before an upload, SDKs ask in this way what kind of Response this fetch gives.
    if (url.startsWith('data:')) return new Response('');
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const arrival = await arrivalOf(input, init);
    signal?.throwIfAborted();
    try {
      return responseOf(await this.#serve(arrival, signal), url, signal);
    } catch (error) {
      throw error instanceof ConnectionBroken ? fetchFailed() : error;
    }
  };

  listen(options: { readonly port?: number } = {}): Promise<StandInServer> {
    return listen((arrival, signal) => this.#serve(arrival, signal), options.port ?? 0);
  }

  next(...replies: readonly Reply[]): this {
    this.#script.next(replies);
    return this;
  }

  always(reply: Reply | undefined): this {
    this.#script.always(reply);
    return this;
  }

  when(predicate: RequestPredicate, reply: Reply, options: RuleOptions = {}): this {
    this.#script.when(predicate, reply, options);
    return this;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  get queued(): number {
    return this.#script.queued;
  }

  get books(): Readonly<Record<string, ModelBooks>> {
    return this.#books.snapshot();
  }

  reset(): void {
    this.#script.clear();
    this.#books.clear();
    this.#conversations.clear();
    this.#store.clear();
    this.#requests = [];
    this.#received = 0;
    this.#ids = 0;
  }

  async #serve(arrival: Arrival, signal: AbortSignal | undefined): Promise<Exchange> {
    const request = receive(arrival, this.#received++, this.#clock.now());
    this.#keep(request);
    const endpoint = endpointOf(request);
    const body = objectOf(request.body);
    const maker = new ExchangeMaker(request, endpoint.family, this.#clock);
    try {
      const order = orderOf(request, endpoint, body);
      const admission =
        order && this.#limiter?.admit(endpoint.family, order.model, order.inputTokens + order.outputLimit);
      Object.assign(maker.headers, admission?.headers);
      if (admission?.ok === false) return maker.failure(429, tooMany(admission));

      const script = this.#script.take(request);
      Object.assign(maker.headers, script.headers);
      return await this.#reply({ request, body, maker, script, signal, admission }, endpoint, order);
    } catch (error) {
      maker.end(error instanceof ConnectionBroken ? 'cut' : 'cancelled');
      throw error;
    }
  }

  async #reply(visit: Visit, endpoint: Endpoint, order: Order | undefined): Promise<Exchange> {
    const { script, maker, signal } = visit;
    const isCut = script.connectionError === true;
    const status = script.status ?? (script.error === undefined ? 200 : 500);
    if (isCut || status >= 400) visit.admission?.settle(0);
    if (isCut) throw new ConnectionBroken();
    if (status >= 400) {
      await this.#latency(visit);
      return script.body === undefined
        ? maker.failure(status, script.error ?? {})
        : maker.whole(status, script.body, script);
    }
    if (script.hang === true && order === undefined) return never(signal);
    if (order !== undefined && this.#options.models?.includes(order.model) === false) {
      return maker.failure(404, { message: `The model '${order.model}' does not exist.` });
    }
    switch (endpoint.kind) {
      case 'generate':
        return this.#generate(
          visit,
          endpoint.protocol,
          order?.prompt ?? endpoint.protocol.read(visit.body, endpoint.model),
        );
      case 'embed':
        return this.#embed(visit, order);
      default:
        return this.#resource(visit, endpoint);
    }
  }

  async #generate(visit: Visit, protocol: Protocol, prompt: Prompt): Promise<Exchange> {
    const { request, script, maker, body } = visit;
    const earlierTokens = this.#conversations.earlierTokens(body);
    if (typeof earlierTokens === 'object') return maker.failure(400, earlierTokens);

    const answer = answerTo(prompt, script);
    const scriptedPieces = script.events?.reduce<number>(
      (sum, data) => sum + protocol.scripted(data).pieces,
      0,
    );
    const outputTokens = scriptedPieces ?? answer.outputTokens * prompt.choices;
    const usage = usageOf(script, prompt.inputTokens + earlierTokens, outputTokens, answer.reasoningTokens);
    const isStream = request.stream && script.body === undefined;
    const settle = this.#bill(visit, prompt.model, usage);
    const generation = generationOf(script, usage.outputTokens, isStream, this.#clock);
    await this.#work(visit, settle, generation, !isStream);

    const id = this.#nextId(protocol.idPrefix);
    this.#conversations.remember(id, usage.inputTokens + usage.outputTokens);
    const turn = {
      prompt,
      answer,
      usage: script.usage === 'none' ? undefined : usage,
      request: body,
      model: script.model ?? prompt.model,
      id,
      nextId: (prefix: string) => this.#nextId(prefix),
      nowMs: this.#clock.now(),
    };
    const status = script.status ?? 200;
    if (!isStream) {
      settle(1);
      return maker.whole(status, script.body ?? protocol.plain(turn), script);
    }

    let pieces = 0;
    const total = scriptedPieces ?? answer.pieces * prompt.choices;
    const shareAt = (made: number): number => (total === 0 ? 1 : Math.min(1, made / total));
    const source = new BodySource(
      framesOf(protocol, turn, script),
      script,
      this.#clock,
      (frame) => {
        pieces += frame.pieces;
        request.eventsProduced += 1;
      },
      (frame) => generation?.untilMs(shareAt(pieces + frame.pieces)) ?? 0,
    );
    this.#openStreams += 1;
    maker.onEnd(() => {
      this.#openStreams -= 1;
      // A failure in the place of the answer is free, as one by its status is.
      if (script.inBandError?.afterEvents === 0) return visit.admission?.settle(0);
      const read = shareAt(pieces);
      const isLeft = request.outcome !== 'finished';
      settle(Math.max(read, (isLeft ? generation?.shareWhenStopped : generation?.share) ?? 0));
    });
    return maker.stream(status, protocol.streamType, source);
  }

  async #embed(visit: Visit, order: Order | undefined): Promise<Exchange> {
    const { script, maker, body } = visit;
    const { model = '', inputTokens = 0 } = order ?? {};
    const usage = usageOf(script, inputTokens, 0, 0);
    const settle = this.#bill(visit, model, usage);
    await this.#work(visit, settle, undefined, true);
    settle(1);
    const reported = script.usage === 'none' ? undefined : usage.inputTokens;
    const reply = script.body ?? script.json ?? embeddingReply(body, script.model ?? model, reported);
    return maker.whole(script.status ?? 200, reply, script);
  }

  async #resource(visit: Visit, endpoint: Endpoint): Promise<Exchange> {
    const { request, script, maker } = visit;
    await this.#latency(visit);
    const status = script.status ?? 200;
    const scripted = script.body ?? script.json;
    if (scripted !== undefined && scripted !== null) return maker.whole(status, scripted, script);
    const reply =
      endpoint.kind === 'resource'
        ? endpoint.resource({
            request,
            id: endpoint.id,
            nextId: (prefix) => this.#nextId(prefix),
            nowMs: this.#clock.now(),
            models: this.#options.models ?? defaultModels,
            store: this.#store,
          })
        : undefined;
    if (reply === undefined) {
      return maker.failure(404, {
        message: `There is nothing at ${request.method} ${request.path}.`,
        code: 'unknown_url',
      });
    }
    if (reply.type !== undefined) maker.headers['content-type'] ??= reply.type;
    return maker.whole(status, reply.body, script);
  }

  /** Opens a line in the books. The share is of the output; only the first settlement counts. */
  #bill(visit: Visit, model: string, usage: ReportedUsage): (share: number) => void {
    const bill = this.#books.open(model, usage);
    return (share) => {
      visit.request.billedNanoUsd = bill.settle(share);
      visit.admission?.settle(usage.inputTokens + Math.floor(usage.outputTokens * share));
    };
  }

  /** The time until the reply begins. A client that gives up has caused its input, and of the answer what was there by then. */
  async #work(
    visit: Visit,
    settle: (share: number) => void,
    generation: Generation | undefined,
    isWhole: boolean,
  ): Promise<void> {
    try {
      if (visit.script.hang === true) await never(visit.signal);
      await this.#latency(visit);
      const untilMs = isWhole ? (generation?.untilMs(1) ?? 0) : 0;
      if (untilMs > 0) await wait(this.#clock, untilMs, visit.signal);
    } catch (error) {
      settle(generation?.shareWhenStopped ?? 0);
      throw error;
    }
  }

  async #latency({ script, signal }: Visit): Promise<void> {
    const { latencyMs = 0 } = script;
    if (latencyMs > 0) await wait(this.#clock, latencyMs, signal);
  }

  #nextId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}${this.#ids}`;
  }

  #keep(request: OpenRequest): void {
    const { keepRequests = 10_000 } = this.#options;
    this.#requests.push(request);
    if (this.#requests.length > keepRequests) this.#requests.shift();
  }
}

function orderOf(request: OpenRequest, endpoint: Endpoint, body: JsonObject): Order | undefined {
  request.model = textOf(body['model']);
  switch (endpoint.kind) {
    case 'generate': {
      const prompt = endpoint.protocol.read(body, endpoint.model);
      request.model = prompt.model;
      request.stream = endpoint.stream ?? prompt.stream;
      return {
        model: prompt.model,
        inputTokens: prompt.inputTokens,
        outputLimit: prompt.maxOutputTokens ?? 0,
        prompt,
      };
    }
    case 'embed':
      request.model = endpoint.model ?? request.model;
      return { model: request.model, inputTokens: embeddingTokens(body), outputLimit: 0, prompt: undefined };
    default:
      return undefined;
  }
}

/** What is reported and billed: counted by the rule unless the script says otherwise. */
function usageOf(
  script: ScriptedReply,
  inputTokens: number,
  outputTokens: number,
  reasoningTokens: number,
): ReportedUsage {
  const scripted = script.usage === 'none' ? {} : script.usage;
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens,
    ...scripted,
  };
}

function tooMany(admission: Admission): StandInError {
  const { kind, retryAfterMs } = admission;
  return {
    message: `Rate limit reached on ${kind} per minute. Please try again in ${retryAfterMs}ms.`,
    code: 'rate_limit_exceeded',
  };
}

/** Rejects when the client gives up, and does nothing else. */
async function never(signal: AbortSignal | undefined): Promise<never> {
  signal?.throwIfAborted();
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
