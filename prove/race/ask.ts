import type Anthropic from '@anthropic-ai/sdk';
import { ManagedLLMError, type ChatRequest, type StreamRequest, type CallOptions } from 'managed-llm';
import type OpenAI from 'openai';
import { runLoop } from './loops.ts';
import { routeOf, type Plan } from './plan.ts';

/** What calls are made through. */
export interface Face {
  readonly clients: { readonly openai: OpenAI; readonly anthropic: Anthropic };
  readonly fetch: typeof globalThis.fetch;
  /** Where a plain `fetch` asks. */
  readonly url: string;
  chat(request: ChatRequest, options: CallOptions): Promise<unknown>;
  stream(request: StreamRequest, options: CallOptions): AsyncIterable<unknown>;
}

/** How a call ended for the application. */
export interface Ended {
  readonly how: 'answered' | 'refused' | 'stopped' | 'failed';
  /** What an error was. */
  readonly why: string;
  readonly refusal?: ManagedLLMError;
}

const answered: Ended = { how: 'answered', why: '' };
const stopped: Ended = { how: 'stopped', why: '' };

/** Streams that nobody reads, and nobody lets go of. */
const unread: unknown[] = [];
const tool = {
  name: 'look',
  description: 'Looks at something, and tells what is there: 見る.',
  schema: { type: 'object', properties: { at: { type: 'string', description: 'Where to look.' } } },
} as const;

/** Makes a call as its plan says, and ends it so. */
export async function ask(face: Face, plan: Plan): Promise<Ended> {
  const { ending } = plan;
  const stopping = new AbortController();
  const timer =
    ending.how === 'abort' || (ending.how === 'time-limit' && !hasTimeout(plan))
      ? setTimeout(() => stopping.abort(), ending.afterMs)
      : undefined;
  try {
    if (plan.loop !== undefined) {
      await runLoop(face, plan, plan.loop, stopping.signal);
      return answered;
    }
    const stream = await begin(face, plan, stopping.signal);
    if (stream === undefined) return answered;
    if (ending.how === 'unread') {
      unread.push(stream);
      return stopped;
    }
    let events = 0;
    for await (const _event of stream) {
      events += 1;
      if (ending.how === 'break' && events > ending.afterEvents) return stopped;
    }
    return answered;
  } catch (thrown) {
    return endedBy(thrown, stopping.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

function endedBy(thrown: unknown, wasStopped: boolean): Ended {
  const refusal = behind(thrown, ['budget-exceeded', 'ceiling-exceeded']);
  if (refusal !== undefined) return { how: 'refused', why: refusal.code, refusal };
  const told = thrown instanceof Error ? `${thrown.constructor.name}: ${thrown.message}` : String(thrown);
  const why = behind(thrown, [unanswered])?.code ?? ManagedLLMError.from(thrown)?.code ?? told;
  return { how: wasStopped ? 'stopped' : 'failed', why };
}

/** Other targets, or other attempts, may have failed before it: then it is the cause of what tells of them all. */
function behind(thrown: unknown, codes: readonly string[]): ManagedLLMError | undefined {
  let error: unknown = ManagedLLMError.from(thrown);
  while (ManagedLLMError.isInstance(error)) {
    if (codes.includes(error.code)) return error;
    error = error.cause;
  }
  return undefined;
}

/** What those are told whose store has not answered in time: nothing was sent for them. */
export const unanswered = 'state-unreachable';

/** Whether the SDK's own time limit can be said; elsewhere the application stops by itself. */
function hasTimeout({ dialect, loop }: Plan): boolean {
  if (loop !== undefined) return false;
  return dialect === 'chat' || dialect === 'responses' || dialect === 'messages';
}

/** Resolves to the stream, or, when all is there, to nothing. */
async function begin(
  face: Face,
  plan: Plan,
  signal: AbortSignal,
): Promise<AsyncIterable<unknown> | undefined> {
  const { dialect, prompt, system, limit, hasTools, ending, stream } = plan;
  const model = routeOf(plan);
  const options = { signal, ...(ending.how === 'time-limit' ? { timeout: ending.afterMs } : {}) };
  switch (dialect) {
    case 'chat':
    case 'fetch': {
      const request = {
        model,
        messages: [
          ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
          { role: 'user' as const, content: prompt },
        ],
        ...(limit === undefined ? {} : { max_completion_tokens: limit }),
        ...(hasTools
          ? {
              tools: [
                {
                  type: 'function' as const,
                  function: { name: tool.name, description: tool.description, parameters: tool.schema },
                },
              ],
            }
          : {}),
      };
      if (dialect === 'fetch') return fetched(face, { ...request, stream }, signal);
      const { completions } = face.clients.openai.chat;
      if (stream) return completions.create({ ...request, stream }, options);
      await completions.create(request, options);
      return undefined;
    }
    case 'responses': {
      const request = {
        model,
        input: prompt,
        ...(system === undefined ? {} : { instructions: system }),
        ...(limit === undefined ? {} : { max_output_tokens: limit }),
        ...(hasTools
          ? {
              tools: [
                {
                  type: 'function' as const,
                  name: tool.name,
                  description: tool.description,
                  parameters: tool.schema,
                  strict: false,
                },
              ],
            }
          : {}),
      };
      const { responses } = face.clients.openai;
      if (stream) return responses.create({ ...request, stream }, options);
      await responses.create(request, options);
      return undefined;
    }
    case 'messages': {
      const request = {
        model,
        messages: [{ role: 'user' as const, content: prompt }],
        ...(system === undefined ? {} : { system }),
        max_tokens: limit ?? 1,
        ...(hasTools
          ? { tools: [{ name: tool.name, description: tool.description, input_schema: tool.schema }] }
          : {}),
      };
      const { messages } = face.clients.anthropic;
      if (stream) return messages.create({ ...request, stream }, options);
      await messages.create(request, options);
      return undefined;
    }
    case 'neutral': {
      const request = {
        model,
        messages: [
          ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
          { role: 'user' as const, content: prompt },
        ],
        ...(limit === undefined ? {} : { maxOutputTokens: limit }),
      };
      if (stream) return face.stream(request, { signal });
      await face.chat(request, { signal });
      return undefined;
    }
    default:
      return dialect satisfies never;
  }
}

async function fetched(
  { fetch, url }: Face,
  body: object,
  signal: AbortSignal,
): Promise<AsyncIterable<unknown> | undefined> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok && 'stream' in body && body.stream === true) return response.body ?? undefined;
  const text = await response.text();
  if (!response.ok)
    throw ManagedLLMError.from(response) ?? new Error(`${response.status} ${text.slice(0, 200)}`);
  return undefined;
}
