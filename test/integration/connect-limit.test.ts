import { once as event } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ManagedLLM, timeLimits, type Receipt } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { governed, openai, rejection, theOnlyCall } from './governed.ts';
import { once, until } from './neutral.ts';

const servers: { readonly server: Server; readonly sockets: Socket[] }[] = [];

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Listens on a port of its own; what it accepted is closed after the test. */
async function listening(
  server: Server,
): Promise<{ readonly port: number; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  servers.push({ server, sockets });
  await event(server, 'listening');
  return { port: (server.address() as AddressInfo).port, sockets };
}

function through(baseURL: string, connectMs: number) {
  const clock = manualClock();
  const receipts: Receipt[] = [];
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', baseURL }) },
    interceptors: [once, ...timeLimits({ connectMs })],
    clock,
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const ask = () =>
    llm.clients.openai.chat.completions.create({
      model: 'gpt',
      messages: [{ role: 'user', content: 'hello' }],
    });
  return { llm, clock, receipts, ask };
}

const answer = { id: 'a', object: 'chat.completion', created: 0, model: 'gpt', choices: [] };

describe('`connectMs`, over real sockets', () => {
  test('ends an attempt whose connection is never made', async () => {
    // It accepts, and never says a word of the handshake.
    const { port, sockets } = await listening(createServer());
    const { clock, receipts, llm, ask } = through(`https://127.0.0.1:${port}/v1`, 500);
    const failed = rejection(ask());
    await until(() => sockets.length === 1);
    await clock.advance(499);
    expect(receipts).toEqual([]);
    await clock.advance(1);
    expect(await failed).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    await llm.idle();
    expect(receipts).toMatchObject([
      {
        outcome: 'timed-out',
        error: {
          kind: 'timeout',
          code: 'time-limit',
          message:
            'The attempt got no connection to send its request on within 500 ms, which is its limit. Raise `connectMs` if it needs longer.',
        },
      },
    ]);
  });

  test('does not count once the request has left, nor for the next one on the same connection', async () => {
    let release: () => void = () => {};
    let requests = 0;
    const server = createHttpServer((request, response) => {
      request.resume();
      requests++;
      release = () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      };
    });
    const { port, sockets } = await listening(server);
    const { clock, receipts, llm, ask } = through(`http://127.0.0.1:${port}/v1`, 500);
    for (let round = 1; round <= 3; round++) {
      const reply = ask();
      await until(() => requests === round);
      await clock.advance(60_000);
      release();
      expect(await reply).toMatchObject({ id: 'a' });
    }
    await llm.idle();
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished', 'finished']);
    expect(sockets.length).toBeGreaterThan(0);
  });

  test('holds for each of many at once, with one timer for all', async () => {
    const { port, sockets } = await listening(createServer());
    const { clock, receipts, llm, ask } = through(`https://127.0.0.1:${port}/v1`, 500);
    const failed = Array.from({ length: 20 }, () => rejection(ask()));
    await until(() => sockets.length === 20);
    await clock.advance(500);
    for (const error of await Promise.all(failed))
      expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    await llm.idle();
    expect(receipts).toHaveLength(20);
    expect(clock.pending).toBeLessThanOrEqual(1);
  });
});

describe('`connectMs`, over a transport that does not tell', () => {
  test('does not apply', async () => {
    const world = governed({ interceptors: [once, ...timeLimits({ connectMs: 500 })] });
    world.provider.next({ text: 'late', latencyMs: 60_000 });
    const reply = openai.create(world.llm);
    await world.clock.advance(60_000);
    expect(openai.text(await reply)).toBe('late');
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');
  });

  test('though requests of others are made in the same process', async () => {
    const bystander = createHttpServer((_request, response) => response.end('{}'));
    const { port } = await listening(bystander);
    const world = governed({ interceptors: [once, ...timeLimits({ connectMs: 500 })] });
    world.provider.next({ latencyMs: 1_000 });
    const reply = openai.create(world.llm);
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    await world.clock.advance(1_000);
    await reply;
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');
  });
});
