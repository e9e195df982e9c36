import type Anthropic from '@anthropic-ai/sdk';
import type { toFile } from '@anthropic-ai/sdk';
import type { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import type { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type { StandIn } from 'managed-llm/testing';
import * as z from 'zod';
import type { Check, Lab, Outcome } from './lab.ts';
import { arrival, describeError, describeResponse } from './lab.ts';
import { belowTheChain, letGo, meantOf, readers } from './readers.ts';
import { sentinelOut } from './sentinels.ts';

/** The helpers of the very SDK a client is from. */
export interface AnthropicKit {
  readonly zodOutputFormat: typeof zodOutputFormat;
  readonly betaZodTool: typeof betaZodTool;
  readonly toFile: typeof toFile;
}

const messages = [{ role: 'user' as const, content: 'Say something nice about Zürich 🏔️' }];
const ask = { model: 'claude-sonnet-5-5', max_tokens: 100, messages } as const;
const said = ['Hello ', 'SECR', 'ET-91', 'c2, it is ', 'lovely', '.'];
const usage = { inputTokens: 11, outputTokens: 7, cachedInputTokens: 3 };
const spoken = (provider: StandIn): void => void provider.always({ text: said, usage });
const Answer = z.object({ city: z.string(), rating: z.number() });
const structured = (provider: StandIn): void =>
  void provider.always({ json: { city: `Zürich ${sentinelOut.from}`, rating: 9 }, usage });
const failed = (reply: Parameters<StandIn['always']>[0]) => (provider: StandIn) =>
  void provider.always({ headers: { 'retry-after-ms': '1' }, ...reply } as never);
const toolRun = (provider: StandIn): void =>
  void provider
    .next({
      toolCalls: [{ name: 'look', arguments: { at: `the ${sentinelOut.from}` }, id: 'toolu_1' }],
      usage,
    })
    .always({ text: said, usage });

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(structuredClone(event));
  return events;
}

async function page(list: PromiseLike<AsyncIterable<unknown>>): Promise<unknown> {
  const first = await list;
  const items: unknown[] = [];
  for await (const item of first) items.push(item);
  return { class: first.constructor, items };
}

const isTimeout = (outcome: Outcome): boolean =>
  /APIConnectionTimeoutError/.test(
    String((outcome.error as { class?: { name?: string } } | undefined)?.class),
  );

export function anthropicChecks(kit: AnthropicKit): readonly Check<Anthropic>[] {
  const checks: Check<Anthropic>[] = [];
  const group = (name: string, ...members: Omit<Check<Anthropic>, 'group'>[]): void => {
    for (const member of members) checks.push({ group: name, ...member });
  };
  const lookTool = (lab: Lab) =>
    kit.betaZodTool({
      name: 'look',
      description: 'Looks.',
      inputSchema: z.object({ at: z.string() }),
      run: (args) => {
        lab.keep('tool called with', args);
        return `looked at ${args.at}`;
      },
    });

  group(
    'create',
    { name: 'message', script: spoken, run: (client) => client.messages.create(ask) },
    {
      name: 'with a system prompt, tomorrow’s parameters',
      script: spoken,
      run: (client) =>
        client.messages.create({
          ...ask,
          system: 'Be kind.',
          ...({ invented_yesterday: { deep: [1, null, 'x'] } } as object),
        }),
    },
    {
      name: 'with system blocks, thinking',
      script: (provider) =>
        void provider.always({ reasoning: `Think of ${sentinelOut.from}.`, text: said, usage }),
      run: (client) =>
        client.messages.create({
          ...ask,
          max_tokens: 4_000,
          system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
          thinking: { type: 'enabled', budget_tokens: 2_000 },
        }),
    },
    {
      name: 'request options',
      script: spoken,
      run: (client) =>
        client.messages.create(ask, {
          headers: { 'X-Mine': 'yes', 'User-Agent': null },
          query: { q: 'a b' },
          timeout: 12_345,
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
        return client.withOptions({ fetch }).messages.create(ask, { fetchOptions });
      },
    },
    {
      name: 'request id',
      script: spoken,
      run: async (client) => (await client.messages.create(ask))._request_id,
    },
    {
      name: 'beta',
      script: spoken,
      run: (client) => client.beta.messages.create({ ...ask, betas: ['context-1m-2025-08-07'] }),
    },
    {
      name: 'too long to be plain',
      script: spoken,
      run: (client) => client.messages.create({ ...ask, max_tokens: 60_000 }),
    },
    {
      name: 'raw post',
      script: spoken,
      run: (client) => client.post('/v1/messages', { body: { ...ask } }),
    },
    { name: 'raw get', run: (client) => client.get('/v1/models') },
  );

  group(
    'stream',
    {
      name: 'message',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.messages.create({ ...ask, stream: true });
        lab.keep('class', stream.constructor);
        return lab.events(await all(stream));
      },
    },
    {
      name: 'thinking and a tool call',
      script: (provider) =>
        void provider.always({
          reasoning: `Let me think of ${sentinelOut.from} now.`,
          toolCalls: [{ name: 'look', arguments: { at: sentinelOut.from }, id: 'toolu_1' }],
          usage,
        }),
      run: async (client, lab) =>
        lab.events(await all(await client.messages.create({ ...ask, stream: true }))),
    },
    {
      name: 'one byte at a time',
      script: (provider) => void provider.always({ text: said, usage, chunking: 1 }),
      run: async (client, lab) =>
        lab.events(await all(await client.messages.create({ ...ask, stream: true }))),
    },
    {
      name: 'tee()',
      script: spoken,
      run: async (client, lab) => {
        const [left, right] = (await client.messages.create({ ...ask, stream: true })).tee();
        return [lab.events(await all(left)), lab.events(await all(right))];
      },
    },
    {
      name: 'toReadableStream()',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.messages.create({ ...ask, stream: true });
        const text = await new Response(stream.toReadableStream()).text();
        return lab.events(
          text
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as unknown),
        );
      },
    },
    {
      name: 'beta',
      script: spoken,
      run: async (client, lab) =>
        lab.events(await all(await client.beta.messages.create({ ...ask, stream: true }))),
    },
  );

  group(
    '.stream()',
    {
      name: 'message',
      script: spoken,
      run: async (client) => {
        const runner = client.messages.stream(ask);
        const content: string[] = [];
        runner.on('text', (delta) => content.push(delta));
        const final = await runner.finalMessage();
        return { class: runner.constructor, content: content.join(''), final, id: runner.request_id };
      },
    },
    {
      name: 'iterated',
      script: spoken,
      run: async (client, lab) => lab.events(await all(client.messages.stream(ask))),
    },
    {
      name: 'withResponse()',
      script: spoken,
      run: async (client) => {
        const { data, response, request_id } = await client.messages.stream(ask).withResponse();
        return { text: await data.finalText(), status: response.status, request_id };
      },
    },
    {
      name: 'structured',
      script: structured,
      run: (client) =>
        client.messages
          .stream({ ...ask, output_config: { format: kit.zodOutputFormat(Answer) } })
          .finalMessage(),
    },
    {
      name: 'beta',
      script: spoken,
      run: (client) => client.beta.messages.stream(ask).finalMessage(),
    },
  );

  group(
    '.parse',
    {
      name: 'with zod',
      script: structured,
      run: (client) =>
        client.messages.parse({ ...ask, output_config: { format: kit.zodOutputFormat(Answer) } }),
    },
    {
      name: 'with zod, not as asked',
      script: (provider) => void provider.always({ json: { city: 1 }, usage }),
      run: (client) =>
        client.messages.parse({ ...ask, output_config: { format: kit.zodOutputFormat(Answer) } }),
    },
  );

  group(
    'toolRunner',
    {
      name: 'plain',
      script: toolRun,
      run: async (client, lab) => {
        const runner = client.beta.messages.toolRunner({ ...ask, tools: [lookTool(lab)] });
        const turns: unknown[] = [];
        for await (const turn of runner) turns.push(turn);
        return { turns, messages: runner.params.messages, class: runner.constructor };
      },
    },
    {
      name: 'awaited',
      script: toolRun,
      run: async (client, lab) => client.beta.messages.toolRunner({ ...ask, tools: [lookTool(lab)] }),
    },
    {
      name: 'streamed',
      script: toolRun,
      run: async (client, lab) => {
        const runner = client.beta.messages.toolRunner({ ...ask, stream: true, tools: [lookTool(lab)] });
        const turns: unknown[] = [];
        for await (const turn of runner) turns.push(await turn.finalMessage());
        return { turns, messages: runner.params.messages };
      },
    },
    {
      name: 'that fails',
      script: failed({ status: 529, headers: { 'retry-after-ms': '1' } }),
      run: async (client, lab) => client.beta.messages.toolRunner({ ...ask, tools: [lookTool(lab)] }),
    },
  );

  group(
    '.withResponse',
    {
      name: 'message',
      script: spoken,
      run: async (client) => {
        const { data, response, request_id } = await client.messages.create(ask).withResponse();
        return { data, response: describeResponse(response), request_id };
      },
    },
    {
      name: 'stream',
      script: spoken,
      run: async (client, lab) => {
        const { data, response, request_id } = await client.messages
          .create({ ...ask, stream: true })
          .withResponse();
        const before = describeResponse(response);
        const events = lab.events(await all(data));
        return { before, events, after: describeResponse(response), request_id };
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
          const response = await client.messages.create(ask).asResponse();
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
          const response = await client.messages.create({ ...ask, stream: true }).asResponse();
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
        const response = await client.messages.create(ask).asResponse();
        await response.text();
        return response.text();
      },
    },
    {
      name: 'cancelled unread',
      script: spoken,
      run: async (client) => {
        const response = await client.messages.create({ ...ask, stream: true }).asResponse();
        await response.body?.cancel();
        return describeResponse(response);
      },
      meant: {
        why: 'cancelling a body ends its request, also behind the Bedrock adapter, where bare leaves it open',
        isIt: (_bare, _governed, differences) =>
          differences.every((how) => how.endsWith('ended as cancelled instead of open')),
      },
    },
  );

  group(
    'break and abort',
    {
      name: 'break after one event',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.messages.create({ ...ask, stream: true });
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
        const runner = client.messages.stream(ask);
        for await (const _event of runner) break;
        return { aborted: runner.aborted, ended: runner.ended, errored: runner.errored };
      },
    },
    {
      name: 'aborted before',
      script: spoken,
      run: (client) => client.messages.create(ask, { signal: AbortSignal.abort() }),
    },
    {
      name: 'aborted before, with a reason',
      script: spoken,
      run: (client) => client.messages.create(ask, { signal: AbortSignal.abort('enough') }),
    },
    {
      name: 'aborted during a plain call',
      script: (provider) => void provider.always({ hang: true }),
      run: (client, { provider }) => {
        const controller = new AbortController();
        void arrival(provider).then(() => controller.abort());
        return client.messages.create(ask, { signal: controller.signal });
      },
    },
    {
      name: 'aborted mid-stream',
      script: spoken,
      run: async (client, lab) => {
        const controller = new AbortController();
        const stream = await client.messages.create({ ...ask, stream: true }, { signal: controller.signal });
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
        const runner = client.messages.stream(ask);
        runner.on('streamEvent', () => runner.abort());
        const error: unknown = await runner.finalMessage().catch((thrown: unknown) => thrown);
        lab.keep('aborted', runner.aborted);
        throw error;
      },
    },
  );

  group('upload', {
    name: 'file',
    script: (provider) => void provider.always({ json: { id: 'file_1', type: 'file' } }),
    run: async (client) =>
      client.beta.files.upload({ file: await kit.toFile(Buffer.from('some bytes'), 'a.txt') }),
  });

  group(
    'list and pages',
    { name: 'models', run: (client) => page(client.models.list()) },
    { name: 'one model', run: (client) => client.models.retrieve('claude-sonnet-5-5') },
    {
      name: 'pages',
      script: (provider) => {
        const batch = (id: string): object => ({ id, type: 'message_batch' });
        provider
          .next({ json: { data: [batch('1'), batch('2')], has_more: true, first_id: '1', last_id: '2' } })
          .always({ json: { data: [batch('3')], has_more: false, first_id: '3', last_id: '3' } });
      },
      run: async (client) => {
        const pages: unknown[] = [];
        for await (const one of (await client.messages.batches.list({ limit: 2 })).iterPages())
          pages.push([one.constructor, one.data]);
        return pages;
      },
    },
    {
      name: 'a page that fails',
      script: failed({ status: 500 }),
      run: (client) => page(client.models.list()),
    },
  );

  group(
    'withOptions',
    {
      name: 'headers and timeout',
      script: spoken,
      run: (client) =>
        client.withOptions({ defaultHeaders: { 'x-extra': '1' }, timeout: 9_000 }).messages.create(ask),
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
        let count = 0;
        const fetch: typeof globalThis.fetch = (input, init) => {
          count++;
          return lab.provider.fetch(input, init);
        };
        const reply = await client.withOptions({ fetch }).withOptions({}).messages.create(ask);
        return { reply, count };
      },
    },
    {
      name: 'middleware',
      script: spoken,
      run: async (client, lab) => {
        const changed = client.withOptions({
          middleware: [
            (request, next) => {
              request.headers.set('x-of-middleware', '1');
              lab.keep('request', [request.method, request.url]);
              return next(request);
            },
          ],
        });
        return changed.messages.create(ask);
      },
    },
    {
      name: 'no middleware',
      script: spoken,
      run: (client) => client.withOptions({ middleware: [] }).messages.create(ask),
    },
    {
      name: 'middleware for one request',
      script: spoken,
      run: async (client, lab) => {
        const stream = await client.messages.create(
          { ...ask, stream: true },
          {
            middleware: [
              async (request, next) => {
                request.headers.set('x-of-request', '1');
                const response = await next(request);
                lab.keep('status', response.status);
                return response;
              },
            ],
          },
        );
        return lab.events(await all(stream));
      },
    },
    {
      name: 'fewer retries',
      script: failed({ status: 500 }),
      run: (client) => client.withOptions({ maxRetries: 1 }).messages.create(ask),
    },
  );

  group(
    'count tokens',
    {
      name: 'message',
      run: (client) => client.messages.countTokens({ model: ask.model, messages }),
    },
    {
      name: 'beta',
      run: (client) => client.beta.messages.countTokens({ model: ask.model, messages }),
    },
  );

  group(
    'batches',
    {
      name: 'create, retrieve, list',
      run: async (client) => {
        const made = await client.messages.batches.create({
          requests: [{ custom_id: '1', params: { ...ask } }],
        });
        return [
          made,
          await client.messages.batches.retrieve(made.id),
          await page(client.messages.batches.list()),
        ];
      },
    },
    {
      name: 'results, as JSON lines',
      script: (provider) => {
        provider
          .next({
            json: {
              id: 'msgbatch_1',
              type: 'message_batch',
              results_url: 'https://api.anthropic.com/v1/messages/batches/msgbatch_1/results',
            },
          })
          .always({
            body: '{"custom_id":"1","result":{"type":"canceled"}}\n{"custom_id":"2","result":{"type":"expired"}}\n',
            headers: { 'content-type': 'application/x-jsonl' },
          });
      },
      run: async (client) => all(await client.messages.batches.results('msgbatch_1')),
    },
  );

  group('binary and others', {
    name: 'file content',
    script: (provider) => void provider.always({ body: Uint8Array.from({ length: 300 }, (_, i) => i % 256) }),
    run: async (client) => {
      const response = await client.beta.files.download('file_1');
      return { response: describeResponse(response), bytes: new Uint8Array(await response.arrayBuffer()) };
    },
  });

  for (const status of [400, 401, 402, 403, 404, 409, 413, 429, 500, 503, 529]) {
    group(
      'errors',
      {
        name: `${status}, plain`,
        script: failed({ status, error: { message: `Because ${status}` } }),
        run: (client) => client.messages.create(ask, { maxRetries: 1 }),
      },
      {
        name: `${status}, stream`,
        script: failed({ status, error: { message: `Because ${status}` } }),
        run: (client) => client.messages.create({ ...ask, stream: true }, { maxRetries: 1 }),
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
      run: (client) => client.messages.create(ask),
    },
    {
      name: '400 that says retry',
      script: failed({ status: 400, headers: { 'x-should-retry': 'true', 'retry-after-ms': '1' } }),
      run: (client) => client.messages.create(ask),
    },
    {
      name: '500 that says do not',
      script: failed({ status: 500, headers: { 'x-should-retry': 'false' } }),
      run: (client) => client.messages.create(ask),
    },
    {
      name: 'error that is no JSON',
      script: failed({ status: 502, body: '<html>bad gateway</html>' }),
      run: (client) => client.messages.create(ask, { maxRetries: 0 }),
    },
    {
      name: 'connection broken before the answer',
      script: (provider) => void provider.always({ connectionError: true }),
      run: (client) => client.messages.create(ask, { maxRetries: 0 }),
    },
    {
      name: 'answer that is no JSON',
      script: (provider) =>
        void provider.always({ body: 'hello', headers: { 'content-type': 'text/plain' } }),
      run: (client) => client.messages.create(ask),
    },
    {
      name: 'error as the first frame of a stream',
      script: (provider) =>
        void provider.always({ text: said, inBandError: { afterEvents: 0, message: 'Overloaded' } }),
      run: async (client) => all(await client.messages.create({ ...ask, stream: true })),
    },
    {
      name: 'error inside a stream',
      script: (provider) =>
        void provider.always({ text: said, inBandError: { afterEvents: 4, message: 'Overloaded' } }),
      run: async (client) => all(await client.messages.create({ ...ask, stream: true })),
    },
    {
      name: 'error inside .stream()',
      script: (provider) =>
        void provider.always({ text: said, inBandError: { afterEvents: 4, message: 'Overloaded' } }),
      run: (client) => client.messages.stream(ask).finalMessage(),
    },
    {
      name: 'stream cut by the line',
      script: (provider) => void provider.always({ text: said, cutAfterEvents: 3 }),
      run: async (client) => all(await client.messages.create({ ...ask, stream: true })),
    },
    {
      name: 'stream without its end',
      script: (provider) => void provider.always({ text: said, endWithoutTerminal: true }),
      run: async (client) => all(await client.messages.create({ ...ask, stream: true })),
      meant: {
        why: 'a stream that stops without its terminal event is an error governed, where bare ends as if it were whole',
        isIt: (bare, governed) => bare.error === undefined && governed.error !== undefined,
      },
    },
    {
      name: 'timeout',
      script: (provider) => void provider.always({ hang: true }),
      run: (client) => client.messages.create(ask, { timeout: 150, maxRetries: 0 }),
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
          .messages.create(ask),
    },
    {
      name: 'caught and looked at',
      script: failed({ status: 400, error: { message: 'no' } }),
      run: async (client) =>
        describeError(await client.messages.create(ask).catch((thrown: unknown) => thrown)),
    },
  );
  return checks;
}
