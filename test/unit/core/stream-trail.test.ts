import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamTrail } from '../../../src/core/stream-trail.ts';
import { openaiChat } from '../../../src/dialects/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function trailOf(chunks: Iterable<Uint8Array>): StreamTrail {
  const trail = new StreamTrail(openaiChat.stream);
  for (const chunk of chunks) trail.push(chunk);
  return trail;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

const lineEnds = ['\n', '\r\n', '\r'];
const events = fc.array(
  fc.string({ minLength: 1, maxLength: 400 }).map((text) => JSON.stringify(text)),
  {
    minLength: 1,
    maxLength: 60,
  },
);
const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });

describe('the trail of a stream', () => {
  it('holds the last two kilobytes, the whole last event and the whole first, however the stream was cut', () => {
    fc.assert(
      fc.property(events, sizes, fc.constantFrom(...lineEnds), (data, cuts, end) => {
        const text = data.map((each) => `data: ${each}${end}${end}`).join('');
        const trail = trailOf(cut(encode(text), cuts));
        const last = `data: ${data.at(-1)}${end}${end}`;
        expect(trail.tail().endsWith(last)).toBe(true);
        expect(trail.tail().length).toBeGreaterThanOrEqual(Math.min(text.length, 2_048));
        expect(text.endsWith(trail.tail())).toBe(true);
        expect(trail.head().startsWith(`data: ${data[0]}${end}`)).toBe(true);
        expect(trail.endsEvent).toBe(true);
      }),
    );
  });

  it('knows whether an event has just ended, however the stream was cut', () => {
    const text = 'data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n';
    const ends = new Set([
      'data: a\n\n',
      'data: a\n\ndata: b\r\n\r\n',
      'data: a\n\ndata: b\r\n\r\ndata: c\r\r',
    ]);
    for (let length = 0; length <= text.length; length++) {
      const prefix = text.slice(0, length);
      for (const size of [1, 2, 3, 5, 100]) {
        const trail = trailOf(cut(encode(prefix), [size]));
        expect([prefix, size, trail.endsEvent]).toEqual([prefix, size, length === 0 || ends.has(prefix)]);
      }
    }
  });

  it('does not grow with a stream that is never cut between two events', () => {
    for (const size of [1, 3, 17, 1_000]) {
      const event = `data: {"text":"${'x'.repeat(100)}"}\n\n`;
      const text = event.repeat(500);
      // One byte ahead of the first event, so that no cut of a thousand falls between two.
      const trail = trailOf(cut(encode(`:\n\n${text}`), [size]));
      expect(trail.tail().length).toBeLessThan(6_000);
      expect(trail.head().length).toBeLessThan(20_000);
    }
  });

  it('keeps the whole of an event that is larger than any limit', () => {
    const large = `data: {"text":"${'x'.repeat(100_000)}"}\n\n`;
    const small = 'data: {"text":"y"}\n\n';
    const trail = trailOf(cut(encode(small.repeat(200) + large), [700]));
    expect(trail.tail()).toContain(large);
    expect(trail.lastEvents().at(-1)?.json).toEqual({ text: 'x'.repeat(100_000) });
  });

  it('is empty, and at the end of an event, before anything came', () => {
    const trail = trailOf([]);
    expect([trail.head(), trail.tail(), trail.endsEvent, trail.lastEvents()]).toEqual(['', '', true, []]);
  });
});
