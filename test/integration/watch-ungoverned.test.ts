import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManagedLLM, watchUngoverned, type UngovernedRequest } from 'managed-llm';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

describe('watching for requests that pass no ManagedLLM', () => {
  let server: Server;
  let origin: string;
  const messages = [{ role: 'user' as const, content: 'hi' }];
  const here = 'watch-ungoverned.test.ts';

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          object: 'chat.completion',
          choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
        }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  function watching() {
    const told: UngovernedRequest[] = [];
    const watch = watchUngoverned({ hosts: ['127.0.0.1'], onRequest: (request) => told.push(request) });
    return { told, watch };
  }

  /** A dispatcher of Node's own, which its `fetch` uses: there is no other way to its class. */
  function pooled(connections: number): object {
    const key = Object.getOwnPropertySymbols(globalThis).find(({ description }) =>
      description?.startsWith('undici.globalDispatcher'),
    );
    const usual = key === undefined ? undefined : (globalThis as Record<symbol, unknown>)[key];
    const Agent = Object(usual).constructor as new (options: object) => object;
    return new Agent({ connections });
  }

  const client = () => new OpenAI({ apiKey: 'test', baseURL: `${origin}/v1`, maxRetries: 0 });

  test('a bare client is seen, with where it was asked and without the query', async () => {
    const { told, watch } = watching();
    await client().chat.completions.create({ model: 'm', messages });
    await fetch(`${origin}/v1/models?key=secret`);
    watch.stop();
    expect(told).toMatchObject([
      { host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions' },
      { host: '127.0.0.1', method: 'GET', path: '/v1/models' },
    ]);
    expect(told[1]?.from).toContain(here);
    expect(JSON.stringify(watch.seen)).not.toContain('secret');
  });

  test('what is built on node:http is seen', async () => {
    const { told, watch } = watching();
    await new Promise((resolve) => get(`${origin}/v1/x`, (response) => response.resume().on('end', resolve)));
    watch.stop();
    expect(told).toMatchObject([{ method: 'GET', path: '/v1/x', from: expect.stringContaining(here) }]);
  });

  test('governed calls are not, nor those that they repeat or send elsewhere, nor their neighbours by mistake', async () => {
    const { told, watch } = watching();
    const llm = new ManagedLLM({ providers: { a: client(), b: client() } });
    await Promise.all([
      llm.clients.a.chat.completions.create({ model: 'm', messages }),
      llm.clients.a.chat.completions.create({ model: 'b/m', messages }),
      llm.chat({ model: 'b/m', messages: 'hi' }),
      llm.clients.a.models.list(),
      client().chat.completions.create({ model: 'm', messages }),
    ]);
    watch.stop();
    expect(told).toHaveLength(1);
    await llm.close();
  });

  test('what is asked where governed calls run is no part of them: in callbacks, streams, hooks, tools, interceptors', async () => {
    const { told, watch } = watching();
    const ask = (where: string): Promise<unknown> =>
      fetch(`${origin}/v1/${where}`).then((answer) => answer.text());
    const asked: Promise<unknown>[] = [];
    const llm = new ManagedLLM({
      providers: { a: client() },
      interceptors: [
        {
          name: 'asks',
          stage: 'send',
          async intercept(call, next) {
            await ask('before');
            const reply = await next(call);
            await ask('behind');
            reply.onSettled(() => void asked.push(ask('settled')));
            return reply;
          },
        },
      ],
    });
    llm.on('attempt:start', () => void asked.push(ask('started')));
    llm.on('call:end', () => void asked.push(ask('ended')));
    await llm.clients.a.chat.completions.create({ model: 'm', messages }).then(() => ask('then'));
    await llm.idle();
    await Promise.all(asked);
    watch.stop();
    expect(told.map(({ path }) => path).toSorted()).toEqual(
      ['before', 'behind', 'ended', 'settled', 'started', 'then'].map((where) => `/v1/${where}`),
    );
    await llm.close();
  });

  test('nor are requests on connections that a governed call has opened, nor governed ones on those that it has not', async () => {
    const { told, watch } = watching();
    const llm = new ManagedLLM({ providers: { a: client() } });
    for (let time = 0; time < 3; time++) {
      await llm.clients.a.chat.completions.create({ model: 'm', messages });
      await (await fetch(`${origin}/v1/bare`)).text();
    }
    watch.stop();
    expect(watch.seen).toMatchObject([{ path: '/v1/bare', count: 3 }]);
    expect(told.every(({ from }) => from?.includes(here))).toBe(true);
    await llm.close();
  });

  test('those that wait for a connection are told apart by number, whoever had it before', async () => {
    // Node's own: a pool in which all but two wait.
    const dispatcher = pooled(2);
    const { watch } = watching();
    const options = { apiKey: 'test', baseURL: `${origin}/v1`, maxRetries: 0, fetchOptions: { dispatcher } };
    const llm = new ManagedLLM({ providers: { a: new OpenAI(options as object) } });
    const bare = new OpenAI(options as object);
    const asked = Array.from({ length: 20 }, (_, index) =>
      (index % 3 === 0 ? bare : llm.clients.a).chat.completions.create({ model: 'm', messages }),
    );
    await Promise.all(asked);
    watch.stop();
    expect(watch.seen.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    await llm.close();
  });

  test('two who watch see the same', async () => {
    const [one, two] = [watching(), watching()];
    const llm = new ManagedLLM({ providers: { a: client() } });
    await llm.clients.a.chat.completions.create({ model: 'm', messages });
    await fetch(`${origin}/v1/bare`);
    one.watch.stop();
    two.watch.stop();
    expect(one.watch.seen).toEqual(two.watch.seen);
    expect(one.told).toHaveLength(1);
    await llm.close();
  });

  test('whoever is told and throws hurts nobody who asks, and is told of', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const faults = [
      () => {
        throw new Error('at once');
      },
      () => Promise.reject(new Error('later')),
    ];
    for (const onRequest of faults) {
      const watch = watchUngoverned({ hosts: ['127.0.0.1'], onRequest });
      expect((await fetch(`${origin}/v1/x`)).status).toBe(200);
      watch.stop();
    }
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings).toEqual(
      ['at once', 'later'].map((why) => `\`onRequest\` of \`watchUngoverned\` threw: ${why}`),
    );
  });

  test('ids make no kinds of their own, names of models do', async () => {
    const { watch } = watching();
    const paths = [
      'files/file-AbC123dEf456GhI',
      'files/file-ZzZ999yYy888XxX',
      'threads/thread_abc123abc123abc/messages',
      'jobs/123e4567-e89b-12d3-a456-426614174000',
      'model/anthropic.claude-3-5-sonnet-20241022-v2:0/invoke',
      'models/gemini-2.0-flash:generateContent',
      'deployments/gpt-4o-prod-2024/chat/completions',
    ];
    for (const path of paths) await fetch(`${origin}/v1/${path}`);
    watch.stop();
    expect(watch.seen.map(({ path, count }) => [path.slice('/v1/'.length), count])).toEqual([
      ['files/*', 2],
      ['threads/*/messages', 1],
      ['jobs/*', 1],
      ['model/anthropic.claude-3-5-sonnet-20241022-v2:0/invoke', 1],
      ['models/gemini-2.0-flash:generateContent', 1],
      ['deployments/gpt-4o-prod-2024/chat/completions', 1],
    ]);
  });

  test('tells how often each was seen, the most frequent first', async () => {
    const { watch } = watching();
    const ask = (path: string) => fetch(origin + path);
    await ask('/once');
    for (let time = 0; time < 3; time++) await ask('/thrice');
    watch.stop();
    await ask('/after');
    expect(watch.seen).toMatchObject([
      { path: '/thrice', count: 3 },
      { path: '/once', count: 1 },
    ]);
  });

  test('warns once for each kind when nobody else is told', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const watch = watchUngoverned({ hosts: ['127.0.0.1'] });
    for (let time = 0; time < 2; time++) await fetch(`${origin}/v1/warned`);
    watch.stop();
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings.filter((text) => text.includes('/v1/warned'))).toHaveLength(1);
    expect(warnings[0]).toContain('GET 127.0.0.1/v1/warned did not pass a ManagedLLM');
  });

  test('looks only at hosts that are known or named', async () => {
    const told: UngovernedRequest[] = [];
    const watch = watchUngoverned({ onRequest: (request) => told.push(request) });
    await fetch(`${origin}/v1/models`);
    watch.stop();
    expect(told).toEqual([]);
  });

  test('a misspelt option is refused', () => {
    expect(() => watchUngoverned({ host: ['a'] } as object)).toThrow('Did you mean `hosts`?');
  });
});
