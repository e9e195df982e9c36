import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseDecoder } from '../../../src/core/sse.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function framed(chunks: readonly Uint8Array[]): string[] {
  const decoder = new SseDecoder();
  const events = chunks.flatMap((chunk) => decoder.push(chunk));
  const rest = decoder.end();
  return (rest === undefined ? events : [...events, rest]).map((event) => decode(event.bytes));
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const stream = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('data: {"a":1}', 'event: ping', ': comment', 'data: é😀', 'id: 7'),
      },
      { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n', '\r\r', '\uFEFF') },
      { weight: 1, arbitrary: fc.string() },
    ),
    { maxLength: 30 },
  )
  .map((parts) => encode(parts.join('')));

describe('SseDecoder', () => {
  it.each([
    ['\n\n', '\n'],
    ['\r\n\r\n', '\r\n'],
    ['\r\r', '\r'],
    ['\n\r\n', '\n'],
    ['\r\n\n', '\r\n'],
    ['\r\n\r', '\r\n'],
  ])('ends an event at the blank line %j', (blank, lineEnd) => {
    const first = `event: a${lineEnd}data: 1${blank}`;
    expect(framed([encode(`${first}data: 2${blank}`)])).toEqual([first, `data: 2${blank}`]);
  });

  it('gives several events of one chunk, and one event of several chunks', () => {
    expect(framed([encode('data: 1\n\ndata: 2\n\nda'), encode('ta: 3'), encode('\n'), encode('\n')])).toEqual(
      ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'],
    );
  });

  it('does not copy an event that lies in one chunk', () => {
    const chunk = encode('data: 1\n\ndata: 2\n\n');
    const events = new SseDecoder().push(chunk);
    expect(events.map((event) => event.bytes.buffer === chunk.buffer)).toEqual([true, true]);
    const whole = encode('data: 1\n\n');
    expect(new SseDecoder().push(whole)[0]?.bytes).toBe(whole);
  });

  it('hands out an event as soon as its last byte has come', () => {
    const decoder = new SseDecoder();
    expect(decoder.push(encode('data: 1\n'))).toEqual([]);
    expect(decoder.pending).toBe(true);
    expect(decoder.push(encode('\n'))).toHaveLength(1);
    expect(decoder.pending).toBe(false);
    expect(decoder.push(encode('data: 2\r\n\r'))).toEqual([]);
    expect(decoder.push(encode('\n'))).toHaveLength(1);
    expect(decoder.end()).toBeUndefined();
  });

  it('gives an unfinished event at the end', () => {
    expect(framed([encode('data: 1\n\ndata: 2')])).toEqual(['data: 1\n\n', 'data: 2']);
  });

  it('reads fields of an event behind a byte order mark, and characters cut in the middle', () => {
    const bytes = encode('\uFEFFevent: a\ndata: {"text":"é😀"}\n\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = new SseDecoder();
      const [event] = [...decoder.push(bytes.subarray(0, cut)), ...decoder.push(bytes.subarray(cut))];
      expect(event?.name).toBe('a');
      expect(event?.json).toEqual({ text: 'é😀' });
    }
  });

  it('gives the same events for any chunking', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(500)), (bytes, cuts) => {
        expect(framed(cutAt(bytes, cuts))).toEqual(framed([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  it('loses, adds and reorders no byte', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(500)), (bytes, cuts) => {
        const decoder = new SseDecoder();
        const events = cutAt(bytes, cuts).flatMap((chunk) => decoder.push(chunk));
        const rest = decoder.end();
        const pieces = [...events, ...(rest === undefined ? [] : [rest])].map((event) => event.bytes);
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts exactly where the event-stream grammar does', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const expected: string[] = [];
        let event = '';
        for (const [line] of decode(bytes).matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
          event += line;
          if (!/^(?:\r\n|\n|\r)$/.test(line)) continue;
          expected.push(event);
          event = '';
        }
        if (event !== '') expected.push(event);
        expect(framed([bytes])).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
