import { Buffer } from 'node:buffer';

/** Request headers whose values are written as they are; all others are written by name only. */
const harmlessHeaders =
  /^(accept|accept-language|anthropic-beta|anthropic-version|content-length|content-type|openai-beta|user-agent|x-stainless-.*)$/;

/** Response headers that tell whose account it was. */
const tellingHeaders =
  /^(set-cookie|.*organization.*|.*project.*|.*workspace.*|.*account.*|.*token$|.*secret.*)$/;

const secretParameters = /key|token|secret|signature|^sig$|password|credential/i;

/** Shapes of keys: `sk-…`, bearer tokens, Google, AWS, GitHub, Hugging Face, Groq and Slack tokens, JWTs. */
const secretShapes =
  /\bsk-[\w-]{8,}|\bBearer\s+[\w.~+/=-]{8,}|\bAIza[\w-]{30,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bhf_\w{20,}|\bgsk_\w{20,}|\bxox[abprs]-[\w-]{10,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/gi;

/** JSON members that are named like secrets. */
const secretMembers =
  /("[\w-]*(?:api[_-]?key|secret|password|authorization|access[_-]?token|refresh[_-]?token)[\w-]*"\s*:\s*")((?:[^"\\]|\\.)+)/gi;

const redacted = '[redacted]';

/** The text with everything masked that looks like a secret. Its length in bytes stays, and with it every chunk boundary. */
export function redactText(text: string): string {
  return text
    .replace(
      secretMembers,
      (_match, before: string, secret: string) => before + '*'.repeat(Buffer.byteLength(secret)),
    )
    .replace(secretShapes, (secret) => secret.slice(0, 3) + '*'.repeat(secret.length - 3));
}

/** Request headers: names, and the values of those that are known to be harmless. */
export function redactRequestHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return mapValues(headers, (name, value) => (harmlessHeaders.test(name) ? redactText(value) : redacted));
}

/** Response headers without whose account it was. */
export function redactResponseHeaders(headers: Headers): Record<string, string> {
  return mapValues(Object.fromEntries(headers), (name, value) =>
    tellingHeaders.test(name) ? redacted : redactText(value),
  );
}

/** Path and query, with parameters masked that are named like secrets. Host and credentials are left out. */
export function redactPath(url: string): string {
  const { pathname, searchParams } = new URL(url);
  const parameters = Array.from(searchParams, ([name, value]): [string, string] => [
    name,
    secretParameters.test(name) ? redacted : redactText(value),
  ]);
  const query = new URLSearchParams(parameters.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return redactText(pathname) + (query.size === 0 ? '' : `?${query.toString()}`);
}

function mapValues(
  headers: Readonly<Record<string, string>>,
  map: (name: string, value: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, map(name.toLowerCase(), value)]),
  );
}
