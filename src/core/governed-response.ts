import { DeferredBody } from './deferred-body.ts';
import type { Pump } from './pump.ts';
import type { Ticket } from './gate.ts';
import { GovernedBody, pullOnly, type Governed } from './governed-body.ts';
import type { Content, CoreReply } from './reply.ts';

/**
 * A reply as what the application's SDK is handed: the very `Response` object that came, with every way to its bytes
 * replaced, so that no reader gets round what the chain decided. Rebuilding it would break the SDKs, which compare its
 * headers by identity; so its prototype is swapped for one that inherits from its own. The reply's own hold on it ends
 * here.
 *
 * @param sdkLooks how often the SDK itself touches `body` of a plain reply before it reads, without using it
 */
export function toResponse(reply: CoreReply, ticket: Ticket, sdkLooks: number): Response {
  const native = reply.native.response;
  reply.native.response = undefined;
  if (native !== undefined && reply.content === undefined && reply.events === undefined) {
    Stamp.put(native, {
      ticket,
      content: undefined,
      pump: undefined,
      body: undefined,
      used: false,
      looks: 0,
    });
    return native;
  }
  const response = native ?? new Response(null, { status: reply.status, headers: reply.headers });
  Stamp.put(response, {
    ticket,
    content: reply.content,
    pump: reply.events,
    body: undefined,
    used: false,
    looks: sdkLooks,
  });
  Object.setPrototypeOf(response, governedPrototype(Object.getPrototypeOf(response) as object));
  if (reply.events !== undefined) watchForLoss(response, reply.events, reply);
  return response;
}

/** The ticket of a response that passed the chain. */
export function ticketOf(response: object): Ticket | undefined {
  return Stamp.read(response)?.ticket;
}

/** Ends streams whose response was dropped unread. Held values refer to the pump, the pump never to the response. */
const forgotten = new FinalizationRegistry((pump: Pump) => pump.cancel());

/**
 * Until the stream has ended: an error that ended it leads, by the frames of its stack, to whoever was reading, and so
 * from the pump to the response.
 */
function watchForLoss(response: Response, pump: Pump, reply: CoreReply): void {
  forgotten.register(response, pump, pump);
  unwatchAtEnd(pump, reply);
}

/** Apart, because closures of one function share what they keep: this one must not keep the response. */
function unwatchAtEnd(pump: Pump, reply: CoreReply): void {
  reply.onSettled(() => forgotten.unregister(pump));
}

/** Puts a private field on an object that exists already. */
const OnExisting = function OnExisting(target: object): object {
  return target;
} as unknown as new (target: object) => object;

class Stamp extends OnExisting {
  #governed: Governed;

  constructor(target: object, governed: Governed) {
    super(target);
    this.#governed = governed;
  }

  static put(target: object, governed: Governed): void {
    // One governed client inside another: the outer one has the last word.
    if (#governed in target) target.#governed = governed;
    else void new Stamp(target, governed);
  }

  static read(target: object): Governed | undefined {
    return #governed in target ? target.#governed : undefined;
  }
}

const prototypes = new WeakMap<object, object>();

function governedPrototype(inner: object): object {
  let prototype = prototypes.get(inner);
  if (prototype === undefined) {
    prototype = Object.create(inner, Object.getOwnPropertyDescriptors(readers)) as object;
    prototypes.set(inner, prototype);
  }
  return prototype;
}

function governed(response: Response): Governed {
  const state = Stamp.read(response);
  if (state === undefined) throw new TypeError('Illegal invocation');
  return state;
}

/** Every way to the bytes of a response. */
const readers = {
  get bodyUsed(): boolean {
    return governed(this as unknown as Response).used;
  },
  get body(): ReadableStream<Uint8Array> | null {
    const state = governed(this as unknown as Response);
    if (state.looks > 0 && state.content !== undefined) {
      state.looks--;
      return new DeferredBody(() => bodyOf(this, state)) as unknown as ReadableStream<Uint8Array>;
    }
    return bodyOf(this, state);
  },
  text(this: Response): Promise<string> {
    const plain = takenPlain(this);
    if (plain !== undefined) return Promise.resolve(plain.text);
    return whole(this).then((content) =>
      typeof content === 'object' && 'text' in content ? content.text : decode(content),
    );
  },
  json(this: Response): Promise<unknown> {
    const plain = takenPlain(this);
    if (plain !== undefined) return parsed(plain);
    return whole(this).then((content) => {
      if (content instanceof Uint8Array) return JSON.parse(decode(content)) as unknown;
      return parsed(content);
    });
  },
  bytes(this: Response): Promise<Uint8Array> {
    return whole(this).then(toBytes);
  },
  arrayBuffer(this: Response): Promise<ArrayBuffer> {
    return whole(this).then((content) => toBytes(content).slice().buffer as ArrayBuffer);
  },
  blob(this: Response): Promise<Blob> {
    return whole(this).then((content) => new Response(toBytes(content), { headers: this.headers }).blob());
  },
  formData(this: Response): Promise<FormData> {
    return whole(this).then((content) =>
      new Response(toBytes(content), { headers: this.headers }).formData(),
    );
  },
  clone(this: Response): Response {
    const state = governed(this);
    if (state.used || state.body?.locked === true)
      throw new TypeError('Response.clone: Body has already been consumed.');
    const { status, statusText, headers } = this;
    if (state.content !== undefined)
      return asCloneOf(this, state, new Response(state.content.text, { status, statusText, headers }));
    const [mine, theirs] = (this.body as ReadableStream<Uint8Array>).tee();
    state.body = watched(mine, state);
    return asCloneOf(this, state, new Response(theirs, { status, statusText, headers }));
  },
};

/** What a constructor cannot set, and the way to the receipt. */
function asCloneOf(response: Response, { ticket }: Governed, clone: Response): Response {
  const { url, redirected, type } = response;
  Object.defineProperties(clone, {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
  });
  Stamp.put(clone, { ticket, content: undefined, pump: undefined, body: undefined, used: false, looks: 0 });
  return clone;
}

/** One half of a body that was cloned: reading it uses the response, reading the other half does not. */
function watched(half: ReadableStream<Uint8Array>, state: Governed): ReadableStream<Uint8Array> {
  const reader = half.getReader();
  const mark = (): void => {
    if (state.body === body) state.used = true;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        mark();
        const result = await reader.read();
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      cancel(reason) {
        mark();
        return reader.cancel(reason);
      },
    },
    pullOnly,
  );
  return body;
}

function bodyOf(response: object, state: Governed): ReadableStream<Uint8Array> {
  return (state.body ??= new GovernedBody(response, state));
}

/** The content of a plain reply that nobody has read yet: what the SDKs ask for, without a detour. */
function takenPlain(response: Response): Content | undefined {
  const state = governed(response);
  if (state.content === undefined || state.used || state.body !== undefined) return undefined;
  state.used = true;
  return state.content;
}

async function parsed(content: Content): Promise<unknown> {
  return content.giveAway();
}

/** The whole body, once. */
async function whole(response: Response): Promise<Content | Uint8Array> {
  const state = governed(response);
  if (state.used || state.body?.locked === true)
    throw new TypeError('Body is unusable: Body has already been read');
  state.used = true;
  if (state.content !== undefined) return state.content;
  const chunks: Uint8Array[] = [];
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read())
    chunks.push(result.value);
  // Never Node's own Buffers: those lie in a pool with what other calls said, and `buffer` would show all of it.
  return new Uint8Array(Buffer.concat(chunks));
}

function toBytes(content: Content | Uint8Array): Uint8Array {
  return content instanceof Uint8Array ? content : new TextEncoder().encode(content.text);
}

function decode(bytes: Content | Uint8Array): string {
  return new TextDecoder().decode(toBytes(bytes));
}
