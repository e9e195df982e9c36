import type { CanaryPlace, Exposure, PromptFact, Receipt } from 'managed-llm';
import { pick, type Random } from '../availability/random.ts';

/** When the newest version of each prompt came, in parts of the month; before that it was the one before. */
const newest = 0.6;
const arms = ['control', 'short', 'friendly'] as const;

/** The same call as it was rendered from a prompt, or was in an experiment, or both: as it is with some of those that chat. */
export function withTrials(random: Random, receipt: Receipt, monthPart: number): Receipt {
  const drawn = [random(), random(), random(), random()] as const;
  if (receipt.operation !== 'chat') return receipt;
  const prompt = drawn[0] < 0.7 && { prompt: promptOf(drawn[1], drawn[2], monthPart) };
  const exposures = drawn[3] < 0.3 && { experiments: exposuresOf(random, receipt) };
  const places = drawn[0] < 0.2 && { canaries: [placeOf(random)] };
  return { ...receipt, facts: { ...receipt.facts, ...prompt, ...exposures, ...places } };
}

function promptOf(which: number, when: number, monthPart: number): PromptFact {
  const name = which < 0.6 ? 'support' : 'summarize';
  const version = monthPart < newest ? '6' : when < 0.9 ? '7' : '6';
  const label = which < 0.5 ? { label: version === '7' ? 'production' : 'stable' } : {};
  return { name, version, hash: `${version}${name}-content`, ...label };
}

function exposuresOf(random: Random, { caller }: Receipt): readonly Exposure[] {
  const subject = caller.user ?? 'nobody';
  return [
    { experiment: 'length', definition: 'a', arm: pick(random, arms), by: 'user', subject },
    ...(random() < 0.2 ? [{ experiment: 'model', definition: 'b', arm: 'large', by: 'call' } as const] : []),
  ];
}

function placeOf(random: Random): CanaryPlace {
  return {
    canary: 'calm',
    definition: 'c',
    arm: random() < 0.05 ? 'canary' : 'stable',
    percent: 5,
    by: 'call',
  };
}
