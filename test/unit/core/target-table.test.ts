import { describe, expect, test } from 'vitest';

import { TargetTable } from '../../../src/core/target-table.ts';
import { targetName } from '../../../src/core/target.ts';

const target = (model: string | number) => ({ provider: 'p', model: `${model}` });

describe('a table of targets', () => {
  test('makes a value once for each target, and finds it by name', () => {
    const table = new TargetTable(() => ({}));
    const value = table.of(target('a'));
    expect(table.of(target('a'))).toBe(value);
    expect(table.find(target('a'))).toBe(value);
    expect(table.named('p/a')).toBe(value);
    expect(table.of(target('b'))).not.toBe(value);
    expect(table.find(target('c'))).toBeUndefined();
  });

  test('never holds more than its capacity, and keeps what is in use', () => {
    const table = new TargetTable(targetName, () => false, 10);
    for (let model = 0; model < 1_000; model++) {
      table.of(target('hot'));
      table.of(target(model));
      expect([...table.values()].length).toBeLessThanOrEqual(10);
      expect(table.find(target('hot'))).toBe('p/hot');
    }
  });

  test('keeps what must stay, however much else comes', () => {
    const table = new TargetTable(targetName, (name) => name === 'p/open', 10);
    table.of(target('open'));
    for (let model = 0; model < 1_000; model++) table.of(target(model));
    expect(table.find(target('open'))).toBe('p/open');
    expect([...table.values()]).toHaveLength(10);
  });

  test('lets go of the oldest when all must stay', () => {
    const table = new TargetTable(targetName, () => true, 3);
    for (let model = 0; model < 5; model++) table.of(target(model));
    expect([...table.values()]).toEqual(['p/2', 'p/3', 'p/4']);
  });
});
