import { throttle, type Priority } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed } from './governed.ts';

test('a class that waits has every tenth turn, also when more urgent calls want them all', async () => {
  const world = governed({ interceptors: [throttle({ openai: { requestsPerMinute: 60 } })] });
  const answered: Priority[] = [];
  const ask = async (priority: Priority): Promise<void> => {
    const { openai } = world.llm.with({ priority }).clients;
    await openai.responses.create({ model: 'm', input: 'Hi' }, { maxRetries: 0 }).then(
      () => answered.push(priority),
      () => undefined,
    );
  };
  // What the bucket holds at first.
  await Promise.all(Array.from({ length: 60 }, () => ask('normal')));
  answered.length = 0;

  const waiting = [ask('batch'), ask('normal')];
  for (let call = 0; call < 40; call++) waiting.push(ask('interactive'));
  await world.clock.advance(25_000);
  expect(answered).toEqual([
    ...Array.from({ length: 9 }, () => 'interactive'),
    'normal',
    'batch',
    ...Array.from({ length: 14 }, () => 'interactive'),
  ]);
  await world.clock.advance(10_000);
  await Promise.all(waiting);
});
