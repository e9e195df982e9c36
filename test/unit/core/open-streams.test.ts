import { manualClock } from 'managed-llm/testing';
import { describe, expect, it } from 'vitest';
import { OpenStreams, type Unread } from '../../../src/core/open-streams.ts';

class Stream implements Unread {
  lastReadAt: number;
  abandoned = 0;
  readonly #open: OpenStreams;

  constructor(open: OpenStreams, lastReadAt: number) {
    this.#open = open;
    this.lastReadAt = lastReadAt;
    open.add(this);
  }

  abandon(): void {
    this.abandoned++;
    this.#open.delete(this);
  }
}

describe('the net under open streams', () => {
  it('abandons each stream once nobody has read from it for the limit, and no sooner', async () => {
    const clock = manualClock();
    const open = new OpenStreams(clock, 1_000);
    const forgotten = new Stream(open, 0);
    const read = new Stream(open, 0);
    await clock.advance(900);
    read.lastReadAt = 900;
    await clock.advance(99);
    expect([forgotten.abandoned, read.abandoned]).toEqual([0, 0]);
    await clock.advance(1);
    expect([forgotten.abandoned, read.abandoned]).toEqual([1, 0]);
    await clock.advance(899);
    expect(read.abandoned).toBe(0);
    await clock.advance(1);
    expect(read.abandoned).toBe(1);
  });

  it('runs one timer for all of them, and none when there are none', async () => {
    const clock = manualClock();
    const open = new OpenStreams(clock, 1_000);
    expect(clock.pending).toBe(0);
    const streams = Array.from({ length: 10 }, () => new Stream(open, 0));
    expect(clock.pending).toBe(1);
    for (const stream of streams) open.delete(stream);
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
    expect(streams.some(({ abandoned }) => abandoned > 0)).toBe(false);
  });

  it('watches a stream that opens while others are abandoned', async () => {
    const clock = manualClock();
    const open = new OpenStreams(clock, 1_000);
    let next: Stream | undefined;
    const first = new Stream(open, 0);
    first.abandon = () => {
      open.delete(first);
      next = new Stream(open, clock.now());
    };
    await clock.advance(1_000);
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(next?.abandoned).toBe(1);
  });

  it('does nothing when it is switched off', async () => {
    const clock = manualClock();
    const stream = new Stream(new OpenStreams(clock, Infinity), 0);
    expect(clock.pending).toBe(0);
    await clock.advance(1e9);
    expect(stream.abandoned).toBe(0);
  });
});
