import { describe, expect, it } from 'vitest';
import type { CallError } from '../../../src/core/call-error.ts';
import { streamFailure, withPartial } from '../../../src/core/endings.ts';
import type { ByteSource, ReadResult } from '../../../src/core/event-stream.ts';
import { Pump, type PumpOptions } from '../../../src/core/pump.ts';
import type { StreamEnd } from '../../../src/core/stream-keeper.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import { anthropicMessages, openaiChat } from '../../../src/dialects/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A source that hands out chunks when it is asked, and says how often it was. */
class Source implements ByteSource {
  reads = 0;
  cancelled: unknown[] = [];
  readonly #chunks: (string | Uint8Array | Error)[];

  constructor(...chunks: (string | Uint8Array | Error)[]) {
    this.#chunks = chunks;
  }

  async read(): Promise<ReadResult> {
    this.reads++;
    const chunk = this.#chunks.shift();
    if (chunk instanceof Error) throw chunk;
    if (chunk === undefined || this.cancelled.length > 0) return { done: true };
    return { done: false, value: typeof chunk === 'string' ? encode(chunk) : chunk };
  }

  cancel(reason?: unknown): void {
    this.cancelled.push(reason);
  }
}

interface Opened {
  readonly pump: Pump;
  readonly source: Source;
  readonly ends: StreamEnd[];
  readonly reports: unknown[];
  readonly firsts: number[];
}

function open(source: Source, options: Partial<PumpOptions> = {}): Opened {
  const ends: StreamEnd[] = [];
  const reports: unknown[] = [];
  const firsts: number[] = [];
  const pump = new Pump(
    source,
    { dialect: openaiChat, mayEndWithoutTerminal: false, hideUsage: false, now: () => 0, ...options },
    {
      firstBytes: () => void firsts.push(source.reads),
      ended: (end) => void ends.push(end),
      told: (error) => error,
      failure: (kind, cause) => streamFailure('call-1', 'a/model', kind, cause),
      withPartial: (error, text) => withPartial('call-1', 'a/model', error, { text, usage: undefined }),
      report: (thrown) => void reports.push(thrown),
    },
  );
  return { pump, source, ends, reports, firsts };
}

/** Everything a reader gets; what it throws at the end, if it does. */
async function readAll(pump: Pump): Promise<{ text: string; thrown: unknown; chunks: Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  let thrown: unknown;
  try {
    for (let result = await pump.read(); !result.done; result = await pump.read()) chunks.push(result.value);
  } catch (error) {
    thrown = error;
  }
  return { text: decode(Buffer.concat(chunks)), thrown, chunks };
}

const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const usage = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n';
const done = 'data: [DONE]\n\n';
const whole = [chunk('a'), chunk('b', 'stop'), done];
const contentOf = (event: StreamEvent): string =>
  (event.json as { choices?: { delta: { content?: string } }[] } | undefined)?.choices?.[0]?.delta.content ??
  '';
const said = (text: string): string =>
  text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => contentOf(new StreamEvent(encode(line))))
    .join('');

describe('the stages of a stream', () => {
  it('run in the order in which they were added, event by event', async () => {
    const { pump } = open(new Source(...whole));
    const log: string[] = [];
    pump.observe((event) => log.push(`1 ${contentOf(event)}`));
    pump.transform({
      event(event, emit) {
        log.push(`2 ${contentOf(event)}`);
        emit(
          contentOf(event) === ''
            ? event
            : event.withJson({ choices: [{ index: 0, delta: { content: 'x' } }] }),
        );
      },
    });
    pump.observe((event) => log.push(`3 ${contentOf(event)}`));
    await readAll(pump);
    expect(log).toEqual(['1 a', '2 a', '3 x', '1 b', '2 b', '3 x', '1 ', '2 ', '3 ']);
  });

  it('may drop, add and change events; what they leave alone goes out as the bytes that came', async () => {
    const { pump } = open(new Source(whole.join('')));
    pump.transform({
      event(event, emit) {
        if (contentOf(event) === 'a') return;
        if (contentOf(event) === 'b') emit(new StreamEvent(encode(': a comment\n\n')));
        emit(event);
      },
      end: (emit) => emit(new StreamEvent(encode(': the end\n\n'))),
    });
    expect((await readAll(pump)).text).toBe(`: a comment\n\n${whole[1]}${done}: the end\n\n`);
  });

  it('hand on the very chunk when they change nothing', async () => {
    const bytes = encode(whole.join(''));
    const { pump } = open(new Source(bytes));
    pump.observe(() => {});
    pump.transform({ event: (event, emit) => emit(event) });
    expect((await pump.read()).value).toBe(bytes);
  });

  it('hand on half an event only once it is whole', async () => {
    const first = whole[0] ?? '';
    const { pump } = open(new Source(first.slice(0, 20), first.slice(20), ...whole.slice(1)));
    pump.observe(() => {});
    expect(decode((await pump.read()).value ?? encode(''))).toBe(first);
  });

  it('never take a chunk for an event of the same size', async () => {
    const text = chunk('a') + chunk('b') + chunk('c', 'stop') + done;
    const size = chunk('a').length;
    const { pump } = open(
      new Source(text.slice(0, size - 20), text.slice(size - 20, 2 * size - 20), text.slice(2 * size - 20)),
    );
    pump.observe(() => {});
    expect((await readAll(pump)).text).toBe(text);
  });

  it('lose an observer that throws, are told of it, and go on', async () => {
    const { pump, reports, ends } = open(new Source(...whole));
    const seen: string[] = [];
    let calls = 0;
    pump.observe(() => {
      calls++;
      throw new Error('observer');
    });
    pump.observe((event) => seen.push(contentOf(event)));
    expect((await readAll(pump)).text).toBe(whole.join(''));
    expect([calls, seen, reports.length, ends]).toEqual([
      1,
      ['a', 'b', ''],
      1,
      [{ how: 'finished', error: undefined }],
    ]);
  });

  it.each([
    ['the answer is under way', [chunk('a'), chunk('b'), chunk('c', 'stop'), done]],
    ['everything has come', [chunk('a') + chunk('b') + chunk('c', 'stop') + done]],
  ])('fail the stream when a transform throws, never pass it off as complete: %s', async (_, chunks) => {
    const { pump, ends } = open(new Source(...chunks));
    pump.transform({
      event(event, emit) {
        if (contentOf(event) === 'b') throw new Error('transform');
        emit(event);
      },
    });
    const { text } = await readAll(pump);
    expect(text.startsWith(chunk('a'))).toBe(true);
    expect(openaiChat.stream.error(new StreamEvent(encode(text.slice(chunk('a').length))))).toBeDefined();
    expect(ends).toMatchObject([{ how: 'failed', error: { kind: 'bug' } }]);
  });

  it('stop the provider when a transform throws', async () => {
    const { pump, source } = open(new Source(...whole));
    pump.transform({
      event() {
        throw new Error('transform');
      },
    });
    await readAll(pump);
    expect([source.reads, source.cancelled.length]).toEqual([1, 1]);
  });

  it('fail it too when a transform throws at the end', async () => {
    const { pump, ends } = open(new Source(chunk('a')));
    pump.transform({
      event: (event, emit) => emit(event),
      end() {
        throw new Error('at the end');
      },
    });
    await readAll(pump);
    expect(ends).toMatchObject([{ how: 'failed', error: { kind: 'bug' } }]);
  });

  it('cannot be added once reading has begun', async () => {
    const { pump } = open(new Source(...whole));
    expect(pump.started).toBe(false);
    await pump.read();
    expect(pump.started).toBe(true);
    expect(() => pump.observe(() => {})).toThrow(TypeError);
    expect(() => pump.transform({ event: () => {} })).toThrow(TypeError);
    expect(() => pump.mapText(() => undefined)).toThrow(TypeError);
  });

  it('see what was peeked, too', async () => {
    const { pump } = open(new Source(...whole));
    await pump.first();
    const seen: string[] = [];
    pump.observe((event) => seen.push(contentOf(event)));
    await readAll(pump);
    expect(seen).toEqual(['a', 'b', '']);
  });
});

describe('a peek', () => {
  it('leaves everything in place', async () => {
    const { pump } = open(new Source(whole.join('').slice(0, 100), whole.join('').slice(100)));
    const first = await pump.first();
    expect(first && contentOf(first)).toBe('a');
    expect(await pump.first()).toBe(first);
    expect(pump.started).toBe(false);
    expect((await readAll(pump)).text).toBe(whole.join(''));
  });

  it('reads on past what is no content, and no further', async () => {
    const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
    const { pump, source } = open(new Source(': ping\n\n', role, ...whole));
    expect(await pump.peek()).toEqual({ found: 'content' });
    expect(source.reads).toBe(3);
    expect((await readAll(pump)).text).toBe(`: ping\n\n${role}${whole.join('')}`);
  });

  it('finds an error that comes before any content', async () => {
    const { pump } = open(new Source('data: {"error":{"message":"Overloaded","code":"overloaded"}}\n\n'));
    expect(await pump.peek()).toMatchObject({ found: 'error', error: { code: 'overloaded' } });
  });

  it('finds the end of an empty stream, which is a failure', async () => {
    const { pump } = open(new Source());
    expect(await pump.first()).toBeUndefined();
    expect(await pump.peek()).toEqual({ found: 'end' });
    expect(pump.failureAtEnd()?.kind).toBe('cut');
  });

  it('is not possible once reading has begun', async () => {
    const { pump } = open(new Source(...whole));
    await pump.read();
    await expect(pump.first()).rejects.toThrow(TypeError);
  });
});

describe('reading', () => {
  it('asks the provider for no more than the reader asked for', async () => {
    const { pump, source } = open(new Source(...whole));
    pump.observe(() => {});
    expect(source.reads).toBe(0);
    await pump.read();
    expect(source.reads).toBe(1);
    await new Promise(setImmediate);
    expect(source.reads).toBe(1);
  });

  it('keeps its order when several reads are under way at once', async () => {
    const parts = Array.from({ length: 20 }, (_, index) => chunk(String(index)));
    const { pump } = open(new Source(...parts, ...whole));
    const results = await Promise.all(parts.map(() => pump.read()));
    expect(results.map(({ value }) => decode(value ?? encode('')))).toEqual(parts);
  });

  it('tells when the first bytes came, once', async () => {
    const { pump, firsts } = open(new Source(...whole));
    await readAll(pump);
    expect(firsts).toEqual([1]);
  });

  it('settles once, as finished, at the end', async () => {
    const { pump, ends } = open(new Source(...whole));
    await readAll(pump);
    expect(await pump.read()).toEqual({ done: true, value: undefined });
    expect(ends).toEqual([{ how: 'finished', error: undefined }]);
    expect(pump.trail.usage()).toBeUndefined();
  });

  it('rejects with what broke the connection, and settles as failed', async () => {
    const broken = new TypeError('terminated');
    const { pump, ends } = open(new Source(chunk('a'), broken));
    const { text, thrown } = await readAll(pump);
    expect([text, thrown]).toEqual([chunk('a'), broken]);
    expect(ends).toMatchObject([{ how: 'failed', error: { kind: 'connection' } }]);
    await expect(pump.read()).rejects.toBe(broken);
  });

  it('holds a stream finished whose connection breaks after its regular end', async () => {
    const { pump, ends } = open(new Source(...whole, new TypeError('terminated')));
    await readAll(pump);
    expect(ends).toEqual([{ how: 'finished', error: undefined }]);
  });
});

describe('the time of the last read', () => {
  it('is that of the opening, then of the last read, and now while a read waits', async () => {
    let now = 5;
    const { promise, resolve } = Promise.withResolvers<ReadResult>();
    const source = new Source();
    source.read = () => promise;
    const { pump } = open(source, { now: () => now });
    now = 10;
    expect(pump.lastReadAt).toBe(5);
    const read = pump.read();
    now = 1_000;
    expect(pump.lastReadAt).toBe(1_000);
    now = 2_000;
    resolve({ done: false, value: encode(chunk('a')) });
    await read;
    now = 3_000;
    expect(pump.lastReadAt).toBe(2_000);
  });
});

describe('a stream that ends without its terminal event', () => {
  it('gets an error event in its dialect', async () => {
    for (const [dialect, begun] of [
      [openaiChat, chunk('a')],
      [anthropicMessages, 'event: ping\ndata: {"type":"ping"}\n\n'],
    ] as const) {
      const { pump, ends } = open(new Source(begun), { dialect });
      const { text } = await readAll(pump);
      expect(text.startsWith(begun)).toBe(true);
      expect(dialect.stream.error(new StreamEvent(encode(text.slice(begun.length))))).toBeDefined();
      expect(ends).toMatchObject([{ how: 'failed', error: { kind: 'cut' } }]);
    }
  });

  it('rejects instead where the error would fall into half an event', async () => {
    const { pump, ends } = open(new Source(chunk('a'), 'data: {"cho'));
    const { text, thrown } = await readAll(pump);
    expect(text).toBe(`${chunk('a')}data: {"cho`);
    expect((thrown as { code?: string }).code).toBe('stream-cut');
    expect(ends).toMatchObject([{ how: 'failed', error: { kind: 'cut' } }]);
  });

  it('drops the half event where events are framed, and puts the error in its place', async () => {
    const { pump } = open(new Source(chunk('a'), 'data: {"cho'));
    const seen: string[] = [];
    pump.observe((event) => seen.push(contentOf(event)));
    const { text, thrown } = await readAll(pump);
    expect([seen, thrown]).toEqual([['a'], undefined]);
    expect(openaiChat.stream.error(new StreamEvent(encode(text.slice(chunk('a').length))))).toBeDefined();
  });

  it('is finished where the provider may do so, but not with half an event', async () => {
    const options = { mayEndWithoutTerminal: true };
    const clean = open(new Source(chunk('a')), options);
    await readAll(clean.pump);
    expect(clean.ends).toEqual([{ how: 'finished', error: undefined }]);
    const half = open(new Source(chunk('a'), 'data: {"cho'), options);
    half.pump.observe(() => {});
    await readAll(half.pump);
    expect(half.ends).toMatchObject([{ how: 'failed', error: { kind: 'cut' } }]);
  });

  it('is whole when only the last blank line is missing', async () => {
    const { pump, ends } = open(new Source(chunk('a'), chunk('b', 'stop'), 'data: [DONE]'));
    const seen: (string | undefined)[] = [];
    pump.observe((event) => seen.push(event.data));
    expect((await readAll(pump)).text.endsWith('data: [DONE]')).toBe(true);
    expect(seen.at(-1)).toBe('[DONE]');
    expect(ends).toEqual([{ how: 'finished', error: undefined }]);
  });
});

describe('the usage that only we asked for', () => {
  it.each([
    ['an event a chunk', [chunk('a'), chunk('b', 'stop'), usage, done]],
    ['all in one chunk', [chunk('a') + chunk('b', 'stop') + usage + done]],
    ['byte by byte', Array.from(chunk('a') + chunk('b', 'stop') + usage + done)],
  ])('is kept from the reader and told in the books: %s', async (_, chunks) => {
    const { pump, ends } = open(new Source(...chunks), { hideUsage: true });
    expect((await readAll(pump)).text).toBe(chunk('a') + chunk('b', 'stop') + done);
    expect(pump.trail.usage()).toMatchObject({ inputTokens: 3, outputTokens: 2, provenance: 'reported' });
    expect(ends).toEqual([{ how: 'finished', error: undefined }]);
  });

  it('is kept from the stages', async () => {
    const { pump } = open(new Source(chunk('a'), chunk('b', 'stop'), usage, done), { hideUsage: true });
    const seen: (string | undefined)[] = [];
    pump.observe((event) => seen.push(event.data));
    await readAll(pump);
    expect(seen.length).toBe(3);
    expect(seen.join('')).not.toContain('usage');
  });

  it('reaches a reader who asked', async () => {
    const { pump } = open(new Source(chunk('b', 'stop'), usage, done));
    expect((await readAll(pump)).text).toContain('"usage"');
  });
});

describe('stopping a stream', () => {
  const failure: CallError = streamFailure('call-1', 'a/model', 'bug', undefined);

  it('cancels the provider once, settles once, and ends the reader', async () => {
    const { pump, source, ends } = open(new Source(...whole));
    await pump.read();
    pump.cancel('enough');
    pump.cancel('again');
    pump.abort(new Error('later'));
    pump.fail(failure);
    expect(source.cancelled).toEqual(['enough']);
    expect(ends).toEqual([{ how: 'stopped', error: undefined }]);
    expect(await pump.read()).toEqual({ done: true, value: undefined });
  });

  it('is a regular end when the terminal event has come', async () => {
    const { pump, ends } = open(new Source(whole.join('')));
    await pump.read();
    pump.cancel();
    expect(ends).toEqual([{ how: 'finished', error: undefined }]);
  });

  it('does nothing after the end', async () => {
    const { pump, source, ends } = open(new Source(...whole));
    await readAll(pump);
    pump.cancel();
    expect([source.cancelled, ends.length]).toEqual([[], 1]);
  });

  it('by an abort rejects the reader with the reason, also one that is waiting', async () => {
    const { promise: waiting, resolve: release } = Promise.withResolvers<ReadResult>();
    const source = new Source();
    source.read = () => waiting;
    source.cancel = () => release({ done: true });
    const { pump, ends } = open(source);
    const read = pump.read();
    const reason = new Error('the caller left');
    pump.abort(reason);
    await expect(read).rejects.toBe(reason);
    await expect(pump.read()).rejects.toBe(reason);
    expect(ends).toEqual([{ how: 'stopped', error: undefined }]);
  });

  it('by a failure of ours ends it with an error event, never cleanly', async () => {
    const { pump, ends, source } = open(new Source(...whole));
    await pump.read();
    pump.fail(failure);
    const { text } = await readAll(pump);
    expect(openaiChat.stream.error(new StreamEvent(encode(text)))).toBeDefined();
    expect(ends).toMatchObject([{ how: 'failed', error: { kind: failure.kind, message: failure.message } }]);
    expect(source.cancelled.length).toBe(1);
  });

  it('survives a source that throws or rejects when it is cancelled', async () => {
    for (const cancel of [
      () => {
        throw new Error('gone');
      },
      () => Promise.reject(new Error('gone')),
    ]) {
      const source = new Source(...whole);
      source.cancel = cancel;
      const { pump, ends } = open(source);
      pump.cancel();
      await new Promise(setImmediate);
      expect(ends.length).toBe(1);
    }
  });
});

describe('mapped text', () => {
  it('goes out where it came, and what is held back before its slot closes', async () => {
    const { pump } = open(new Source(chunk('ab'), chunk('cd'), chunk('', 'stop'), done));
    const closed: string[] = [];
    pump.mapText((slot) => {
      let held = '';
      return {
        push(text) {
          const all = held + text.toUpperCase();
          held = all.slice(-1);
          return all.slice(0, -1);
        },
        end() {
          closed.push(slot.id);
          return held;
        },
      };
    });
    const { text } = await readAll(pump);
    expect(said(text)).toBe('ABCD');
    expect(text.indexOf('"D"')).toBeGreaterThan(0);
    expect(text.indexOf('"D"')).toBeLessThan(text.indexOf('"stop"'));
    expect(closed).toEqual(['choice 0 content']);
  });
});
