const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * One item of a server-sent-event stream: its bytes as they came (with the blank line that ends it), everything else
 * decoded only when touched.
 */
export class StreamEvent {
  /** The event as it goes over the wire, delimiter included. */
  readonly bytes: Uint8Array;
  #fields: { readonly name: string | undefined; readonly data: string | undefined } | undefined;
  #json: { readonly value: unknown } | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An event made by us. `name` is written as the `event:` line, which Anthropic's SDK requires. */
  static of(json: unknown, name?: string): StreamEvent {
    const data = JSON.stringify(json);
    const event = new StreamEvent(
      encoder.encode(name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`),
    );
    event.#fields = { name, data };
    event.#json = { value: json };
    return event;
  }

  /** The `event:` field. */
  get name(): string | undefined {
    return this.#decoded().name;
  }

  /** The `data:` lines, joined; `undefined` for a comment or a ping without data. */
  get data(): string | undefined {
    return this.#decoded().data;
  }

  /** The data as JSON; `undefined` when it is none (`[DONE]`, a comment). Not to be mutated. */
  get json(): unknown {
    this.#json ??= { value: parse(this.data) };
    return this.#json.value;
  }

  /** The same event with other JSON. */
  withJson(json: unknown): StreamEvent {
    return StreamEvent.of(json, this.name);
  }

  #decoded() {
    return (this.#fields ??= decode(decoder.decode(this.bytes)));
  }
}

function decode(text: string): { name: string | undefined; data: string | undefined } {
  let name: string | undefined;
  let data: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.startsWith('data:')) {
      const value = line.slice(line.charCodeAt(5) === 32 ? 6 : 5);
      data = data === undefined ? value : `${data}\n${value}`;
    } else if (line.startsWith('event:')) {
      name = line.slice(line.charCodeAt(6) === 32 ? 7 : 6);
    }
  }
  return { name, data };
}

function parse(data: string | undefined): unknown {
  if (data === undefined) return undefined;
  const first = data.charCodeAt(0);
  if (first !== 123 && first !== 91 && first !== 32) return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
