import type { HookName, HookPayloads } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { governed, openai, readAll, rejection, sdks, settledOnce, type Governed } from './governed.ts';

const messages = [{ role: 'user' as const, content: 'hello' }];
const names = ['call:start', 'attempt:start', 'stream:first-event', 'attempt:end', 'call:end'] as const;

/** Everything that listeners were told, in order. */
function log({ llm }: Governed): { name: HookName; payload: HookPayloads[HookName] }[] {
  const told: { name: HookName; payload: HookPayloads[HookName] }[] = [];
  for (const name of names) llm.on(name, (payload) => told.push({ name, payload }));
  return told;
}

describe.each(sdks)('what listeners are told ($name)', (sdk) => {
  const servedBy = { provider: sdk.name, model: sdk.name === 'openai' ? 'gpt' : 'claude' };

  test('of a plain call', async () => {
    const world = governed();
    const told = log(world);
    world.provider.next({ latencyMs: 40, usage: { inputTokens: 5, outputTokens: 2 } });
    const reply = sdk.create(world.llm.with({ user: 'alice' }));
    await world.clock.advance(40);
    await reply;
    await settledOnce(world);
    const startedAt = Date.UTC(2026, 10, 23);
    const callId = world.receipts[0]?.callId;
    expect(told.map(({ name }) => name)).toEqual(['call:start', 'attempt:start', 'attempt:end', 'call:end']);
    const [callStart, attemptStart, attemptEnd, callEnd] = told.map(({ payload }) => payload);
    expect(callStart).toEqual({
      callId,
      parentId: undefined,
      operation: 'chat',
      dialect: sdk.name === 'openai' ? 'openai-chat' : 'anthropic-messages',
      provider: sdk.name,
      model: servedBy.model,
      stream: false,
      settings: { user: 'alice' },
      startedAt,
    });
    expect(attemptStart).toEqual({ callId, attemptId: `${callId}.1`, target: servedBy, startedAt });
    const usage = expect.objectContaining({ inputTokens: 5, outputTokens: 2, provenance: 'reported' });
    const attempt = {
      attemptId: `${callId}.1`,
      target: servedBy,
      outcome: 'finished',
      status: 200,
      error: undefined,
      usage,
      losses: [],
      startedAt,
      firstEventMs: undefined,
      durationMs: 40,
    };
    expect(attemptEnd).toEqual({ callId, ...attempt });
    expect(callEnd).toEqual({
      callId,
      parentId: undefined,
      caller: { user: 'alice' },
      operation: 'chat',
      dialect: sdk.name === 'openai' ? 'openai-chat' : 'anthropic-messages',
      provider: sdk.name,
      model: servedBy.model,
      stream: false,
      outcome: 'finished',
      origin: 'provider',
      target: servedBy,
      servedModel: servedBy.model,
      status: 200,
      error: undefined,
      usage,
      stopReason: sdk.name === 'openai' ? 'stop' : 'end_turn',
      losses: [],
      attempts: [attempt],
      startedAt,
      firstEventMs: undefined,
      durationMs: 40,
      facts: {},
    });
  });

  test('of a stream, with the time of its first event', async () => {
    const world = governed();
    const told = log(world);
    world.provider.next({ text: ['a ', 'b '], latencyMs: 30, firstEventDelayMs: 20, betweenEventsMs: 10 });
    const reading = sdk.stream(world.llm).then(readAll);
    await world.clock.advance(5_000);
    await reading;
    expect(told.map(({ name }) => name)).toEqual([...names]);
    expect(told[2]?.payload).toMatchObject({ afterMs: 50, target: servedBy });
    const [receipt] = await settledOnce(world);
    expect(receipt).toMatchObject({ stream: true, firstEventMs: 50, outcome: 'finished' });
    expect(receipt?.durationMs).toBeGreaterThan(60);
    expect(receipt?.stopReason).toBe(sdk.name === 'openai' ? 'stop' : 'end_turn');
  });

  test('of retries: each attempt begins and ends', async () => {
    const world = governed();
    const told = log(world);
    world.provider.next({ status: 503 }, { connectionError: true });
    const reply = sdk.create(world.llm);
    await world.clock.runAll();
    await reply;
    expect(told.map(({ name }) => name)).toEqual([
      'call:start',
      'attempt:start',
      'attempt:end',
      'attempt:start',
      'attempt:end',
      'attempt:start',
      'attempt:end',
      'call:end',
    ]);
    const ends = told.filter(({ name }) => name === 'attempt:end').map(({ payload }) => payload);
    expect(ends).toMatchObject([
      { outcome: 'failed', status: 503, error: { kind: 'overloaded' } },
      { outcome: 'failed', status: undefined, error: { kind: 'connection' } },
      { outcome: 'finished', status: 200, error: undefined },
    ]);
  });

  test('a listener that throws hurts neither the call nor the listeners beside it', async () => {
    const world = governed();
    const told = log(world);
    for (const name of names) {
      world.llm.on(name, () => {
        throw new Error(`broken ${name} listener`);
      });
    }
    let after = 0;
    world.llm.on('call:end', () => (after += 1));
    await readAll(await sdk.stream(world.llm));
    await settledOnce(world);
    expect(told).toHaveLength(5);
    expect(after).toBe(1);
    expect(world.errors).toHaveLength(5);
    expect(world.errors[0]).toMatchObject({
      code: 'interceptor-fault',
      message: 'A fault in a listener of call:start was caught.',
    });
  });

  test('nothing, once it has stopped listening', async () => {
    const world = governed();
    let told = 0;
    const listener = () => (told += 1);
    const [stop, stopOther] = [world.llm.on('call:end', listener), world.llm.on('call:end', listener)];
    await sdk.create(world.llm);
    expect(told).toBe(2);
    stop();
    stop();
    await sdk.create(world.llm);
    expect(told).toBe(3);
    stopOther();
    await sdk.create(world.llm);
    expect(told).toBe(3);
  });
});

describe('`receipt(response)`', () => {
  test('of a plain reply', async () => {
    const world = governed();
    const { data, response } = await world.llm.clients.openai.chat.completions
      .create({ model: 'gpt', messages })
      .withResponse();
    const receipt = await world.llm.receipt(response);
    expect(receipt).toMatchObject({ outcome: 'finished', servedModel: data.model });
    expect(receipt).toEqual(world.receipts[0]);
    expect(await world.llm.receipt(response)).toBe(receipt);
  });

  test('of an Anthropic reply, also by `asResponse`', async () => {
    const world = governed();
    const params = { model: 'claude', max_tokens: 10, messages };
    const { response } = await world.llm.clients.anthropic.messages.create(params).withResponse();
    expect((await world.llm.receipt(response)).dialect).toBe('anthropic-messages');
    const raw = await world.llm.clients.anthropic.messages.create(params).asResponse();
    expect((await world.llm.receipt(raw)).outcome).toBe('finished');
  });

  test('of a stream: once it has been read', async () => {
    const world = governed();
    const { data, response } = await world.llm.clients.openai.chat.completions
      .create({ model: 'gpt', messages, stream: true })
      .withResponse();
    let settled = false;
    const receipt = world.llm.receipt(response).finally(() => (settled = true));
    await world.clock.advance(0);
    expect(settled).toBe(false);
    await readAll(data);
    expect(await receipt).toMatchObject({ outcome: 'finished', stream: true });
  });

  test('of a response of somebody else: a TypeError that says what it takes', () => {
    const { llm } = governed();
    expect(() => llm.receipt(new Response())).toThrow(/takes a response of a governed client/);
  });

  test('holds no prompt and no completion, and is plain data', async () => {
    const world = governed();
    world.provider.next({ text: 'secret answer' });
    await world.llm.clients.openai.chat.completions.create({
      model: 'gpt',
      messages: [{ role: 'user', content: 'secret question' }],
    });
    world.provider.next({ status: 400, error: { message: 'bad request' } });
    await rejection(openai.create(world.llm));
    const text = JSON.stringify(world.receipts);
    expect(text).not.toMatch(/secret|Bearer|test-key/);
    expect(structuredClone(world.receipts)).toEqual(world.receipts);
  });
});
