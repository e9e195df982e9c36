import { expect, test } from 'vitest';
import { Compared } from '../../../../../src/interceptors/cache/semantic/compared.ts';

const explanation = (callId: string, question: string) => ({
  callId,
  question,
  key: 'answer:x',
  compared: [
    { key: 'answer:y', question, similarity: 1, verdict: 'given' as const },
    { key: 'answer:z', question: undefined, similarity: 1, verdict: 'gone' as const },
  ],
});

test('the latest 1,000 calls can be explained, and fewer where their questions are long', () => {
  const short = new Compared();
  for (let at = 0; at < 1_100; at += 1) short.add(explanation(String(at), 'q'));
  expect(short.of('99')).toBeUndefined();
  expect(short.of('100')).toMatchObject({ question: 'q' });
  const long = new Compared();
  const words = 'x'.repeat(100_000);
  for (let at = 0; at < 100; at += 1) long.add(explanation(String(at), words));
  const known = Array.from({ length: 100 }, (_, at) => long.of(String(at))).filter(
    (one) => one !== undefined,
  );
  expect(known).toHaveLength(20);
  expect(known.at(-1)?.callId).toBe('99');
});
