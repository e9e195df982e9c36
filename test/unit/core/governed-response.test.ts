import OpenAI from 'openai';
import { ManagedLLM, type Interceptor } from 'managed-llm';
import { describe, expect, it } from 'vitest';

const streamText =
  'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Grüß dich"},"finish_reason":null}]}\n\n' +
  'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' +
  'data: [DONE]\n\n';
const plainText = '{"id":"1","object":"chat.completion","choices":[],"said":"Grüß dich"}';

/** A body of small chunks, so that one read is not the whole of it. */
function chunked(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, (at += 50)));
      },
    },
    { highWaterMark: 0 },
  );
}

function native(stream: boolean): Response {
  const headers = { 'content-type': stream ? 'text/event-stream' : 'application/json', 'x-from': 'provider' };
  return new Response(chunked(stream ? streamText : plainText), { headers });
}

/** The same response as the application gets it. `includeUsage` is off, so that bytes pass as they come. */
async function governed(stream: boolean, interceptors: readonly Interceptor[] = []): Promise<Response> {
  const { clients } = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: () => Promise.resolve(native(stream)) }) },
    interceptors,
  });
  const options = { include_usage: true };
  return clients.openai.chat.completions
    .create({ model: 'm', messages: [], ...(stream ? { stream, stream_options: options } : {}) } as never)
    .asResponse();
}

const kinds = [
  { kind: 'a stream', stream: true, text: streamText },
  { kind: 'a plain reply', stream: false, text: plainText },
];

/** What an operation comes to: its value, or the class of what it throws. */
async function outcome(operation: () => unknown): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`;
  }
}

const decode = (bytes: Uint8Array | ArrayBuffer): string => new TextDecoder().decode(bytes);

const wholeReads: Readonly<Record<string, (response: Response) => Promise<string>>> = {
  text: (response) => response.text(),
  json: async (response) => JSON.stringify(await response.json()),
  bytes: async (response) => decode(await response.bytes()),
  arrayBuffer: async (response) => decode(await response.arrayBuffer()),
  blob: async (response) => {
    const blob = await response.blob();
    return `${blob.type}: ${await blob.text()}`;
  },
  formData: async (response) => [...(await response.formData()).keys()].join(),
  'clone().text': (response) => response.clone().text(),
  'new Response(body).text': (response) => new Response(response.body).text(),
  'for await over body': async (response) => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as ReadableStream<Uint8Array>)
      text += decoder.decode(chunk, { stream: true });
    return text;
  },
  'getReader().read': async (response) => readAll((response.body as ReadableStream<Uint8Array>).getReader()),
  "getReader({ mode: 'byob' }).read": async (response) => {
    const reader = (response.body as ReadableStream).getReader({ mode: 'byob' });
    let text = '';
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(64));
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  },
  'body.pipeThrough': async (response) =>
    readAll((response.body as ReadableStream<Uint8Array>).pipeThrough(new TransformStream()).getReader()),
  'body.pipeTo': async (response) => {
    const chunks: Uint8Array[] = [];
    await (response.body as ReadableStream<Uint8Array>).pipeTo(
      new WritableStream({ write: (chunk) => void chunks.push(chunk) }),
    );
    return decode(Buffer.concat(chunks));
  },
  'body.tee': async (response) => {
    const [left, right] = (response.body as ReadableStream<Uint8Array>).tee();
    const both = await Promise.all([readAll(left.getReader()), readAll(right.getReader())]);
    return both.join('|');
  },
};

async function readAll(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read())
    text += decoder.decode(value, { stream: true });
  return text;
}

/** A native body is a byte stream; the one these tests make is not, and refuses a reader that brings its own buffer. */
const nativeRefuses = new Set(["getReader({ mode: 'byob' }).read"]);

describe.each(kinds)('$kind, as the application gets it,', ({ stream, text }) => {
  it.each(Object.entries(wholeReads))('is read by %s as a native response is', async (name, read) => {
    const ours = await outcome(async () => read(await governed(stream)));
    if (nativeRefuses.has(name)) expect(ours).toBe(text);
    else expect(ours).toEqual(await outcome(() => read(native(stream))));
  });

  it.each(Object.entries(wholeReads))('can be read only once, also after %s', async (name, read) => {
    const theirs = native(stream);
    const ours = await governed(stream);
    await outcome(() => read(ours));
    await outcome(() => read(theirs));
    if (nativeRefuses.has(name)) {
      expect(await outcome(() => ours.text())).toBe('throws TypeError');
      return;
    }
    expect(ours.bodyUsed).toBe(theirs.bodyUsed);
    for (const again of ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'clone().text'] as const) {
      if (name.startsWith('clone')) break;
      expect([again, await outcome(() => wholeReads[again]?.(ours))]).toEqual([
        again,
        await outcome(() => wholeReads[again]?.(theirs)),
      ]);
    }
  });

  it('is the same after it was cloned, and so is the clone', async () => {
    const ours = await governed(stream);
    const copy = ours.clone();
    expect(ours.bodyUsed).toBe(false);
    expect(await ours.text()).toBe(text);
    expect(await copy.text()).toBe(text);
    expect(copy.status).toBe(200);
    expect(copy.headers.get('x-from')).toBe('provider');
  });

  it('gives clones its address and the way to its receipt', async () => {
    const bare = new OpenAI({ apiKey: 'test', fetch: () => Promise.resolve(native(false)) });
    const llm = new ManagedLLM({ providers: { openai: bare } });
    const response = await llm.clients.openai.chat.completions
      .create({ model: 'm', messages: [] })
      .asResponse();
    const clone = response.clone();
    expect(clone.url).toBe(response.url);
    expect(await llm.receipt(clone)).toBe(await llm.receipt(response));
  });

  it('can be cloned again, and read last', async () => {
    const ours = await governed(stream);
    const copies = [ours.clone(), ours.clone()];
    for (const copy of copies) expect(await copy.text()).toBe(text);
    expect(ours.bodyUsed).toBe(false);
    await ours.body?.getReader().read();
    expect(ours.bodyUsed).toBe(true);
  });

  it('has one body, and is told apart from a used one before anything is read', async () => {
    const ours = await governed(stream);
    expect(ours.body).toBe(ours.body);
    expect(ours.body).toBeInstanceOf(ReadableStream);
    expect(ours.body?.locked).toBe(false);
    expect(ours.bodyUsed).toBe(false);
  });

  it('is locked by a reader, and used by its first read', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const body = response.body as ReadableStream<Uint8Array>;
      const reader = body.getReader();
      expect(body.locked).toBe(true);
      expect(response.bodyUsed).toBe(false);
      await reader.read();
      expect(response.bodyUsed).toBe(true);
    }
  });

  it('gives no second way in while it is locked', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const body = response.body as ReadableStream<Uint8Array>;
      const reader = body.getReader();
      expect(await outcome(() => body.getReader())).toBe('throws TypeError');
      expect(await outcome(() => body.values())).toBe('throws TypeError');
      expect(await outcome(() => body.tee())).toBe('throws TypeError');
      expect(await outcome(() => body.cancel())).toBe('throws TypeError');
      expect(await outcome(() => body.pipeThrough(new TransformStream()))).toBe('throws TypeError');
      expect(await outcome(() => body.pipeTo(new WritableStream()))).toBe('throws TypeError');
      expect(await outcome(() => response.text())).toBe('throws TypeError');
      expect(await outcome(() => response.clone())).toBe('throws TypeError');
      expect((await reader.read()).done).toBe(false);
    }
  });

  it('goes on with a new reader where the released one stopped', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const body = response.body as ReadableStream<Uint8Array>;
      const first = body.getReader();
      const { value } = await first.read();
      first.releaseLock();
      expect(body.locked).toBe(false);
      expect(await outcome(() => first.read())).toBe('throws TypeError');
      const second = body.getReader();
      first.releaseLock();
      expect(body.locked).toBe(true);
      const rest = await readBytes(second);
      expect(decode(Buffer.concat([value as Uint8Array, ...rest]))).toBe(text);
    }
  });

  it('can still be read whole after a reader that read nothing', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      (response.body as ReadableStream).getReader().releaseLock();
      expect(await response.text()).toBe(text);
    }
  });

  it('is unlocked and used after a loop that broke off, and ends there', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const body = response.body as ReadableStream<Uint8Array>;
      for await (const _ of body) break;
      expect(body.locked).toBe(false);
      expect(response.bodyUsed).toBe(true);
      expect(await body.getReader().read()).toEqual({ done: true, value: undefined });
    }
  });

  it('goes on after a loop that was told not to cancel', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const body = response.body as ReadableStream<Uint8Array>;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body.values({ preventCancel: true })) {
        chunks.push(chunk);
        break;
      }
      chunks.push(...(await readBytes(body.getReader())));
      expect(decode(Buffer.concat(chunks))).toBe(text);
    }
  });

  it('tells a reader that asks when it is closed', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const closed = reader.closed.then(() => 'closed');
      await readBytes(reader);
      expect(await closed).toBe('closed');
    }
  });

  it('is used once it is cancelled', async () => {
    for (const response of [native(stream), await governed(stream)]) {
      await response.body?.cancel();
      expect(response.bodyUsed).toBe(true);
      expect(await outcome(() => response.text())).toBe('throws TypeError');
    }
  });
});

async function readBytes(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

describe('a stream that is dropped half read', () => {
  /** In a function of its own, so that no frame holds on to what it dropped. */
  async function readOne(openai: OpenAI, signal?: AbortSignal): Promise<void> {
    const stream = await openai.chat.completions.create(
      { model: 'm', messages: [], stream: true },
      { signal },
    );
    await stream[Symbol.asyncIterator]().next();
  }

  it('settles as abandoned once it is collected', async () => {
    const bare = new OpenAI({ apiKey: 'test', fetch: () => Promise.resolve(native(true)) });
    const llm = new ManagedLLM({ providers: { openai: bare } });
    const outcomes: string[] = [];
    llm.on('call:end', ({ outcome }) => outcomes.push(outcome));
    await readOne(llm.clients.openai);
    for (let turn = 0; turn < 50 && outcomes.length === 0; turn++) {
      (globalThis as { gc?: () => void }).gc?.();
      await new Promise(setImmediate);
    }
    expect(outcomes).toEqual(['abandoned']);
  });

  it('does so too while the signal that could have stopped it lives on', async () => {
    const { signal } = new AbortController();
    const bare = new OpenAI({ apiKey: 'test', fetch: () => Promise.resolve(native(true)) });
    const llm = new ManagedLLM({ providers: { openai: bare } });
    const outcomes: string[] = [];
    llm.on('call:end', ({ outcome }) => outcomes.push(outcome));
    await readOne(llm.clients.openai, signal);
    for (let turn = 0; turn < 50 && outcomes.length === 0; turn++) {
      (globalThis as { gc?: () => void }).gc?.();
      await new Promise(setImmediate);
    }
    expect(outcomes).toEqual(['abandoned']);
    expect(signal.aborted).toBe(false);
  });
});

describe('no way to the bytes of a stream', () => {
  const shouting = (): Interceptor => ({
    name: 'shouting',
    stage: 'send',
    async intercept(call, next) {
      const reply = await next(call);
      reply.events?.mapText(() => ({ push: (text) => text.toUpperCase(), end: () => '' }));
      return reply;
    },
  });

  it.each(Object.entries(wholeReads))('leads round a transform: %s', async (name, read) => {
    const heard = await outcome(async () => read(await governed(true, [shouting()])));
    expect(heard).not.toContain('Grüß');
    if (name !== 'json' && name !== 'formData') expect(heard).toContain('GRÜSS DICH');
  });
});

describe('a response that passes two chains', () => {
  const marking = (mark: string): Interceptor => ({
    name: 'marking',
    stage: 'send',
    async intercept(call, next) {
      const reply = await next(call);
      reply.events?.mapText(() => ({ push: (text) => text + mark, end: () => '' }));
      return call.stream ? reply : reply.with({ json: { mark, inside: await reply.json() } });
    },
  });

  it.each([true, false])('is governed by both, the inner one first (stream: %s)', async (stream) => {
    const bare = new OpenAI({ apiKey: 'test', fetch: () => Promise.resolve(native(stream)) });
    const inner = new ManagedLLM({ providers: { openai: bare }, interceptors: [marking('1')] });
    const outer = new ManagedLLM({
      providers: { openai: new OpenAI({ apiKey: 'test', fetch: inner.fetch('openai') }) },
      interceptors: [marking('2')],
    });
    const outcomes: string[] = [];
    for (const llm of [inner, outer]) llm.on('call:end', ({ outcome }) => outcomes.push(outcome));
    const response = await outer.clients.openai.chat.completions
      .create({ model: 'm', messages: [], ...(stream ? { stream } : {}) } as never)
      .asResponse();
    const text = await response.text();
    if (stream) expect(text).toContain('Grüß dich12');
    else expect(JSON.parse(text)).toMatchObject({ mark: '2', inside: { mark: '1', inside: { id: '1' } } });
    expect((await outer.receipt(response)).outcome).toBe('finished');
    expect(outcomes).toEqual(['finished', 'finished']);
  });
});
