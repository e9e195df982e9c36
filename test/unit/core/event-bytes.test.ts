import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NullUsageTrimmer, withoutNullUsage } from '../../../src/core/event-bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (from: Uint8Array | undefined): string | undefined =>
  from === undefined ? undefined : new TextDecoder().decode(from);

const members = fc.dictionary(fc.string(), fc.string({ maxLength: 800 }));
const paddings = fc.oneof(
  fc.constant({}),
  fc.record({ obfuscation: fc.stringMatching(/^[A-Za-z0-9]{0,40}$/) }),
);

describe('the short way to take `"usage": null` out of a chunk', () => {
  it('gives what the general search gives, for chunks of any content and length', () => {
    const trimmer = new NullUsageTrimmer();
    const given: (readonly [string, Uint8Array])[] = [];
    fc.assert(
      fc.property(members, paddings, (parts, padding) => {
        const others = Object.fromEntries(
          Object.entries({ id: 'c', ...parts }).filter(([key]) => key !== 'usage' && key !== 'obfuscation'),
        );
        const padded = { ...others, ...padding };
        const chunk = `data: ${JSON.stringify({ ...others, usage: null, ...padding })}\n\n`;
        const trimmed = trimmer.trimmed(bytes(chunk));
        expect(text(trimmed)).toBe(text(withoutNullUsage(bytes(chunk))));
        expect(text(trimmed)).toBe(`data: ${JSON.stringify(padded)}\n\n`);
        if (trimmed !== undefined) given.push([text(trimmed) ?? '', trimmed]);
      }),
    );
    // What was given out before is not written over by what comes after.
    for (const [before, kept] of given) expect(text(kept)).toBe(before);
  });

  it.each([
    ['two events', 'data: {"a":1,"usage":null}\n\ndata: {"b":1,"usage":null}\n\n'],
    ['half an event', '"a":1,"usage":null}'],
    ['an event of several lines', 'event: x\ndata: {"a":1,"usage":null}\n\n'],
    ['spaces', 'data: {"a": 1, "usage": null}\n\n'],
    ['usage that is told', 'data: {"a":1,"usage":{"total_tokens":1}}\n\n'],
    ['usage in the first place', 'data: {"usage":null,"a":1}\n\n'],
    ['a longer word', 'data: {"a":1,"usage":nullable}\n\n'],
    ['nothing', ''],
  ])('leaves %s to it', (_, chunk) => {
    expect(new NullUsageTrimmer().trimmed(bytes(chunk))).toBeUndefined();
  });

  it('never changes what it was given', () => {
    const chunk = bytes('data: {"a":1,"usage":null}\n\n');
    const before = chunk.slice();
    new NullUsageTrimmer().trimmed(chunk);
    expect(chunk).toEqual(before);
  });
});
