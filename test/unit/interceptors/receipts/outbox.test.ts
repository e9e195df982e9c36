import { ManagedLLMError, type Receipt } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { Outbox } from '../../../../src/interceptors/receipts/outbox.ts';
import { receipt, TinyLog } from './receipts.ts';

const unreachable = () => {
  throw new ManagedLLMError({ code: 'state-unreachable', message: 'It is down.' });
};

function scene() {
  const clock = manualClock(Date.UTC(2026, 10, 10));
  const log = new TinyLog();
  const told: string[] = [];
  let batches = 0;
  const outbox = new Outbox(
    log,
    { clock, random: () => 0, report: (thrown) => void told.push((thrown as Error).message) },
    async () => void (batches += 1),
  );
  const add = (count: number, said: Partial<Receipt> = {}): readonly Receipt[] => {
    const added = Array.from({ length: count }, () => receipt(said));
    for (const one of added) outbox.add(one);
    return added;
  };
  return { clock, log, told, outbox, add, afterBatches: () => batches };
}

describe('receipts on their way', () => {
  test('are stored a quarter of a second after the first of them, together', async () => {
    const { clock, log, add } = scene();
    const first = add(2);
    await clock.advance(200);
    const later = add(1);
    expect(log.stored).toEqual([]);
    await clock.advance(50);
    expect(log.stored).toEqual([...first, ...later]);
    expect(log.batches).toEqual([3]);
    expect(clock.pending).toBe(0);
  });

  test('are stored at once when they are a batch of 200, and no more than 200 at a time', async () => {
    const { clock, log, add } = scene();
    add(500);
    await clock.advance(0);
    expect(log.batches).toEqual([200, 200]);
    await clock.advance(250);
    expect(log.batches).toEqual([200, 200, 100]);
  });

  test('go one batch at a time', async () => {
    const { clock, log, outbox, add } = scene();
    let underWay = 0;
    let most = 0;
    log.onAppend = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 1_000));
      underWay -= 1;
    };
    for (let round = 0; round < 10; round += 1) {
      add(150);
      void outbox.idle();
      await clock.advance(300);
    }
    await clock.advance(20_000);
    expect(most).toBe(1);
    expect(log.stored).toHaveLength(1_500);
  });

  test('need no timer when there are none', () => {
    expect(scene().clock.pending).toBe(0);
  });
});

describe('a store that cannot be reached', () => {
  test('is tried again after half a second, twice as long each time, and half a minute at most', async () => {
    const { clock, log, add } = scene();
    const triedAt: number[] = [];
    const startedAt = clock.now();
    log.onAppend = () => {
      triedAt.push(clock.now() - startedAt);
      unreachable();
    };
    add(1);
    await clock.advance(100_000);
    const pauses = triedAt.map((at, index) => at - (triedAt[index - 1] ?? 0));
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('gets everything once it is back, in order, nothing twice', async () => {
    const { clock, log, add } = scene();
    log.onAppend = unreachable;
    const before = add(300);
    await clock.advance(3_000);
    log.onAppend = () => {};
    const after = add(5);
    await clock.advance(60_000);
    expect(log.stored).toEqual([...before, ...after]);
  });

  test('is told of at once, and then once a minute, with how many wait', async () => {
    const { clock, log, told, add } = scene();
    log.onAppend = unreachable;
    add(3);
    await clock.advance(50_000);
    expect(told).toEqual([
      '`receipts`: not all receipts could be stored. 3 wait in memory, 10000 at most, and are tried again.',
    ]);
    await clock.advance(40_000);
    expect(told).toHaveLength(2);
    await clock.advance(60_000);
    expect(told).toHaveLength(3);
  });

  test('lets 10,000 wait: beyond that the oldest are dropped, counted, and told once a minute', async () => {
    const { clock, log, told, add } = scene();
    log.onAppend = unreachable;
    const all = add(10_300);
    await clock.advance(1_000);
    add(50);
    await clock.advance(119_000);
    expect(told).toHaveLength(2);
    expect(told.join()).toContain(' 10000 wait in memory');
    log.onAppend = () => {};
    await clock.advance(120_000);
    expect(log.stored).toHaveLength(10_000);
    expect(log.stored[0]).toBe(all[350]);
    const dropped = told.map((text) => Number(/ (\d+) were dropped/.exec(text)?.[1] ?? 0));
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(350);
  });

  test('that never answers is given up on after ten seconds, and may answer after all', async () => {
    const { clock, log, add } = scene();
    const answers: (() => void)[] = [];
    log.onAppend = () => new Promise<void>((resolve) => answers.push(resolve));
    const [one] = add(1);
    await clock.advance(10_300);
    log.onAppend = () => {};
    await clock.advance(1_000);
    for (const answer of answers) answer();
    await clock.advance(1_000);
    expect(log.stored).toEqual([one]);
  });
});

describe('a receipt that the store does not take', () => {
  test('is dropped and told, and those beside it are stored', async () => {
    const { clock, log, told, add } = scene();
    const [, bad] = add(3);
    log.onAppend = (batch) => {
      if (bad !== undefined && batch.includes(bad)) throw new Error('value out of range');
    };
    await clock.advance(60_000);
    expect(log.stored).toHaveLength(2);
    expect(told.at(-1)).toContain(' 1 were dropped');
    expect(clock.pending).toBe(0);
  });

  test('waits while nothing else is taken either: it may be the store', async () => {
    const { clock, log, add } = scene();
    log.onAppend = () => {
      throw new Error('permission denied');
    };
    add(3);
    await clock.advance(600_000);
    log.onAppend = () => {};
    await clock.advance(60_000);
    expect(log.stored).toHaveLength(3);
  });
});

describe('`idle`', () => {
  test('stores at once what waits', async () => {
    const { clock, log, outbox, add } = scene();
    add(450);
    await outbox.idle();
    expect(log.stored).toHaveLength(450);
    expect(clock.pending).toBe(0);
  });

  test('waits for the batch under way', async () => {
    const { clock, log, outbox, add } = scene();
    let go = (): void => {};
    log.onAppend = () => new Promise<void>((resolve) => (go = resolve));
    add(1);
    await clock.advance(250);
    let idle = false;
    const waiting = outbox.idle().then(() => (idle = true));
    await clock.advance(100);
    expect(idle).toBe(false);
    go();
    await waiting;
    expect(log.stored).toHaveLength(1);
  });

  test('does not wait for a store that cannot be reached', async () => {
    const { log, outbox, add } = scene();
    log.onAppend = unreachable;
    add(1_000);
    await outbox.idle();
    expect(log.stored).toEqual([]);
  });

  test('of none is at once', async () => {
    await scene().outbox.idle();
  });
});

describe('`close`', () => {
  test('tries four times, and tells what is lost', async () => {
    const { clock, log, told, outbox, add } = scene();
    let tries = 0;
    log.onAppend = () => {
      tries += 1;
      unreachable();
    };
    add(7);
    const closing = outbox.close();
    await clock.advance(3_500);
    await closing;
    expect(tries).toBe(4);
    expect(told.at(-1)).toContain(' 7 were dropped');
    expect(clock.pending).toBe(0);
  });

  test('stores what a store takes that is back in time', async () => {
    const { clock, log, told, outbox, add } = scene();
    log.onAppend = unreachable;
    add(7);
    const closing = outbox.close();
    await clock.advance(600);
    log.onAppend = () => {};
    await clock.advance(1_000);
    await closing;
    expect(log.stored).toHaveLength(7);
    expect(told).toHaveLength(1);
  });
});

describe('`forget`', () => {
  const ofAlice = ({ caller }: Receipt): boolean => caller.user === 'alice';

  test('drops what waits and fits', async () => {
    const { clock, log, outbox, add } = scene();
    add(2, { caller: { user: 'alice' } });
    const [bob] = add(1, { caller: { user: 'bob' } });
    expect(await outbox.forget(ofAlice)).toBe(2);
    await clock.advance(250);
    expect(log.stored).toEqual([bob]);
  });

  test('waits for a batch under way, so that what is deleted afterwards is there', async () => {
    const { clock, log, outbox, add } = scene();
    let go = (): void => {};
    log.onAppend = () => new Promise<void>((resolve) => (go = resolve));
    add(1, { caller: { user: 'alice' } });
    await clock.advance(250);
    const forgetting = outbox.forget(ofAlice);
    go();
    expect(await forgetting).toBe(0);
    expect(log.stored).toHaveLength(1);
  });

  test('drops what was under way and failed, even where it would be sent again at once', async () => {
    const { clock, log, outbox, add } = scene();
    let fail = (_thrown: unknown): void => {};
    log.onAppend = () => new Promise<void>((_resolve, reject) => (fail = reject));
    add(1, { caller: { user: 'alice' } });
    await clock.advance(250);
    const forgetting = outbox.forget(ofAlice);
    const idle = outbox.idle();
    log.onAppend = () => {};
    fail(new Error('lost'));
    expect(await forgetting).toBe(1);
    await idle;
    await clock.advance(60_000);
    expect(log.stored).toEqual([]);
  });
});

test('what is to be done after a batch is done once for each that was stored', async () => {
  const { clock, log, add, afterBatches } = scene();
  log.onAppend = unreachable;
  add(1);
  await clock.advance(250);
  expect(afterBatches()).toBe(0);
  log.onAppend = () => {};
  await clock.advance(10_000);
  expect(afterBatches()).toBe(1);
});
