import { manualClock, type ManualClock } from '../../../../src/testing/manual-clock.ts';
import { Admission, type Ask } from '../../../../src/interceptors/throttle/admission.ts';
import type { Lane } from '../../../../src/interceptors/throttle/lane.ts';
import { Lanes } from '../../../../src/interceptors/throttle/lanes.ts';
import { MemoryGatekeeper } from '../../../../src/interceptors/throttle/memory-gatekeeper.ts';
import type { LimitsByName } from '../../../../src/interceptors/throttle/options.ts';
import type { Turned } from '../../../../src/interceptors/throttle/queue.ts';
import type { CallSettings } from '../../../../src/core/settings.ts';
import { MemoryLedger } from '../../../../src/state/memory/memory-ledger.ts';

/** Lanes over buckets in memory, on a clock that stands still. */
export interface Scene {
  readonly clock: ManualClock;
  readonly ledger: MemoryLedger;
  readonly lanes: Lanes;
  lane(model?: string, settings?: CallSettings): Lane;
  /** Lets one in, now or after it has waited. */
  enter(lane: Lane, ask: Ask, priority?: number, signal?: AbortSignal): Promise<Admission | Turned>;
}

export function scene(
  limits: LimitsByName,
  options: {
    readonly adaptive?: boolean;
    readonly maxWaitMs?: number;
    readonly credential?: (settings: CallSettings) => string | undefined;
  } = {},
): Scene {
  const clock = manualClock(1_000_000);
  const ledger = new MemoryLedger(clock);
  const gate = new MemoryGatekeeper(ledger, clock);
  const { adaptive = false, maxWaitMs = 30_000, credential = () => undefined } = options;
  const host = {
    clock,
    poolOf: (name: string) => (name.includes('#') ? name.slice(0, name.indexOf('#')) : undefined),
    credential: (_provider: string, settings: CallSettings) => credential(settings),
  };
  const lanes = new Lanes(limits, { adaptive, maxWaitMs }, host, gate);
  return {
    clock,
    ledger,
    lanes,
    lane(model = 'm', settings = {}) {
      const lane = lanes.find({ provider: 'p', model }, settings);
      if (lane === undefined) throw new Error('Nothing limits this.');
      return lane;
    },
    async enter(lane, ask, priority = 1, signal = new AbortController().signal) {
      if (lane.queue.size === 0) {
        const entered = gate.enter(lane, ask);
        if (entered instanceof Admission) return entered;
      }
      return lane.queue.wait(lane, ask, priority, signal);
    },
  };
}

/** A request of so many tokens. */
export function asking(input = 0, output = 0): Ask {
  return { requests: 1, input, cached: 0, output, size: undefined, limitsOutput: true };
}
