import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM, type Clock, type Interceptor, type Receipt } from 'managed-llm';
import OpenAI from 'openai';
import type { ProofContext } from '../proof.ts';

/** One part of the proof. */
export interface Part {
  readonly name: string;
  /** Collects failures; returns what was measured, in a few words. */
  run(checks: Checks, context: ProofContext): Promise<string>;
}

/** Counts checks; those that fail are told. */
export class Checks {
  passed = 0;
  readonly failures: string[] = [];
  readonly #part: string;

  constructor(part: string) {
    this.#part = part;
  }

  /** `detail` is only made for a failure. */
  that(holds: boolean, what: string, detail?: () => unknown): void {
    if (holds) this.passed++;
    else this.failures.push(`${this.#part}: ${what}${detail === undefined ? '' : `: ${String(detail())}`}`);
  }
}

export interface Clients {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
}

/** The three ways to ask for a stream. */
export const dialects = ['chat', 'responses', 'messages'] as const;
export type DialectName = (typeof dialects)[number];

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly maxRetries?: number;
}

/** A stream as the SDK gives it. */
export interface SdkStream extends AsyncIterable<unknown> {
  readonly controller: AbortController;
}

const anyModel = 'any-model';
const content = 'Say it.';

/** Asks for a stream. */
export async function stream(
  { openai, anthropic }: Clients,
  dialect: DialectName,
  options: RequestOptions = {},
  model = anyModel,
): Promise<SdkStream> {
  switch (dialect) {
    case 'chat':
      return openai.chat.completions.create(
        { model, stream: true, messages: [{ role: 'user', content }] },
        options,
      );
    case 'responses':
      return openai.responses.create({ model, stream: true, input: content }, options);
    case 'messages':
      return anthropic.messages.create(
        { model, stream: true, max_tokens: 1_000_000, messages: [{ role: 'user', content }] },
        options,
      );
  }
}

/** Asks for a plain reply. */
export async function plain(
  { openai, anthropic }: Clients,
  dialect: DialectName,
  options: RequestOptions = {},
): Promise<unknown> {
  const model = anyModel;
  switch (dialect) {
    case 'chat':
      return openai.chat.completions.create({ model, messages: [{ role: 'user', content }] }, options);
    case 'responses':
      return openai.responses.create({ model, input: content }, options);
    case 'messages':
      return anthropic.messages.create(
        { model, max_tokens: 1_000, messages: [{ role: 'user', content }] },
        options,
      );
  }
}

/** Both SDKs on one transport, with no governing. */
export function bareClients(transport: { readonly fetch?: typeof fetch; readonly url?: string }): Clients {
  const { fetch, url } = transport;
  const through = fetch === undefined ? {} : { fetch };
  return {
    openai: new OpenAI({
      apiKey: 'test',
      ...(url === undefined ? {} : { baseURL: `${url}/v1` }),
      ...through,
    }),
    anthropic: new Anthropic({ apiKey: 'test', ...(url === undefined ? {} : { baseURL: url }), ...through }),
  };
}

export interface Lab {
  readonly llm: ManagedLLM<Clients & Record<string, OpenAI | Anthropic>>;
  readonly clients: Clients;
  /** Receipts of settled calls, in the order they settled. */
  readonly receipts: Receipt[];
  readonly attempts: { started: number; ended: number };
  readonly faults: unknown[];
}

export interface LabOptions {
  readonly interceptors?: readonly Interceptor[];
  readonly clock?: Clock;
  readonly unreadStreamMs?: number;
}

/** The same, governed, with everything that is settled written down. */
export function govern(bare: Clients, options: LabOptions = {}): Lab {
  const faults: unknown[] = [];
  const llm = new ManagedLLM({
    providers: { openai: bare.openai, anthropic: bare.anthropic },
    onError: (error) => faults.push(error),
    ...options,
  });
  const receipts: Receipt[] = [];
  const attempts = { started: 0, ended: 0 };
  llm.on('call:end', (receipt) => receipts.push(receipt));
  llm.on('attempt:start', () => void attempts.started++);
  llm.on('attempt:end', () => void attempts.ended++);
  return { llm: llm as Lab['llm'], clients: llm.clients, receipts, attempts, faults };
}

/** Whether a promise resolves within so many turns of the event loop. */
export async function resolves(promise: Promise<unknown>, turns = 200): Promise<boolean> {
  const state = { resolved: false };
  void promise.then(() => (state.resolved = true));
  for (let turn = 0; turn < turns && !state.resolved; turn++) await new Promise(setImmediate);
  return state.resolved;
}

/** Waits on the machine's clock until something holds; false after `limitMs`. */
export async function until(holds: () => boolean, limitMs = 10_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}

/** A full collection. The flag is set from inside, so that a proof needs no special command. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Collections with turns of the event loop between, in which finalisers run. */
export async function collectUntil(holds: () => boolean, rounds = 40): Promise<boolean> {
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    await sleep(2);
    if (holds()) return true;
  }
  return holds();
}
