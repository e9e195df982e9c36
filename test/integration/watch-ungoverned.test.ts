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
