import { describe, expect, test } from 'vitest';

import { Hooks, type AttemptStart } from '../../../src/core/hooks.ts';

const payload: AttemptStart = {
  callId: 'c-1',
  attemptId: 'c-1.1',
  target: { provider: 'openai', model: 'gpt' },
  startedAt: 0,
};

describe('hooks', () => {
  test('tell all listeners of a name, in the order in which they came, and no others', () => {
    const hooks = new Hooks(() => expect.fail('nothing to report'));
    const told: string[] = [];
    hooks.on('attempt:start', () => told.push('first'));
    hooks.on('call:start', () => told.push('other'));
    hooks.on('attempt:start', ({ attemptId }) => told.push(attemptId));
    hooks.emit('attempt:start', payload);
    expect(told).toEqual(['first', 'c-1.1']);
  });

  test('know whether anybody listens, so that nothing need be made for nobody', () => {
    const hooks = new Hooks(() => {});
    expect(hooks.has('attempt:start')).toBe(false);
    const stop = hooks.on('attempt:start', () => {});
    expect([hooks.has('attempt:start'), hooks.has('call:end')]).toEqual([true, false]);
    stop();
    expect(hooks.has('attempt:start')).toBe(false);
  });

  test('report a listener that throws, and go on', () => {
    const reported: unknown[] = [];
    const hooks = new Hooks((thrown, context) => reported.push([thrown, context]));
    let after = 0;
    hooks.on('attempt:start', () => {
      throw 'broken';
    });
    hooks.on('attempt:start', () => (after += 1));
    hooks.emit('attempt:start', payload);
    expect([reported, after]).toEqual([[['broken', 'a listener of attempt:start']], 1]);
  });

  test('a listener may stop listening while it is told, and is told no more', () => {
    const hooks = new Hooks(() => {});
    let told = 0;
    const stop = hooks.on('attempt:start', () => {
      told += 1;
      stop();
    });
    hooks.emit('attempt:start', payload);
    hooks.emit('attempt:start', payload);
    expect(told).toBe(1);
  });

  test('stopping twice does not stop others', () => {
    const hooks = new Hooks(() => {});
    let told = 0;
    const stop = hooks.on('attempt:start', () => {});
    stop();
    hooks.on('attempt:start', () => (told += 1));
    stop();
    hooks.emit('attempt:start', payload);
    expect(told).toBe(1);
  });

  test('a listener whose promise rejects is reported too, and rejects nothing else', async () => {
    const reported: unknown[] = [];
    const hooks = new Hooks((thrown) => reported.push(thrown));
    const listener = async () => {
      await Promise.resolve();
      throw new Error('late');
    };
    hooks.on('attempt:start', listener as () => void);
    hooks.emit('attempt:start', payload);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reported).toMatchObject([{ message: 'late' }]);
  });
});
