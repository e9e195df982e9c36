import { LLMock } from '@copilotkit/aimock';
import { standIn, type ScriptedReply, type StandInServer } from 'managed-llm/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { disagreements } from './shape.ts';

/**
 * The same requests, answered alike, to our stand-in and to aimock, which somebody else wrote from the same
 * documentation. `+` is what only our replies have, `-` what only theirs have.
 */
const ours = standIn();
const theirs = new LLMock({ port: 0 });
let server: StandInServer;

beforeAll(async () => {
  server = await ours.listen();
  await theirs.start();
});
afterAll(async () => {
  await server.close();
  await theirs.stop();
});

interface WireEvent {
  /** The `event:` line; what a chunk of chat completions carries, which has none. */
  readonly name: string;
  readonly data: unknown;
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly events: readonly WireEvent[];
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: object; readonly finish_reason?: string | null }[];
}

const paths = {
  '/v1/chat/completions': {
    model: 'm',
    messages: [{ role: 'user', content: 'q' }],
    stream_options: { include_usage: true },
  },
  '/v1/responses': { model: 'm', input: 'q' },
  '/v1/messages': { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'q' }] },
} as const;
type Path = keyof typeof paths;

async function ask(url: string, path: Path, stream: boolean): Promise<Answer> {
  const { stream_options, ...body } = { stream_options: undefined, ...paths[path] };
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify(stream ? { ...body, stream, stream_options } : body),
  });
  const text = await response.text();
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
    return { status: response.status, json: JSON.parse(text), events: [] };
  return {
    status: response.status,
    json: undefined,
    events: text.split('\n\n').flatMap((frame) => (frame.trim() === '' ? [] : [eventOf(frame)])),
  };
}

function eventOf(frame: string): WireEvent {
  const data = /^data: (.*)$/m.exec(frame)?.[1] ?? '';
  const name = /^event: (.*)$/m.exec(frame)?.[1];
  if (!data.startsWith('{')) return { name: data, data: undefined };
  const json = JSON.parse(data) as Chunk;
  const [choice] = json.choices ?? [];
  const carried = [...Object.keys(choice?.delta ?? {}), choice?.finish_reason ?? ''].filter(Boolean);
  return { name: name ?? (choice === undefined ? 'usage' : carried.join(' ')), data: json };
}

/** Names in order; how many pieces a text comes in is nobody's business. */
function sequence(events: readonly WireEvent[]): readonly string[] {
  return events.map(({ name }) => name).filter((name, index, all) => name !== all[index - 1]);
}

async function both(reply: ScriptedReply, path: Path, stream: boolean): Promise<readonly [Answer, Answer]> {
  ours.always(reply);
  theirs.clearFixtures();
  if (reply.status === undefined) {
    theirs.onMessage(/./, {
      content: String(reply.text),
      ...(reply.reasoning === undefined ? {} : { reasoning: reply.reasoning }),
      ...(reply.toolCalls === undefined
        ? {}
        : {
            toolCalls: reply.toolCalls.map((call) => ({
              ...call,
              arguments: JSON.stringify(call.arguments),
            })),
          }),
    });
  } else theirs.nextRequestError(reply.status, { message: 'no', type: 'rate_limit_error' });
  return [await ask(server.url, path, stream), await ask(theirs.url, path, stream)];
}

const replies = {
  text: { text: ['Hi'] },
  reasoning: { text: ['Hi'], reasoning: 'Hm' },
  'tools called side by side': {
    text: ['Hi'],
    toolCalls: [
      { name: 'look', arguments: { at: 1 }, id: 'call_a' },
      { name: 'look', arguments: { at: 2 }, id: 'call_b' },
    ],
  },
} satisfies Record<string, ScriptedReply>;
const cases = Object.entries(replies).flatMap(([what, reply]) =>
  (Object.keys(paths) as Path[]).map((path) => ({ what, reply, path })),
);

/** What aimock leaves out: members that the SDKs' types require (openai 7.57, anthropic 1.12), or that the API sends. */
const more: Readonly<Record<Path, RegExp>> = {
  // Sent though optional, as most recorded exchanges with OpenAI show.
  '/v1/chat/completions':
    /^\+ (choices\[\]\.(message\.annotations|delta\.refusal)|service_tier|system_fingerprint|usage\.\w+_tokens_details)$/,
  // What a response repeats of its request, `logprobs` of every text, the number of every event, whose arguments are done.
  '/v1/responses':
    /^\+ (response\.)?(sequence_number|background|error|incomplete_details|instructions|max_output_tokens|metadata|parallel_tool_calls|previous_response_id|reasoning|service_tier|store|temperature|text|tool_choice|tools|top_p|truncation|usage|usage\.\w+_tokens_details|((output\[\]|item)\.content\[\]|part)\.logprobs|logprobs|name)$/,
  // All nullable, and all required.
  '/v1/messages':
    /^\+ (message\.|delta\.)?(container|stop_details|(content\[\]|content_block)\.(caller|citations)|usage\.\w+)$/,
};

describe('our stand-in and aimock', () => {
  test.each(cases)(
    'agree about plain replies with $what ($path): ours only says more',
    async ({ reply, path }) => {
      const [one, other] = await both(reply, path, false);
      expect([one.status, other.status]).toEqual([200, 200]);
      const found = disagreements([one.json], [other.json]);
      expect(found.filter((line) => !more[path].test(line))).toEqual([]);
      expect(found.length).toBeGreaterThan(0);
    },
  );

  test.each(cases)(
    'agree about the events of streams with $what ($path), but for what is explained here',
    async ({ what, reply, path }) => {
      const [one, other] = await both(reply, path, true);
      // Anthropic sends a ping early (API reference, "Streaming Messages": any number of them anywhere).
      const expected = sequence(one.events.filter(({ name }) => name !== 'ping')).map((name) =>
        // OpenAI's first delta says that there is no refusal.
        name === 'role content refusal' ? 'role content' : name,
      );
      const told = sequence(other.events);
      // OpenAI's own chat streams show no reasoning. DeepSeek, whose member it is, sends the role first, as ours does.
      const isOrdered = what !== 'reasoning' || path !== '/v1/chat/completions';
      expect(isOrdered ? told : told.toSorted()).toEqual(isOrdered ? expected : expected.toSorted());

      const kinds = new Set([...one.events, ...other.events].map(({ name }) => kindOf(name, path)));
      kinds.delete('ping');
      for (const kind of kinds) {
        const of = ({ events }: Answer) =>
          events.flatMap(({ name, data }) =>
            kindOf(name, path) === kind && data !== undefined ? [data] : [],
          );
        const found = disagreements(of(one), of(other)).filter(
          (line) =>
            !more[path].test(line) &&
            // Where usage was asked for, every other chunk has it as null (API reference, `stream_options`).
            line !== 'usage: null | object ≠ object',
        );
        expect(found).toEqual([]);
      }
    },
  );

  test.each(Object.keys(paths) as Path[])('agree about errors (%s)', async (path) => {
    const [one, other] = await both({ status: 429, error: { message: 'no' } }, path, false);
    expect([one.status, other.status]).toEqual([429, 429]);
    expect(disagreements([one.json], [other.json])).toEqual(
      path === '/v1/messages'
        ? // Documented ("Errors": every error has it).
          ['+ request_id']
        : // OpenAI's has a code of its own, `rate_limit_exceeded`; theirs only where the test gives one.
          ['error.code: string ≠ null'],
    );
  });
});

/** Chunks of chat completions are one kind of event. */
function kindOf(name: string, path: Path): string {
  return path === '/v1/chat/completions' ? 'chunk' : name;
}
