import type OpenAI from 'openai';
import type { toFile } from 'openai';
import type { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import type { StandIn } from 'managed-llm/testing';
import * as z from 'zod';
import type { Check, Lab, Outcome } from './lab.ts';
import { arrival, describeError, describeResponse } from './lab.ts';
import { belowTheChain, letGo, meantOf, readers } from './readers.ts';
import { sentinelOut } from './sentinels.ts';

/** The helpers of the very SDK a client is from. */
export interface OpenAIKit {
  readonly zodResponseFormat: typeof zodResponseFormat;
  readonly zodTextFormat: typeof zodTextFormat;
  readonly toFile: typeof toFile;
}

const messages = [{ role: 'user' as const, content: 'Say something nice about Zürich 🏔️' }];
const chat = { model: 'gpt-6-luna', messages } as const;
const said = ['Hello ', 'SECR', 'ET-91', 'c2, it is ', 'lovely', '.'];
const usage = { inputTokens: 11, outputTokens: 7, cachedInputTokens: 3 };
const spoken = (provider: StandIn): void => void provider.always({ text: said, usage });
const Answer = z.object({ city: z.string(), rating: z.number() });
const structured = (provider: StandIn): void =>
  void provider.always({ json: { city: `Zürich ${sentinelOut.from}`, rating: 9 }, usage });

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function page(list: PromiseLike<AsyncIterable<unknown>>): Promise<unknown> {
  const first = await list;
  const items: unknown[] = [];
  for await (const item of first) items.push(item);
  return { class: first.constructor, items };
}

const toolRun = (provider: StandIn): void =>
  void provider
    .next({
      toolCalls: [{ name: 'look', arguments: { at: `the ${sentinelOut.from}` }, id: 'call_1' }],
      usage,
    })
    .always({ text: said, usage });

const lookTool = (lab: Lab) =>
  ({
    type: 'function',
    function: {
      name: 'look',
      description: 'Looks.',
      parameters: { type: 'object', properties: { at: { type: 'string' } } },
      parse: JSON.parse,
      function: (args: { at: string }) => {
        lab.keep('tool called with', args);
        return `looked at ${args.at}`;
      },
    },
  }) as const;

const failed = (reply: Parameters<StandIn['always']>[0]) => (provider: StandIn) =>
  void provider.always({ headers: { 'retry-after-ms': '1' }, ...reply } as never);

const isTimeout = (outcome: Outcome): boolean =>
  /APIConnectionTimeoutError/.test(
    String((outcome.error as { class?: { name?: string } } | undefined)?.class),
  );

export function openaiChecks(kit: OpenAIKit): readonly Check<OpenAI>[] {
  const checks: Check<OpenAI>[] = [];
  const group = (name: string, ...members: Omit<Check<OpenAI>, 'group'>[]): void => {
    for (const member of members) checks.push({ group: name, ...member });
  };

  group(
    'create',
    { name: 'chat', script: spoken, run: (client) => client.chat.completions.create(chat) },
    {
      name: 'chat, tomorrow’s parameters',
      script: spoken,
      run: (client) =>
        client.chat.completions.create({
          ...chat,
          metadata: { a: 'b' },
          temperature: 0,
          ...({ invented_yesterday: { deep: [1, null, 'x'] } } as object),
        }),
    },
    {
      name: 'chat, several choices',
      script: spoken,
      run: (client) => client.chat.completions.create({ ...chat, n: 2 }),
    },
    {
      name: 'request options',
      script: spoken,
      run: (client) =>
        client.chat.completions.create(chat, {
          headers: { 'X-Mine': 'yes', 'User-Agent': null },
          query: { q: 'a b' },
          timeout: 12_345,
          idempotencyKey: 'once',
          maxRetries: 1,
        }),
    },
    {
      name: 'what the fetch is called with',
      script: spoken,
      run: async (client, lab) => {
        const fetch: typeof globalThis.fetch = (input, init) => {
          const { headers, signal, ...rest } = init ?? {};
          lab.keep('called with', [typeof input, headers instanceof Headers, signal instanceof AbortSignal]);
          lab.keep('keys', Object.keys(rest).toSorted());
          lab.keep('own', [rest.method, rest.keepalive, (rest as { mine?: unknown }).mine]);
          return lab.provider.fetch(input, init);
        };
        const fetchOptions = { keepalive: true, mine: { deep: 1 } } as object;
        return client.withOptions({ fetch }).chat.completions.create(chat, { fetchOptions });
      },
    },
    {
      name: 'request id',
      script: spoken,
      run: async (client) => (await client.chat.completions.create(chat))._request_id,
    },
    {
      name: 'raw post',
      script: spoken,
      run: (client) => client.post('/chat/completions', { body: { ...chat } }),
    },
    { name: 'raw get', run: (client) => client.get('/models') },
    {
      name: 'legacy completions',
      script: (provider) => void provider.always({ json: { choices: [{ text: 'x' }] } }),
      run: (client) => client.completions.create({ model: 'davinci', prompt: 'x' }),
    },
    {
      name: '.then, .catch, .finally',
      script: spoken,
      run: (client) =>
        client.chat.completions
          .create(chat)
          .then((reply) => reply.choices.length)
          .finally(() => {}),
    },
  );

  group(
    'stream',
    {
      name: 'chat',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        lab.keep('class', stream.constructor);
        return lab.events(await all(stream));
      },
    },
    {
      name: 'chat, usage asked for',
      script: spoken,
      run: async (client, lab) =>
        lab.events(
          await all(
            await client.chat.completions.create({
              ...chat,
              stream: true,
              stream_options: { include_usage: true },
            }),
          ),
        ),
    },
    {
      name: 'chat, other stream options',
      script: spoken,
      run: async (client, lab) =>
        lab.events(
          await all(
            await client.chat.completions.create({
              ...chat,
              stream: true,
              stream_options: { include_obfuscation: false },
            }),
          ),
        ),
    },
    {
      name: 'chat, tool calls',
      script: toolRun,
      run: async (client, lab) =>
        lab.events(
          await all(
            await client.chat.completions.create({
              ...chat,
              stream: true,
              tools: [{ type: 'function', function: { name: 'look', parameters: {} } }],
            }),
          ),
        ),
    },
    {
      name: 'chat, one byte at a time',
      script: (provider) => void provider.always({ text: said, usage, chunking: 1 }),
      run: async (client, lab) =>
        lab.events(await all(await client.chat.completions.create({ ...chat, stream: true }))),
    },
    {
      name: 'chat, tee()',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        const [left, right] = stream.tee();
        return [lab.events(await all(left)), lab.events(await all(right))];
      },
    },
    {
      name: 'chat, toReadableStream()',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        const text = await new Response(stream.toReadableStream()).text();
        return lab.events(
          text
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as unknown),
        );
      },
    },
  );

  group(
    '.stream()',
    {
      name: 'chat',
      script: spoken,
      run: async (client) => {
        const runner = client.chat.completions.stream(chat);
        const content: string[] = [];
        runner.on('content', (delta) => content.push(delta));
        const final = await runner.finalChatCompletion();
        return { class: runner.constructor, content: content.join(''), final };
      },
    },
    {
      name: 'chat, iterated',
      script: spoken,
      run: async (client, lab) => lab.events(await all(client.chat.completions.stream(chat))),
    },
    {
      name: 'chat, structured',
      script: structured,
      run: async (client) =>
        client.chat.completions
          .stream({ ...chat, response_format: kit.zodResponseFormat(Answer, 'answer') })
          .finalChatCompletion(),
    },
    {
      name: 'responses',
      script: spoken,
      run: async (client, lab) => {
        const runner = client.responses.stream({ model: 'gpt-6-luna', input: 'Hi' });
        const events = await all(runner);
        return { events: lab.events(events), final: await runner.finalResponse() };
      },
    },
  );

  group(
    '.parse',
    {
      name: 'chat with zod',
      script: structured,
      run: (client) =>
        client.chat.completions.parse({ ...chat, response_format: kit.zodResponseFormat(Answer, 'answer') }),
    },
    {
      name: 'chat with zod, not as asked',
      script: (provider) => void provider.always({ json: { city: 1 }, usage }),
      run: (client) =>
        client.chat.completions.parse({ ...chat, response_format: kit.zodResponseFormat(Answer, 'answer') }),
    },
    {
      name: 'chat with zod, cut short',
      script: (provider) => void provider.always({ text: '{"ci', stopReason: 'length', usage }),
      run: (client) =>
        client.chat.completions.parse({ ...chat, response_format: kit.zodResponseFormat(Answer, 'answer') }),
    },
    {
      name: 'responses with zod',
      script: structured,
      run: (client) =>
        client.responses.parse({
          model: 'gpt-6-luna',
          input: 'Hi',
          text: { format: kit.zodTextFormat(Answer, 'answer') },
        }),
    },
  );

  group(
    'runTools',
    {
      name: 'plain',
      script: toolRun,
      run: async (client, lab) => {
        const runner = client.chat.completions.runTools({ ...chat, tools: [lookTool(lab)] });
        return { content: await runner.finalContent(), messages: runner.messages, class: runner.constructor };
      },
    },
    {
      name: 'streamed',
      script: toolRun,
      run: async (client, lab) => {
        const runner = client.chat.completions.runTools({ ...chat, stream: true, tools: [lookTool(lab)] });
        return { content: await runner.finalContent(), messages: runner.messages, class: runner.constructor };
      },
    },
  );

  group(
    '.withResponse',
    {
      name: 'chat',
      script: spoken,
      run: async (client) => {
        const { data, response, request_id } = await client.chat.completions.create(chat).withResponse();
        return { data, response: describeResponse(response), request_id };
      },
    },
    {
      name: 'chat stream',
      script: spoken,
      run: async (client, lab) => {
        const { data, response, request_id } = await client.chat.completions
          .create({ ...chat, stream: true })
          .withResponse();
        const before = describeResponse(response);
        const events = lab.events(await all(data));
        return { before, events, after: describeResponse(response), request_id };
      },
    },
    {
      name: 'models',
      run: async (client) => {
        const { data, response } = await client.models.list().withResponse();
        return { data: data.data, response: describeResponse(response) };
      },
    },
  );

  for (const [name, read] of Object.entries(readers)) {
    const meant = meantOf(name);
    group(
      '.asResponse',
      {
        name: `plain, ${name}`,
        script: spoken,
        run: async (client, lab) => {
          const response = await client.chat.completions.create(chat).asResponse();
          lab.keep('before', describeResponse(response));
          const text = await read(response).finally(() => letGo(response));
          if (!belowTheChain.has(name)) lab.keep('after', describeResponse(response));
          return text;
        },
        ...(meant === undefined ? {} : { meant }),
      },
      {
        name: `stream, ${name}`,
        script: spoken,
        run: async (client, lab) => {
          const response = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
          lab.keep('before', describeResponse(response));
          const text = await read(response).finally(() => letGo(response));
          if (!belowTheChain.has(name)) lab.keep('after', describeResponse(response));
          return lab.sse(text);
        },
        ...(meant === undefined ? {} : { meant }),
      },
    );
  }
  group(
    '.asResponse',
    {
      name: 'read twice',
      script: spoken,
      run: async (client) => {
        const response = await client.chat.completions.create(chat).asResponse();
        await response.text();
        return response.text();
      },
    },
    {
      name: 'cancelled unread',
      script: spoken,
      run: async (client) => {
        const response = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
        await response.body?.cancel();
        return describeResponse(response);
      },
      meant: {
        why: 'cancelling a body ends its request, also behind the Bedrock adapter, where bare leaves it open',
        isIt: (_bare, _governed, differences) =>
          differences.every((how) => how.endsWith('ended as cancelled instead of open')),
      },
    },
    {
      name: 'instanceof and own properties',
      script: spoken,
      run: async (client) => {
        const response = await client.chat.completions.create(chat).asResponse();
        return {
          keys: Object.keys(response),
          json: JSON.stringify(response),
          is: response instanceof Response,
        };
      },
    },
  );

  group(
    'break and abort',
    {
      name: 'break after one event',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        for await (const event of stream) {
          lab.keep('first', lab.events([event]));
          break;
        }
        return stream.controller.signal.aborted;
      },
    },
    {
      name: 'break out of .stream()',
      script: spoken,
      run: async (client) => {
        const runner = client.chat.completions.stream(chat);
        for await (const _event of runner) break;
        return { aborted: runner.aborted, ended: runner.ended, errored: runner.errored };
      },
    },
    {
      name: 'controller.abort() mid-stream',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        let count = 0;
        for await (const _event of stream) if (++count === 2) stream.controller.abort();
        lab.keep('count', count);
        return 'ended';
      },
    },
    {
      name: 'aborted before',
      script: spoken,
      run: (client) => client.chat.completions.create(chat, { signal: AbortSignal.abort() }),
    },
    {
      name: 'aborted before, with a reason',
      script: spoken,
      run: (client) => client.chat.completions.create(chat, { signal: AbortSignal.abort('enough') }),
    },
    {
      name: 'aborted during a plain call',
      script: (provider) => void provider.always({ hang: true }),
      run: (client, { provider }) => {
        const controller = new AbortController();
        void arrival(provider).then(() => controller.abort());
        return client.chat.completions.create(chat, { signal: controller.signal });
      },
    },
    {
      name: 'aborted mid-stream',
      script: spoken,
      run: async (client, lab) => {
        const controller = new AbortController();
        const stream = await client.chat.completions.create(
          { ...chat, stream: true },
          { signal: controller.signal },
        );
        let count = 0;
        for await (const _event of stream) if (++count === 2) controller.abort();
        lab.keep('count', count);
        return 'ended';
      },
      meant: {
        why: 'after an abort a governed stream stops at once, where bare hands on an event that the Bedrock adapter had buffered',
        isIt: (bare, governed) => bare.kept[0]?.[1] === 3 && governed.kept[0]?.[1] === 2,
      },
    },
    {
      name: '.stream() aborted',
      script: spoken,
      run: async (client, lab) => {
        const runner = client.chat.completions.stream(chat);
        runner.on('chunk', () => runner.abort());
        const error: unknown = await runner.finalChatCompletion().catch((thrown: unknown) => thrown);
        lab.keep('aborted', runner.aborted);
        throw error;
      },
    },
  );

  group(
    'upload',
    {
      name: 'file',
      run: async (client) =>
        client.files.create({
          file: await kit.toFile(Buffer.from('{"a":1}\n'), 'data.jsonl'),
          purpose: 'batch',
        }),
    },
    {
      name: 'blob',
      run: (client) =>
        client.files.create({ file: new File(['some bytes'], 'a.txt'), purpose: 'assistants' }),
    },
    {
      name: 'transcription',
      script: (provider) => void provider.always({ json: { text: 'spoken' } }),
      run: async (client) =>
        client.audio.transcriptions.create({ file: new File(['pcm'], 'a.wav'), model: 'whisper-1' }),
    },
    {
      name: 'through a fetch with a Response of its own',
      run: async (client, lab) => {
        const probed: string[] = [];
        const fetch = Object.assign(
          async (input: string | URL | Request, init?: RequestInit) => {
            if (String(input).startsWith('data:')) probed.push(`${String(input)} ${String(init)}`);
            return lab.provider.fetch(input, init);
          },
          { Response, preconnect: () => {} },
        );
        const uploaded = await client
          .withOptions({ fetch })
          .files.create({ file: new File(['x'], 'a.txt'), purpose: 'assistants' });
        return { probed, uploaded };
      },
    },
  );

  group(
    'list and pages',
    { name: 'models', run: (client) => page(client.models.list()) },
    {
      name: 'files, for await',
      run: async (client) => {
        await client.files.create({ file: new File(['x'], 'a.txt'), purpose: 'assistants' });
        return page(client.files.list({ limit: 5 }));
      },
    },
    {
      name: 'pages of batches',
      script: (provider) => {
        const batch = (id: string): object => ({ id, object: 'batch' });
        provider
          .next({ json: { object: 'list', data: [batch('1'), batch('2')], has_more: true } })
          .always({ json: { object: 'list', data: [batch('3')], has_more: false } });
      },
      run: async (client) => {
        const pages: unknown[] = [];
        for await (const one of (await client.batches.list({ limit: 2 })).iterPages())
          pages.push([one.constructor, one.data]);
        return pages;
      },
    },
    {
      name: 'a page that fails',
      script: failed({ status: 500 }),
      run: (client) => page(client.files.list()),
    },
    { name: 'one that is missing', run: (client) => client.files.retrieve('file-none') },
  );

  const counting = (lab: Lab): { fetch: typeof fetch; count: () => number } => {
    let count = 0;
    return {
      count: () => count,
      fetch: (input, init) => {
        count++;
        return lab.provider.fetch(input, init);
      },
    };
  };
  group(
    'withOptions',
    {
      name: 'headers and timeout',
      script: spoken,
      run: (client) =>
        client
          .withOptions({ defaultHeaders: { 'x-extra': '1' }, timeout: 9_000 })
          .chat.completions.create(chat),
    },
    {
      name: 'same class, same settings',
      script: spoken,
      run: async (client) => {
        const changed = client.withOptions({ timeout: 9_000, maxRetries: 7 });
        const { baseURL, timeout, maxRetries } = changed;
        return { class: changed.constructor, baseURL, timeout, maxRetries };
      },
    },
    {
      name: 'what the client says of itself',
      run: async (client) => {
        const { baseURL, timeout, maxRetries, constructor } = client;
        return { constructor, baseURL, timeout, maxRetries, keys: Object.keys(client).toSorted() };
      },
    },
    {
      name: 'a fetch',
      script: spoken,
      run: async (client, lab) => {
        const { fetch, count } = counting(lab);
        const reply = await client.withOptions({ fetch }).chat.completions.create(chat);
        return { reply, count: count() };
      },
    },
    {
      name: 'a fetch, then more options',
      script: spoken,
      run: async (client, lab) => {
        const { fetch, count } = counting(lab);
        const last = client.withOptions({ fetch }).withOptions({ timeout: 8_000 }).withOptions({});
        const reply = await last.chat.completions.create({ ...chat, stream: true });
        return { events: lab.events(await all(reply)), count: count() };
      },
    },
    {
      name: 'fewer retries',
      script: failed({ status: 500 }),
      run: (client) => client.withOptions({ maxRetries: 1 }).chat.completions.create(chat),
    },
    {
      name: 'another base URL',
      script: spoken,
      run: (client) => client.withOptions({ baseURL: 'http://127.0.0.1:9/v9' }).chat.completions.create(chat),
    },
  );

  group(
    'embeddings',
    {
      name: 'as floats decoded by the SDK',
      run: (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b c'] }),
    },
    {
      name: 'base64 asked for',
      run: (client) =>
        client.embeddings.create({
          model: 'text-embedding-3-small',
          input: 'a',
          encoding_format: 'base64',
          dimensions: 8,
        }),
    },
    {
      name: 'refused by the provider',
      script: failed({ status: 400, error: { message: 'no' } }),
      run: (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: '' }),
    },
  );

  group(
    'responses',
    {
      name: 'create',
      script: spoken,
      run: (client) =>
        client.responses.create({ model: 'gpt-6-luna', input: 'Hi', instructions: 'Be brief.' }),
    },
    {
      name: 'create, items',
      script: spoken,
      run: (client) =>
        client.responses.create({
          model: 'gpt-6-luna',
          input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
          reasoning: { effort: 'low' },
        }),
    },
    {
      name: 'stream',
      script: spoken,
      run: async (client, lab) =>
        lab.events(
          await all(await client.responses.create({ model: 'gpt-6-luna', input: 'Hi', stream: true })),
        ),
    },
    {
      name: 'stream with reasoning and a tool call',
      script: (provider) =>
        void provider.always({
          reasoning: `Let me think of ${sentinelOut.from} now.`,
          toolCalls: [{ name: 'look', arguments: { at: sentinelOut.from }, id: 'call_1' }],
          usage,
        }),
      run: async (client, lab) =>
        lab.events(
          await all(await client.responses.create({ model: 'gpt-6-luna', input: 'Hi', stream: true })),
        ),
    },
    {
      name: 'count tokens',
      run: (client) =>
        client.post('/responses/input_tokens', { body: { model: 'gpt-6-luna', input: 'a b' } }),
    },
    {
      name: 'break',
      script: spoken,
      run: async (client) => {
        const stream = await client.responses.create({ model: 'gpt-6-luna', input: 'Hi', stream: true });
        for await (const event of stream) return event.type;
        return 'nothing';
      },
    },
  );

  group('batches', {
    name: 'create, retrieve, list',
    run: async (client) => {
      const made = await client.batches.create({
        input_file_id: 'file-1',
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      });
      return [made, await client.batches.retrieve(made.id), await page(client.batches.list())];
    },
  });

  group(
    'binary and others',
    {
      name: 'speech, bytes',
      run: async (client) => {
        const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'a b c' });
        return { response: describeResponse(response), bytes: new Uint8Array(await response.arrayBuffer()) };
      },
    },
    {
      name: 'speech, as a stream',
      run: async (client) => {
        const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'a b c' });
        const chunks: Uint8Array[] = [];
        for await (const chunk of response.body ?? []) chunks.push(chunk);
        return Buffer.concat(chunks).toString('hex');
      },
    },
    {
      name: 'file content',
      script: (provider) => void provider.always({ body: '{"line":1}\n{"line":2}\n' }),
      run: async (client) => {
        const response = await client.files.content('file-1');
        return { response: describeResponse(response), text: await response.text() };
      },
    },
    {
      name: 'moderations',
      run: (client) => client.moderations.create({ input: 'violence' }),
    },
    {
      name: 'images',
      script: (provider) => void provider.always({ json: { created: 1, data: [{ b64_json: 'aGk=' }] } }),
      run: (client) => client.images.generate({ prompt: 'a hill', model: 'gpt-image-1' }),
    },
    {
      name: 'nothing to say (204)',
      script: (provider) => void provider.always({ status: 204 }),
      run: (client) => client.delete('/files/file-1'),
    },
  );

  for (const status of [400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 529]) {
    group(
      'errors',
      {
        name: `${status}, plain`,
        script: failed({ status, error: { message: `Because ${status}`, code: 'because', param: 'p' } }),
        run: (client) => client.chat.completions.create(chat, { maxRetries: 1 }),
      },
      {
        name: `${status}, stream`,
        script: failed({ status, error: { message: `Because ${status}` } }),
        run: (client) => client.chat.completions.create({ ...chat, stream: true }, { maxRetries: 1 }),
      },
    );
  }
  group(
    'errors',
    {
      name: 'one 429, then an answer',
      script: (provider) => {
        provider.next({ status: 429, headers: { 'retry-after-ms': '1' } });
        spoken(provider);
      },
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: '400 that says retry',
      script: failed({ status: 400, headers: { 'x-should-retry': 'true', 'retry-after-ms': '1' } }),
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: '500 that says do not',
      script: failed({ status: 500, headers: { 'x-should-retry': 'false' } }),
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: 'error that is no JSON',
      script: failed({ status: 502, body: '<html>bad gateway</html>' }),
      run: (client) => client.chat.completions.create(chat, { maxRetries: 0 }),
    },
    {
      name: 'connection broken before the answer',
      script: (provider) => void provider.always({ connectionError: true }),
      run: (client) => client.chat.completions.create(chat, { maxRetries: 0 }),
    },
    {
      name: 'plain body cut',
      script: (provider) => void provider.always({ text: said, usage, cutAfterBytes: 20 }),
      run: (client) => client.chat.completions.create(chat, { maxRetries: 0 }),
      meant: {
        why: 'a plain body is read inside the attempt, so a cut one is tried again and ends as APIConnectionError, where bare rejects with the raw TypeError at once',
        isIt: (_bare, governed) =>
          String((governed.error as { class?: { name: string } }).class?.name) === 'APIConnectionError',
      },
    },
    {
      name: 'answer that is no JSON',
      script: (provider) =>
        void provider.always({ body: 'hello', headers: { 'content-type': 'text/plain' } }),
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: 'answer that only says it is JSON',
      script: (provider) =>
        void provider.always({ body: 'hello', headers: { 'content-type': 'application/json' } }),
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: 'empty answer',
      script: (provider) =>
        void provider.always({
          body: '',
          headers: { 'content-type': 'application/json', 'content-length': '0' },
        }),
      run: (client) => client.chat.completions.create(chat),
    },
    {
      name: 'error as the first frame of a stream',
      script: (provider) =>
        void provider.always({ text: said, inBandError: { afterEvents: 0, message: 'Overloaded' } }),
      run: async (client) => all(await client.chat.completions.create({ ...chat, stream: true })),
    },
    {
      name: 'error inside a stream',
      script: (provider) =>
        void provider.always({ text: said, inBandError: { afterEvents: 3, message: 'Overloaded' } }),
      run: async (client, lab) => {
        const stream = await client.chat.completions.create({ ...chat, stream: true });
        for await (const event of stream) lab.keep('event', lab.events([event]) !== undefined);
        return 'ended';
      },
    },
    {
      name: 'stream cut by the line',
      script: (provider) => void provider.always({ text: said, cutAfterEvents: 3 }),
      run: async (client) => all(await client.chat.completions.create({ ...chat, stream: true })),
    },
    {
      name: 'stream without its end',
      script: (provider) => void provider.always({ text: said, endWithoutTerminal: true }),
      run: async (client) => all(await client.chat.completions.create({ ...chat, stream: true })),
      meant: {
        why: 'a stream that stops without its terminal event is an error governed, where bare ends as if it were whole',
        isIt: (bare, governed) => bare.error === undefined && governed.error !== undefined,
      },
    },
    {
      name: 'timeout',
      script: (provider) => void provider.always({ hang: true }),
      run: (client) => client.chat.completions.create(chat, { timeout: 150, maxRetries: 0 }),
      meant: {
        why: 'the cause of a timeout is ours',
        isIt: (_bare, governed, differences) =>
          isTimeout(governed) && differences.every((how) => how.startsWith('outcome.error.cause')),
      },
    },
    {
      name: 'thrown by the fetch',
      neverArrives: true,
      script: spoken,
      run: (client) =>
        client
          .withOptions({ fetch: () => Promise.reject(new RangeError('mine')), maxRetries: 0 })
          .chat.completions.create(chat),
    },
    {
      name: 'caught and looked at',
      script: failed({ status: 400, error: { message: 'no' } }),
      run: async (client) => {
        const error: unknown = await client.chat.completions.create(chat).catch((thrown: unknown) => thrown);
        return describeError(error);
      },
    },
  );
  return checks;
}
