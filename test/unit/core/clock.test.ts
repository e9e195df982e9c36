import { getEventListeners } from 'node:events';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';

import { realClock, wait } from '../../../src/core/clock.ts';

describe('`wait`', () => {
  test('ends when the time has come, and keeps nothing', async () => {
    const clock = manualClock();
    const { signal } = new AbortController();
    let done = false;
    const waiting = wait(clock, 100, signal).then(() => (done = true));
    await clock.advance(99);
    expect(done).toBe(false);
    await clock.advance(1);
    await waiting;
    expect([clock.pending, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  });

  test('rejects with the signal’s own reason as soon as it aborts, and clears its timer', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const waiting = wait(clock, 100, controller.signal).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test('rejects at once when the signal has aborted before', async () => {
    const clock = manualClock();
    await expect(wait(clock, 100, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(clock.pending).toBe(0);
  });
});

describe('the machine’s clock', () => {
  test('has timers that keep no process alive', () => {
    const timer = realClock.setTimeout(() => {}, 60_000) as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    realClock.clearTimeout(timer);
  });

  test('waits the longest a timer can for what is longer, instead of not at all', async () => {
    let fired = false;
    const timer = realClock.setTimeout(() => (fired = true), 3_000_000_000);
    await new Promise((resolve) => setTimeout(resolve, 3));
    expect(fired).toBe(false);
    realClock.clearTimeout(timer);
  });

  test('tells the time', () => {
    expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(1_000);
  });
});
