import { getEventListeners } from 'node:events';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { Patience } from '../../../../../src/interceptors/cache/semantic/patience.ts';

const forever = (): Promise<never> => new Promise(() => {});

function waiting() {
  const clock = manualClock();
  return { clock, patience: new Patience(clock, 100, 'It') };
}

describe('patience', () => {
  test('gives what has come in time, or its failure', async () => {
    const { patience } = waiting();
    expect(await patience.waitFor(async () => 'done')).toBe('done');
    await expect(patience.waitFor(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(patience.isAtRest).toBe(false);
  });

  test('ends after its time, stops what it waits for, and rests for ten seconds', async () => {
    const { clock, patience } = waiting();
    const signals: AbortSignal[] = [];
    const waited = patience.waitFor((signal) => {
      signals.push(signal);
      return forever();
    });
    const rejected = expect(waited).rejects.toThrow('It took longer than `timeoutMs`, 100 ms.');
    await clock.advance(99);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    await rejected;
    expect(signals[0]?.aborted).toBe(true);
    expect(patience.isAtRest).toBe(true);
    await clock.advance(10_000);
    expect(patience.isAtRest).toBe(false);
  });

  test('ends with the signal that it is given, which is no reason to rest', async () => {
    const { patience } = waiting();
    const stop = new AbortController();
    let told: unknown;
    const waited = patience.waitFor((signal) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      return forever();
    }, stop.signal);
    stop.abort('enough');
    await expect(waited).rejects.toBe('enough');
    expect(told).toBe('enough');
    expect(patience.isAtRest).toBe(false);
    let hasBegun = false;
    const late = patience.waitFor(async () => (hasBegun = true), stop.signal);
    await expect(late).rejects.toBe('enough');
    expect(hasBegun).toBe(false);
  });

  test('leaves no timer and no listener behind, however it ends', async () => {
    const { clock, patience } = waiting();
    const { signal } = new AbortController();
    await patience.waitFor(async () => {}, signal);
    await patience.waitFor(() => Promise.reject(new Error('down')), signal).catch(() => {});
    const late = patience.waitFor(forever, signal).catch(() => {});
    await clock.advance(100);
    await late;
    expect(clock.pending).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
