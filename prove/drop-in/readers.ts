import { Readable } from 'node:stream';
import { text as textOfStream } from 'node:stream/consumers';
import type { MeantDifference } from './lab.ts';
import { sentinelOut } from './sentinels.ts';

/** Every way in which an application can get at the bytes of a response, as text. */
export const readers: Readonly<Record<string, (response: Response) => Promise<string>>> = {
  'text()': (response) => response.text(),
  'json()': async (response) => JSON.stringify(await response.json()),
  'arrayBuffer()': async (response) => Buffer.from(await response.arrayBuffer()).toString(),
  'bytes()': async (response) => Buffer.from(await response.bytes()).toString(),
  'blob()': async (response) => {
    const blob = await response.blob();
    return `${blob.type} ${await blob.text()}`;
  },
  'formData()': async (response) => String(await response.formData()),
  'body.getReader()': async ({ body }) => {
    const reader = bodyOf(body).getReader();
    const chunks: Uint8Array[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    await reader.closed;
    reader.releaseLock();
    return Buffer.concat(chunks).toString();
  },
  'body.getReader({ mode: byob })': async ({ body }) => {
    const reader = bodyOf(body).getReader({ mode: 'byob' });
    const chunks: Uint8Array[] = [];
    for (let next = await fill(reader); !next.done; next = await fill(reader)) chunks.push(next.value);
    return Buffer.concat(chunks).toString();
  },
  'for await (… of body)': async ({ body }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bodyOf(body)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  },
  'body.values({ preventCancel })': async ({ body }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bodyOf(body).values({ preventCancel: true })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  },
  'body.tee()': async ({ body }) => {
    const [first, second] = bodyOf(body).tee();
    const texts = await Promise.all([new Response(first).text(), new Response(second).text()]);
    if (texts[0] !== texts[1]) throw new TypeError('The branches differ.');
    return texts[0];
  },
  'body.pipeTo()': async ({ body }) => {
    const chunks: Uint8Array[] = [];
    await bodyOf(body).pipeTo(new WritableStream({ write: (chunk: Uint8Array) => void chunks.push(chunk) }));
    return Buffer.concat(chunks).toString();
  },
  'body.pipeThrough()': async ({ body }) => {
    let text = '';
    const decoded = bodyOf(body).pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
    for await (const piece of decoded) text += piece;
    return text;
  },
  'clone()': async (response) => {
    const copy = response.clone();
    const texts = await Promise.all([response.text(), copy.text()]);
    if (texts[0] !== texts[1]) throw new TypeError('The copy differs.');
    return texts[0];
  },
  'new Response(body)': ({ body }) => new Response(body).text(),
  'new Response(body, response)': (response) => new Response(response.body, response).text(),
  'new Request({ body })': ({ body }) =>
    new Request('http://elsewhere.invalid', { method: 'POST', body, duplex: 'half' }).text(),
  'Readable.fromWeb(body)': ({ body }) => textOfStream(Readable.fromWeb(bodyOf(body))),
  'Response.prototype.text.call()': (response) => Response.prototype.text.call(response),
  'getter of body on Response.prototype': async (response) => {
    const getter = Object.getOwnPropertyDescriptor(Response.prototype, 'body')?.get;
    return new Response(getter?.call(response) as ReadableStream).text();
  },
};

/** Natives called with a response of ours reach the bytes below the chain; nobody does so by accident. */
export const belowTheChain = new Set([
  'Response.prototype.text.call()',
  'getter of body on Response.prototype',
]);

type Body = NonNullable<Response['body']>;

function bodyOf(body: Response['body']): Body {
  if (body === null) throw new TypeError('There is no body.');
  return body;
}

function fill(reader: ReadableStreamBYOBReader) {
  return reader.read(new Uint8Array(64));
}

/** After a reader that found nothing to read: the reply is not wanted any more. */
export async function letGo(response: Response): Promise<void> {
  if (response.body?.locked === false) await response.body.cancel().catch(() => {});
}

/** Which difference is meant for a reader, if any. */
export function meantOf(name: string): MeantDifference | undefined {
  if (belowTheChain.has(name)) {
    return {
      why: 'the native methods of Response, called past the object, find the body taken: nothing gets round the chain',
      isIt: (_bare, governed) =>
        !JSON.stringify(governed).includes(sentinelOut.from) && governed.error !== undefined,
    };
  }
  if (!name.includes('byob')) return undefined;
  return {
    why: 'a governed body takes a reader with its own buffer also where the body behind it, which the Bedrock adapter makes, does not',
    isIt: (bare, governed) =>
      (bare.error as { code?: string } | undefined)?.code === 'ERR_INVALID_ARG_VALUE' &&
      governed.error === undefined,
  };
}
