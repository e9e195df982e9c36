const newline = 10;
const carriageReturn = 13;
const choices = Buffer.from('"choices"');

/** Whether the bytes end with the blank line that ends an event. */
export function endsEvent(bytes: Uint8Array): boolean {
  const last = bytes.length - 1;
  if (bytes[last] === newline) {
    if (bytes[last - 1] === newline) return true;
    return (
      bytes[last - 1] === carriageReturn &&
      (bytes[last - 2] === newline || bytes[last - 2] === carriageReturn)
    );
  }
  return bytes[last] === carriageReturn && bytes[last - 1] === carriageReturn;
}

const blankLines = ['\n\n', '\n\r', '\r\r'].map((ends) => Buffer.from(ends));

/** Whether a blank line, which ends an event, lies anywhere in the bytes. */
export function holdsEventEnd(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return blankLines.some((ends) => buffer.includes(ends));
}

/** Cheap look for an event with empty `choices`, so that chunks without one need not be framed. May be wrong only by saying yes. */
export function mayHideEvent(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(choices); at >= 0; at = buffer.indexOf(choices, at)) {
    at = skipSpace(buffer, at + choices.length);
    if (buffer[at] !== 58 /* : */) continue;
    at = skipSpace(buffer, at + 1);
    if (buffer[at] !== 91 /* [ */) continue;
    at = skipSpace(buffer, at + 1);
    if (buffer[at] === 93 /* ] */) return true;
  }
  return false;
}

function skipSpace(buffer: Buffer, from: number): number {
  let at = from;
  while (buffer[at] === 32 || buffer[at] === newline || buffer[at] === carriageReturn || buffer[at] === 9)
    at++;
  return at;
}
