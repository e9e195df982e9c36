import { canonicalJson, parseJson } from './json.ts';
import type { Arrival } from './received-request.ts';
import { redactPath, redactText } from './redact.ts';

/** One line of a recording. */
export interface RecordedExchange {
  readonly request: {
    readonly method: string;
    /** Path and query, without the host. */
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Text, or Base64 when the bytes are no UTF-8. */
    readonly body: string;
    readonly encoding: 'utf8' | 'base64';
    /** Lengths in bytes of the chunks as they came. */
    readonly chunks: readonly number[];
    /** Whether the body was read to its end. */
    readonly complete: boolean;
  };
}

/** A request's body as it is written and compared: secrets masked, the random boundary of a form made constant. */
export function recordedBody({ headers, bodyText }: Arrival): string {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1];
  return redactText(boundary === undefined ? bodyText : bodyText.replaceAll(boundary, 'boundary'));
}

/** What makes two requests the same: method, path with query, and the body whatever the order of its JSON keys. */
export function matchKey(method: string, path: string, body: string): string {
  const json = parseJson(body);
  return `${method} ${path}\n${json === undefined ? body : canonicalJson(json)}`;
}

/** The key of a request that has not been recorded. */
export function matchKeyOf(arrival: Arrival): string {
  return matchKey(arrival.method, redactPath(arrival.url), recordedBody(arrival));
}
