/** One event of a provider's stream before it is framed. */
export interface WireEvent {
  /** The `event:` line, where the protocol has one. */
  readonly name: string | undefined;
  /** JSON, or text that is sent as it is (`[DONE]`). */
  readonly data: unknown;
  /** Pieces of the answer it carries; what a cut stream is billed by. */
  readonly pieces: number;
  /** Whether it belongs to the stream's regular end. */
  readonly terminal: boolean;
}

/** An event that carries nothing of the answer unless `pieces` says so. */
export function wireEvent(data: unknown, extra: Partial<WireEvent> = {}): WireEvent {
  return { name: undefined, pieces: 0, terminal: false, ...extra, data };
}

const encoder = new TextEncoder();

/** The event as server-sent-event text. */
export function sseFrame(event: WireEvent): Uint8Array<ArrayBuffer> {
  const data = typeof event.data === 'string' ? event.data : JSON.stringify(event.data);
  return encoder.encode(
    event.name === undefined ? `data: ${data}\n\n` : `event: ${event.name}\ndata: ${data}\n\n`,
  );
}
