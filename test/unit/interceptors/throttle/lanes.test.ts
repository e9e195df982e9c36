import { expect, test } from 'vitest';
import { Admission } from '../../../../src/interceptors/throttle/admission.ts';
import { asking, scene } from './scene.ts';

const names = ({ limiters }: { readonly limiters: readonly { readonly key: string }[] }) =>
  limiters.map(({ key }) => key);

test('a target’s limits hold besides its provider’s', () => {
  const world = scene({ p: { requestsPerMinute: 10 }, 'p/m': { concurrency: 2 } });
  expect(names(world.lane('m'))).toEqual(['throttle/p', 'throttle/p/m']);
  expect(names(world.lane('n'))).toEqual(['throttle/p']);
  expect(world.lane('m').limiters[0]).toBe(world.lane('n').limiters[0]);
});

test('with `perModel` each model has the provider’s limits, the lower of these and its own', () => {
  const world = scene({
    p: { requestsPerMinute: 10, concurrency: 5, perModel: true },
    'p/m': { requestsPerMinute: 20, concurrency: 2 },
  });
  const [limiter] = world.lane('m').limiters;
  expect(limiter?.meters.map(({ limit, stated }) => [limit, stated])).toEqual([['requestsPerMinute', 10]]);
  expect(limiter?.concurrency).toBe(2);
  expect(names(world.lane('n'))).toEqual(['throttle/p/n']);
});

test('with `per` each caller has limits of its own; who names none is one of them, apart from an empty name', () => {
  const world = scene({ p: { requestsPerMinute: 1, per: 'tenant' } });
  const lanes = [{ tenant: 'a' }, { tenant: 'b' }, {}, { tenant: '' }, { tenant: '-' }].map((settings) =>
    world.lane('m', settings),
  );
  expect(new Set(lanes).size).toBe(5);
  expect(world.lane('m', { tenant: 'a', user: 'x' })).toBe(lanes[0]);
  expect(new Set(lanes.flatMap(names)).size).toBe(5);
});

test('what providers tell is kept for the key and model, not for the caller', () => {
  const world = scene({ p: { requestsPerMinute: 1, per: 'tenant' } }, { adaptive: true });
  expect(world.lane('m', { tenant: 'a' }).own).toBe(world.lane('m', { tenant: 'b' }).own);
  expect(world.lane('m', { tenant: 'a' }).own).not.toBe(world.lane('n', { tenant: 'a' }).own);
  const perKey = scene({}, { adaptive: true, credential: ({ tenant }) => tenant });
  expect(perKey.lane('m', { tenant: 'a' }).own).not.toBe(perKey.lane('m', { tenant: 'b' }).own);
});

test('limits of a pool are those of each member by itself', () => {
  const world = scene({
    pool: { requestsPerMinute: 1 },
    'pool/m': { concurrency: 1 },
    'pool#2/m': { concurrency: 7 },
  });
  const of = (provider: string) => world.lanes.find({ provider, model: 'm' }, {});
  expect(names(of('pool#1') ?? { limiters: [] })).toEqual(['throttle/pool#1', 'throttle/pool#1/m']);
  expect(of('pool#1')?.limiters[1]?.concurrency).toBe(1);
  expect(of('pool#2')?.limiters[1]?.concurrency).toBe(7);
  expect(of('other')).toBeUndefined();
});

test('a hundred thousand callers leave two thousand lanes at most; those in use stay', async () => {
  const world = scene({ p: { requestsPerMinute: 60, per: 'user' } }, { adaptive: true });
  const busy = world.lane('m', { user: 'busy' });
  const admission = await world.enter(busy, asking());
  for (let caller = 0; caller < 100_000; caller++) {
    const lane = world.lane('m', { user: `user ${caller}` });
    const entered = await world.enter(lane, asking());
    if (entered instanceof Admission) entered.cancel();
    if (caller % 10_000 === 0) await world.clock.advance(1_000);
  }
  expect(world.lanes.size).toBeLessThanOrEqual(2_000);
  expect(world.ledger.size).toBeLessThanOrEqual(100_000);
  expect(world.lane('m', { user: 'busy' })).toBe(busy);
  expect(admission).toBeInstanceOf(Admission);
});
