const newline = 10;
const carriageReturn = 13;
const choices = Buffer.from('"choices"');
const usage = Buffer.from('"usage"');
const nothing = Buffer.from('null');

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

/** Whether the bytes hold anything but comments, which servers send to keep a line open. */
export function holdsEvent(bytes: Uint8Array): boolean {
  if (bytes[0] !== 58 /* : */) return bytes.length > 0;
  return /^[^:\r\n]/m.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
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

/**
 * The same bytes without `"usage": null`, which an OpenAI stream says in every chunk to whoever asks for usage, and so
 * to us where the caller did not. No text can contain it: its quotes would be escaped. The same object when there is none.
 */
export function withoutNullUsage(bytes: Uint8Array): Uint8Array {
  let kept = bytes;
  for (let at = indexOf.call(kept, usage); at >= 0; at = indexOf.call(kept, usage, at)) {
    const comma = skipSpaceBack(kept, at - 1);
    const end = endOfNull(kept, at + usage.length);
    if (kept[comma] !== 44 /* , */ || end < 0) {
      at += usage.length;
      continue;
    }
    if (kept === bytes) kept = new Uint8Array(bytes);
    kept.copyWithin(comma, end);
    kept = kept.subarray(0, kept.length - (end - comma));
    at = comma;
  }
  return kept;
}

/** Works on any bytes, without a view made for it. */
const { indexOf, latin1Slice } = Buffer.prototype as typeof Buffer.prototype & {
  latin1Slice(start: number, end: number): string;
};

const nullUsage = ',"usage":null';
/** Behind it comes at most what OpenAI pads its chunks with. */
const searchedBytes = 96;
const blockBytes = 1_024;
/** A short stream is spared the block. */
const alone = 4;

/**
 * Takes `"usage": null` out of chunks that are exactly one event written as OpenAI writes it, as nearly all are, without
 * the general search. What it gives out lies in small blocks of its own: an array for each would cost more than the rest.
 */
export class NullUsageTrimmer {
  #given = 0;
  #block: Uint8Array | undefined;
  #used = 0;

  /** `undefined` for any other chunk. */
  trimmed(chunk: Uint8Array): Uint8Array | undefined {
    const { length } = chunk;
    const from = Math.max(0, length - searchedBytes);
    const found = latin1Slice.call(chunk, from, length).lastIndexOf(nullUsage);
    if (found < 0) return undefined;
    const start = from + found;
    const end = start + nullUsage.length;
    if (chunk[end] !== 44 /* , */ && chunk[end] !== 125 /* } */) return undefined;
    // JSON has no bare newline in it, so the first one ends the event's only line.
    if (!endsEvent(chunk) || indexOf.call(chunk, newline) !== length - 2) return undefined;
    const bytes = this.#take(length - nullUsage.length);
    bytes.set(chunk.subarray(0, start));
    bytes.set(chunk.subarray(end), start);
    return bytes;
  }

  #take(size: number): Uint8Array {
    if (this.#given++ < alone || size > blockBytes / 2) return new Uint8Array(size);
    if (this.#block === undefined || this.#used + size > blockBytes) {
      this.#block = new Uint8Array(blockBytes);
      this.#used = 0;
    }
    const bytes = this.#block.subarray(this.#used, this.#used + size);
    this.#used += size;
    return bytes;
  }
}

/** Where a member's `: null` ends, or -1 if something else is its value. */
function endOfNull(bytes: Uint8Array, from: number): number {
  const colon = skipSpace(bytes, from);
  if (bytes[colon] !== 58 /* : */) return -1;
  const at = skipSpace(bytes, colon + 1);
  return nothing.every((byte, index) => bytes[at + index] === byte) ? at + nothing.length : -1;
}

function skipSpaceBack(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 32) at--;
  return at;
}

function skipSpace(buffer: Uint8Array, from: number): number {
  let at = from;
  while (buffer[at] === 32 || buffer[at] === newline || buffer[at] === carriageReturn || buffer[at] === 9)
    at++;
  return at;
}

/** Pieces as one; a single piece is not copied. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
