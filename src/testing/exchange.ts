import { Buffer } from 'node:buffer';

import type { Clock } from '../core/clock.ts';
import { BodySource } from './body-source.ts';
import { errorBody, errorType, type ProviderFamily, type StandInError } from './provider-error.ts';
import type { OpenRequest } from './received-request.ts';
import type { ScriptedReply } from './script.ts';

/** A reply on its way to the client, whichever transport carries it. */
export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A body that is all there, or one that is made as it is pulled. */
  readonly body: Uint8Array<ArrayBuffer> | string | BodySource;
  /** Bytes handed to the client. */
  wrote(bytes: number): void;
  /** The exchange is over; only the first call counts. */
  end(outcome: Outcome): void;
}

/** How an exchange ended. */
export type Outcome = Exclude<OpenRequest['outcome'], 'open'>;

/** Makes the reply to one request, with the headers its provider always sends, and keeps the record of it. */
export class ExchangeMaker {
  /** Sent with whatever reply is made. */
  readonly headers: Record<string, string>;
  readonly #request: OpenRequest;
  readonly #family: ProviderFamily;
  readonly #clock: Clock;
  readonly #onEnd: (() => void)[] = [];

  constructor(request: OpenRequest, family: ProviderFamily, clock: Clock) {
    this.#request = request;
    this.#family = family;
    this.#clock = clock;
    this.headers = { [requestIdHeaders[family]]: this.#requestId };
  }

  /** Calls back once, when the exchange is over however it ended. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback);
  }

  end(outcome: Outcome): void {
    const request = this.#request;
    if (request.outcome !== 'open') return;
    request.outcome = outcome;
    request.cancelled = outcome === 'cancelled';
    request.endedAt = this.#clock.now();
    for (const callback of this.#onEnd) callback();
  }

  /** An error in the provider's own shape. */
  failure(status: number, error: StandInError): Exchange {
    if (this.#family === 'bedrock') this.headers['x-amzn-errortype'] = errorType('bedrock', status, error);
    return this.whole(status, errorBody(this.#family, status, error, this.#requestId));
  }

  /** A body that is known from the start; `pacing` may still cut it up or off. */
  whole(status: number, content: string | Uint8Array | object, pacing: ScriptedReply = {}): Exchange {
    const isBytes = content instanceof Uint8Array;
    const isText = typeof content === 'string';
    const type = isBytes ? 'application/octet-stream' : isText ? textType(content) : 'application/json';
    const body = isBytes ? new Uint8Array(content) : isText ? content : JSON.stringify(content);
    if (
      pacing.chunking === undefined &&
      pacing.cutAfterBytes === undefined &&
      pacing.firstEventDelayMs === undefined
    ) {
      return this.#exchange(status, type, body);
    }
    const bytes = typeof body === 'string' ? new Uint8Array(Buffer.from(body)) : body;
    const frames = (bytes.length === 0 ? [] : [{ bytes, pieces: 0 }]).values();
    return this.#exchange(status, type, new BodySource(frames, pacing, this.#clock, () => {}));
  }

  /** A body that is made as it is pulled. */
  stream(status: number, type: string, source: BodySource): Exchange {
    return this.#exchange(status, type, source);
  }

  #exchange(status: number, type: string, body: Exchange['body']): Exchange {
    this.#request.status = status;
    return {
      status,
      headers: { 'content-type': type, ...this.headers },
      body,
      wrote: (bytes) => {
        this.#request.bytesWritten += bytes;
      },
      end: (outcome) => this.end(outcome),
    };
  }

  get #requestId(): string {
    return `req_${this.#request.index + 1}`;
  }
}

const requestIdHeaders: Readonly<Record<ProviderFamily, string>> = {
  openai: 'x-request-id',
  anthropic: 'request-id',
  bedrock: 'x-amzn-requestid',
};

function textType(text: string): string {
  if (/^(data|event|id|:)/.test(text)) return 'text/event-stream; charset=utf-8';
  return /^\s*[[{]/.test(text) ? 'application/json' : 'text/plain; charset=utf-8';
}
