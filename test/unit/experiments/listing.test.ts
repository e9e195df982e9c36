import { memoryState, type Documents } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { experimentListing, type ExperimentDefinition } from '../../../src/experiments/definition.ts';
import { InUse } from '../../../src/experiments/in-use.ts';

const dayMs = 86_400_000;

function documentsOf(): Documents {
  return memoryState().documents ?? expect.fail('memory keeps documents');
}

/** As another process has them: whatever is asked takes turns. */
function slow(documents: Documents): Documents {
  return {
    read: async (key) => documents.read(key),
    write: async (...all) => documents.write(...all),
  };
}

const definition = (said: Partial<ExperimentDefinition> = {}): ExperimentDefinition => ({
  key: 'experiment:tone:1',
  name: 'tone',
  arms: ['control', 'warm'],
  control: 'control',
  alpha: 0.05,
  decideBy: 'score',
  ...said,
});

describe('a listing', () => {
  test('has what is in use, and since when', async () => {
    const listing = experimentListing(documentsOf());
    expect(await listing.read()).toEqual([]);
    await listing.add(definition(), 1_000);
    await listing.add(definition({ key: 'other' }), 2_000);
    expect(await listing.read()).toEqual([
      { entry: definition(), since: 1_000, seenAt: 1_000 },
      { entry: definition({ key: 'other' }), since: 2_000, seenAt: 2_000 },
    ]);
  });

  test('is written again only when something has changed, or after a day', async () => {
    const documents = documentsOf();
    const listing = experimentListing(documents);
    const version = async () => (await documents.read('experiments'))?.version;
    await listing.add(definition(), 1_000);
    const first = await version();
    await listing.add(definition(), dayMs);
    expect(await version()).toBe(first);
    await listing.add(definition({ alpha: 0.01 }), dayMs);
    expect(await listing.read()).toEqual([
      { entry: definition({ alpha: 0.01 }), since: 1_000, seenAt: dayMs },
    ]);
    await listing.add(definition({ alpha: 0.01 }), 2 * dayMs);
    expect(await listing.read()).toMatchObject([{ since: 1_000, seenAt: 2 * dayMs }]);
  });

  test('lets go of what was not in use for the longest time, by number and by size', async () => {
    const listing = experimentListing(documentsOf());
    const keys = Array.from({ length: 220 }, (_, index) => `key-${index}`);
    for (const [index, key] of keys.entries()) {
      await listing.add(definition({ key }), index);
      if (index === 200) await listing.add(definition({ key: 'key-1', alpha: 0.1 }), index);
    }
    const kept = (await listing.read()).map(({ entry }) => entry.key);
    expect(kept).toHaveLength(200);
    expect(kept).toContain('key-1');
    expect(kept).not.toContain('key-2');
    const documents = documentsOf();
    const large = experimentListing(documents);
    const arms = Array.from({ length: 10 }, (_, arm) => `${arm}`.padEnd(64, 'x'));
    for (const [index, key] of keys.entries()) await large.add(definition({ key, arms }), index);
    expect((await large.read()).at(-1)?.entry.key).toBe('key-219');
    expect((await documents.read('experiments'))?.text.length).toBeLessThan(65_536);
  });

  test('keeps what several processes list at once, each of them many', async () => {
    const documents = documentsOf();
    const processes = Array.from({ length: 4 }, () => experimentListing(slow(documents)));
    const keys = Array.from({ length: 150 }, (_, index) => `key-${index}`);
    await Promise.all(processes.flatMap((listing) => keys.map((key) => listing.add(definition({ key }), 1))));
    const listed = await experimentListing(documents).read();
    expect(listed.map(({ entry }) => entry.key).toSorted()).toEqual(keys.toSorted());
  });

  test('goes on after what could not be listed', async () => {
    const documents = documentsOf();
    let isDown = true;
    const flaky: Documents = {
      read: (key) => (isDown ? Promise.reject(new Error('down')) : documents.read(key)),
      write: (...all) => documents.write(...all),
    };
    const listing = experimentListing(flaky);
    const first = listing.add(definition(), 1).catch((thrown: unknown) => thrown);
    expect(await first).toBeInstanceOf(Error);
    isDown = false;
    await listing.add(definition(), 1);
    expect(await listing.read()).toHaveLength(1);
  });

  test.each([
    'not JSON',
    'null',
    '{}',
    '[null, 1, "a", {}, {"entry": {}, "since": 1, "seenAt": 1}]',
    '[{"entry":{"key":"k"},"since":"1","seenAt":1}]',
  ])('leaves out what it does not understand: %s', async (text) => {
    const documents = documentsOf();
    await documents.write('experiments', text, undefined);
    const listing = experimentListing(documents);
    expect(await listing.read()).toEqual([]);
    await listing.add(definition(), 1);
    expect(await listing.read()).toHaveLength(1);
  });
});

describe('what is in use', () => {
  test('is listed once a day, and a minute after that failed', async () => {
    const clock = manualClock();
    const documents = documentsOf();
    let isDown = true;
    let written = 0;
    const lost: unknown[] = [];
    const flaky: Documents = {
      read: (key) => documents.read(key),
      write: (...all) => {
        if (isDown) throw new Error('down');
        written += 1;
        return documents.write(...all);
      },
    };
    const inUse = new InUse(clock, experimentListing(flaky), definition(), (thrown) => lost.push(thrown));
    const note = async () => {
      inUse.note();
      await inUse.idle();
    };
    await note();
    await note();
    expect(lost).toHaveLength(1);
    isDown = false;
    await clock.advance(60_000);
    await note();
    await note();
    expect([lost.length, written]).toEqual([1, 1]);
    await clock.advance(dayMs);
    await note();
    expect([lost.length, written]).toEqual([1, 2]);
  });
});
