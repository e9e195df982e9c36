import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { WaitingRoom, type Waiter } from '../../../../src/interceptors/budget/waiting-room.ts';

function room() {
  const clock = manualClock();
  const made = new WaitingRoom(clock, () => 0.5);
  const turns: string[] = [];
  /** Leaves at its turn if it may. */
  const enter = (name: string, keys: readonly string[], mayLeave: () => boolean = () => false): Waiter => {
    const waiter: Waiter = {
      keys,
      turn: () => {
        turns.push(name);
        if (mayLeave()) made.leave(waiter);
      },
    };
    made.enter(waiter);
    return waiter;
  };
  const taken = (): readonly string[] => turns.splice(0);
  return { clock, made, enter, taken };
}

describe('who waits', () => {
  test('has a turn when something of theirs was freed, the first of those who want the same alone', async () => {
    const { clock, made, enter, taken } = room();
    enter('one', ['a']);
    enter('two', ['a', 'b']);
    enter('three', ['c']);
    made.wake(['a']);
    expect(taken()).toEqual([]);
    await clock.advance(0);
    expect(taken()).toEqual(['one']);
    made.wake(['b']);
    await clock.advance(0);
    expect(taken()).toEqual([]);
    made.wake();
    await clock.advance(0);
    expect(taken()).toEqual(['one', 'three']);
  });

  test('is next as soon as those before are gone, in the same pass where they leave at their turn', async () => {
    const { clock, made, enter, taken } = room();
    enter('one', ['a'], () => true);
    enter('two', ['a'], () => true);
    const third = enter('three', ['a']);
    enter('four', ['a']);
    made.wake(['a']);
    await clock.advance(0);
    expect(taken()).toEqual(['one', 'two', 'three', 'three']);
    made.leave(third);
    await clock.advance(0);
    expect(taken()).toEqual(['four']);
  });

  test('holds up those who want the same, for as long as it waits', () => {
    const { made, enter } = room();
    const one = enter('one', ['a']);
    const two = enter('two', ['a', 'b']);
    expect([made.isWanted(['a']), made.isWanted(['b', 'c']), made.isWanted(['c'])]).toEqual([
      true,
      true,
      false,
    ]);
    made.leave(one);
    expect(made.isWanted(['a'])).toBe(true);
    made.leave(two);
    made.leave(two);
    expect([made.isWanted(['a', 'b']), made.size]).toEqual([false, 0]);
  });

  test('looks every quarter of a second, and leaves no timer behind', async () => {
    const { clock, made, enter, taken } = room();
    const one = enter('one', ['a']);
    await clock.advance(1_000);
    expect(taken()).toEqual(['one', 'one', 'one', 'one']);
    made.leave(one);
    expect(clock.pending).toBe(0);
  });
});
