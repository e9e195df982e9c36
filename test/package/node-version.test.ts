import { expect, test } from 'vitest';

test('the tests run on the Node version they were started for', () => {
  const expected = process.env['EXPECTED_NODE_MAJOR'] ?? '24';
  expect(process.version.slice(1).split('.')[0]).toBe(expected);
});
