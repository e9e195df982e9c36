import { cache } from 'managed-llm';
import { callCase, callGoal, callSamples, type Contest } from './call-case.ts';
import { plainFetch, prompt, type SdkName } from './canned.ts';
import type { Case, Group } from './case.ts';
import { bareClients, caller, governed } from './clients.ts';
import { middleMeanOf, type PairedSample } from './figure.ts';
import { bootstrap } from './interval.ts';
import { everything } from './limits.ts';

/** CPU of one call that the cache has no answer for and whose answer it keeps: each asks something else. */
export const cacheMisses: Group = {
  heading: 'CPU of a miss, 1 kB prompt, and of each kB more',
  cases: (['openai', 'anthropic'] as const).flatMap((sdk) => [
    callCase(`${sdk} · miss`, undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk)), { ask: distinct(1) }).plain,
      ours: caller(sdk, governed(plainFetch(sdk), [cache()]).clients, { ask: distinct(1) }).plain,
    })),
    callCase(`${sdk} · miss, with everything on`, callGoal(sdk, 30), () => withEverything(sdk, 1)),
    perKilobyteCase(sdk, 10),
    perKilobyteCase(sdk, 100),
  ]),
};

function withEverything(sdk: SdkName, kilobytes: number): Contest {
  return everything(sdk, [cache()], () => distinct(kilobytes));
}

/** One round with a prompt of a kilobyte, and one with a longer one. */
interface Round {
  readonly short: PairedSample;
  readonly long: PairedSample;
}

/** What is added at so many kilobytes beyond what is added at one, shared out among them; a share of a call with one. */
function perKilobyteCase(sdk: SdkName, kilobytes: number): Case {
  const name = `${sdk} · each kB up to ${kilobytes}, everything on`;
  return {
    name,
    async measure(effort) {
      const short = await callSamples(withEverything(sdk, 1), effort);
      const long = await callSamples(withEverything(sdk, kilobytes), effort, kilobytes > 10 ? 100 : 400);
      const rounds = long.flatMap((sample, index): Round[] => {
        const beside = short[index];
        return beside === undefined ? [] : [{ short: beside, long: sample }];
      });
      const bareOf = (drawn: readonly Round[]): number =>
        middleMeanOf(drawn.map(({ short: { bare } }) => bare));
      const each = (drawn: readonly Round[]): number => {
        const shortOnes = addedOf(drawn.map((round) => round.short));
        return (addedOf(drawn.map((round) => round.long)) - shortOnes) / (kilobytes - 1);
      };
      return {
        name,
        unit: 'µs',
        bare: bareOf(rounds),
        added: bootstrap(rounds, each),
        share: bootstrap(rounds, (drawn) => each(drawn) / bareOf(drawn)),
        goal: callGoal(sdk, 2),
      };
    },
  };
}

function addedOf(samples: readonly PairedSample[]): number {
  return middleMeanOf(samples.map(({ ours }) => ours)) - middleMeanOf(samples.map(({ bare }) => bare));
}

/** Prompts of so many kilobytes, no two alike. */
function distinct(kilobytes: number): () => string {
  const text = prompt.repeat(kilobytes);
  let asked = 0;
  return () => `${asked++} ${text}`;
}
