import {
  standIn,
  type ScriptedUsage,
  type ReceivedRequest,
  type ScriptedReply,
  type StandIn,
  type StandInServer,
} from 'managed-llm/testing';
import { families, pricesOfModels } from './models.ts';
import type { Course, Plan, Provider } from './plan.ts';
import { toolName } from './loops.ts';
import { inputTokensOf } from './tokens.ts';

/** Below what the package takes for the fastest that a model generates, 500. */
const tokensPerSecond = 400;
/** It takes so long until a provider notices that nobody waits any more; it bills meanwhile. */
const goesOnMs = 700;
/** Events of a stream that carry text. */
const pieces = 16;
/** By then text has come, in each dialect. */
const eventsBeforeFailure = 9;

/** What a provider bills for, as its own books have it. */
export interface Billed {
  readonly nanoUsd: number;
  readonly tokens: number;
}

/** Both providers that one process asks: what they bill is what they have really generated. */
export class BilledProvider implements AsyncDisposable {
  readonly url: string;
  /** How many times as many tokens an input had as a quarter of its request's characters, at most. */
  mostInput = 0;
  readonly #standIn: StandIn;
  readonly #server: StandInServer;

  private constructor(provider: StandIn, server: StandInServer) {
    this.url = server.url;
    this.#standIn = provider;
    this.#server = server;
  }

  static async listen(plans: readonly Plan[], course: Course): Promise<BilledProvider> {
    const provider = standIn({ prices: pricesOfModels, keepRequests: 1_000_000 });
    const listening = new BilledProvider(provider, await provider.listen());
    provider.always(
      answers(plans, course, (times) => (listening.mostInput = Math.max(listening.mostInput, times))),
    );
    return listening;
  }

  billed(provider?: Provider): Billed {
    const prefix = provider === undefined ? '' : `${families[provider]}-`;
    let nanoUsd = 0;
    let tokens = 0;
    for (const [model, book] of Object.entries(this.#standIn.books)) {
      if (!model.startsWith(prefix)) continue;
      nanoUsd += book.billedNanoUsd;
      tokens += book.inputTokens + book.outputTokens;
    }
    return { nanoUsd, tokens };
  }

  /** What each call is billed for, all its requests together, in whole nano-USD. */
  *billedByCall(): Generator<readonly [call: number, nanoUsd: number], void, undefined> {
    for (const { bodyText, billedNanoUsd } of this.#standIn.requests) yield [callOf(bodyText), billedNanoUsd];
  }

  get requests(): number {
    return this.#standIn.requests.length;
  }

  /** Requests under way. */
  get open(): number {
    return this.#standIn.requests.filter(({ outcome }) => outcome === 'open').length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.close();
  }
}

/** @param tell how many times as many tokens an input had as a quarter of its request's characters */
function answers(
  plans: readonly Plan[],
  course: Course,
  tell: (times: number) => void,
): (request: ReceivedRequest) => ScriptedReply {
  const asked = new Map<string, number>();
  const held = new Map<string, number>();
  return (request) => {
    const plan = plans[callOf(request.bodyText)];
    if (plan === undefined) throw new Error(`A request is for no call: ${request.path}`);
    const key = `${plan.index} ${request.model}`;
    const nth = (asked.get(key) ?? 0) + 1;
    asked.set(key, nth);
    const [family, role] = request.model.split('-');
    const provider = family === families.openai ? 'openai' : 'anthropic';
    const newTokens = inputTokensOf(request.body, provider, plan.index % 5 === 0);
    tell(newTokens / (request.bodyText.length / 4));
    const inputTokens = newTokens + (goesOn(request.body) ? (held.get(key) ?? 0) : 0);
    const answer = well(plan, request, inputTokens, nth);
    // What a provider keeps of a conversation is read again with the next turn.
    held.set(key, inputTokens + (answer.usage.outputTokens ?? 0));
    return reply(plan, course, role, nth, answer);
  };
}

/** Whether the request leaves earlier turns to the provider. */
function goesOn(body: unknown): boolean {
  const { thread }: { readonly thread?: unknown } = Object(body);
  const { type }: { readonly type?: unknown } = Object(thread);
  return type === 'continue';
}

/** The number of the call that a request is for. */
function callOf(bodyText: string): number {
  return Number(/#(\d+)#/.exec(bodyText)?.[1]);
}

function reply(
  plan: Plan,
  course: Course,
  role: string | undefined,
  nth: number,
  answer: ScriptedReply,
): ScriptedReply {
  const { way, index, mishap } = plan;
  if (way === 'falls' && role === 'small') return failing(index, course);
  if (way === 'hedged' && course === 'finish')
    // The first fails while the second is asked already: nobody who is billed is left behind.
    return role === 'small' ? { status: 500, latencyMs: 150 } : { ...answer, latencyMs: 3_000 };
  return nth > 1 || role === 'twin' ? answer : spoilt(plan, mishap, answer);
}

/** A target that the call is to move on from. Only a broken connection may have cost something. */
function failing(index: number, course: Course): ScriptedReply {
  const failures: readonly ScriptedReply[] = [{ status: 429 }, { status: 500 }, { status: 503 }];
  if (course === 'breaks' && index % 4 === 0) return { connectionError: true };
  return failures[index % failures.length] ?? {};
}

/** An answer of so many tokens as the plan says, never more than the request allows. */
function well(
  { index, loop, outputShare, latencyMs, toolTurns }: Plan,
  { body }: ReceivedRequest,
  inputTokens: number,
  nth: number,
): ScriptedReply & { readonly usage: ScriptedUsage } {
  const limit = outputLimitOf(body);
  if (limit === undefined) throw new Error(`A request of call ${index} was sent without an output limit.`);
  const outputTokens = Math.max(1, Math.floor(limit * outputShare));
  const common = { usage: { inputTokens, outputTokens }, latencyMs, tokensPerSecond, goesOnMs };
  if (nth <= toolTurns)
    return {
      ...common,
      toolCalls: [{ name: toolName, arguments: { at: 'the river '.repeat(outputTokens / 3) } }],
    };
  const length = Math.max(1, Math.round((outputTokens * 4) / pieces));
  return {
    ...common,
    text: Array.from({ length: pieces }, () => `${'x'.repeat(length)} `),
    // SDKs that run tools take an answer at its limit for a failure.
    stopReason: outputTokens === limit && loop === undefined ? 'length' : 'stop',
  };
}

function outputLimitOf(body: unknown): number | undefined {
  const { max_tokens, max_completion_tokens, max_output_tokens }: Readonly<Record<string, unknown>> =
    Object(body);
  const limit = max_completion_tokens ?? max_tokens ?? max_output_tokens;
  return typeof limit === 'number' ? limit : undefined;
}

function spoilt({ stream, index }: Plan, mishap: Plan['mishap'], answer: ScriptedReply): ScriptedReply {
  switch (mishap) {
    case 'none':
      return answer;
    case 'status-429':
      return { status: 429 };
    case 'status-500':
      return { status: 500 };
    case 'connection':
      return { connectionError: true };
    case 'cut':
      return stream
        ? { ...answer, cutAfterEvents: index % pieces }
        : { ...answer, cutAfterBytes: index % 60 };
    case 'ends-early':
      return { ...answer, endWithoutTerminal: true };
    case 'in-band':
      return { ...answer, inBandError: { afterEvents: eventsBeforeFailure, message: 'overloaded' } };
    case 'hang':
      return { ...answer, hang: true };
    default:
      return mishap satisfies never;
  }
}
