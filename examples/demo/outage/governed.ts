import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import {
  ManagedLLM,
  breaker,
  fallback,
  retry,
  throttle,
  timeLimits,
  type CircuitChange,
  type CircuitState,
  type Receipt,
} from 'managed-llm';
import { answer, question } from './question.ts';
import { Tally } from './tally.ts';

const cooldownMs = 200;

/** An application that asks `smart` through both SDKs: Claude at the first provider, else GPT at the second. */
export class GovernedApplication implements AsyncDisposable {
  readonly tally = new Tally();
  /** Calls that each provider answered. */
  readonly served = { first: 0, second: 0 };
  readonly #llm;
  /** When each request to the first provider was sent. */
  readonly #sentAt: number[] = [];
  /** When its circuit opened after having been closed, and when it closed again. */
  readonly #outages: { readonly from: number; to?: number }[] = [];
  #circuit: CircuitState = 'closed';
  #askedWhileOpen = 0;

  constructor(firstUrl: string, secondUrl: string) {
    // The numbers are small because the bad day is short; the defaults are for real ones.
    const health = breaker({
      minCalls: 4,
      windowMs: 1_000,
      cooldownMs,
      maxCooldownMs: 500,
      onChange: (change) => void (change.kind === 'circuit' && this.#changed(change)),
    });
    this.#llm = new ManagedLLM({
      providers: {
        first: new Anthropic({ baseURL: firstUrl, apiKey: 'none' }),
        second: new OpenAI({ baseURL: `${secondUrl}/v1`, apiKey: 'none' }),
      },
      routes: { smart: fallback('first/claude-haiku-5-5', 'second/gpt-6-luna') },
      interceptors: [
        retry(),
        health,
        throttle(),
        timeLimits({ callMs: 30_000 }, { first: { firstEventMs: 400 } }),
      ],
    });
    this.#llm.on('call:end', (receipt) => this.#ended(receipt));
  }

  get circuit(): CircuitState {
    return this.#circuit;
  }

  /** Once through each SDK. */
  ask(): void {
    const { first: anthropic, second: openai } = this.#llm.clients;
    const request = { ...question, model: 'smart' } as const;
    if (this.#circuit !== 'closed') this.#askedWhileOpen += 2;
    this.tally.count(anthropic.messages.stream(request).finalText(), answer);
    const content = openai.chat.completions.stream(request).finalContent();
    this.tally.count(
      content.then((text) => text ?? ''),
      answer,
    );
  }

  /** Of the times in which the circuit of the first provider was not closed. */
  get whileOpen() {
    const now = Date.now();
    const within = (at: number): boolean => this.#outages.some(({ from, to = now }) => at > from && at < to);
    return {
      /** Calls that were made. */
      asked: this.#askedWhileOpen,
      /** Requests that the first provider was sent. */
      sent: this.#sentAt.filter(within).length,
      sentAtMost: this.#outages.reduce((sum, { from, to = now }) => sum + (to - from) / cooldownMs, 0),
    };
  }

  #changed({ from, to, at }: CircuitChange): void {
    this.#circuit = to;
    if (from === 'closed') this.#outages.push({ from: at });
    const current = this.#outages.at(-1);
    if (to === 'closed' && current !== undefined) current.to = at;
  }

  #ended({ target, attempts }: Receipt): void {
    if (target?.provider === 'first') this.served.first += 1;
    if (target?.provider === 'second') this.served.second += 1;
    for (const attempt of attempts)
      if (attempt.target.provider === 'first') this.#sentAt.push(attempt.startedAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#llm.close();
  }
}
