import { derived, seeded } from './availability/random.ts';
import { runScene, type Kind, type Outcome } from './coalescing/crowd.ts';
import { scenes, type Scene } from './coalescing/scenes.ts';
import { askings } from './coalescing/sdks.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { Goals } from './race/goals.ts';

const kinds: readonly Kind[] = ['plain', 'stream'];

export const proof: Proof = {
  name: 'coalescing',
  claim:
    'Of calls that ask the same at the same time one asks, and all who stay have the whole answer, whoever leaves and whenever: ' +
    'one request, paid for once, and nothing is left open.',
  run,
};

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const size = small ? 100 : 500;
  const seeds = small ? [seed] : [seed, seed + 1, seed + 2];
  const goals = new Goals();
  const rows: ProofRow[] = [];
  let calls = 0;
  let crowds = 0;
  for (const scene of scenes) {
    for (const kind of kinds) {
      if (scene.streamsOnly === true && kind === 'plain') continue;
      log(`${scene.name}, ${kind}`);
      const outcomes: Outcome[] = [];
      for (const asking of askings) {
        for (const each of seeds) {
          const random = seeded(derived(each, scene.name, kind, asking.name));
          outcomes.push(await runScene(scene, asking, kind, size, random, goals));
        }
      }
      crowds += outcomes.length;
      calls += outcomes.length * size;
      rows.push(rowOf(scene, kind, outcomes));
    }
  }
  return {
    sample: `${crowds} crowds of ${size} calls, ${calls.toLocaleString('en-US')} in all, ${askings.map(({ name }) => name).join('; ')}; ${seeds.length} seeds`,
    rows,
    passed: goals.met,
    failures: goals.missed,
    notes: ['whoever asked first pays, also where it has left before the answer; others are coalesced'],
  };
}

function rowOf({ name }: Scene, kind: Kind, outcomes: readonly Outcome[]): ProofRow {
  const sum = (figure: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + figure(outcome), 0);
  return {
    'what happens': name,
    asked: kind,
    crowds: outcomes.length,
    calls: sum((outcome) => outcome.calls),
    requests: sum((outcome) => outcome.requests),
    left: sum((outcome) => outcome.left),
    answered: sum((outcome) => outcome.answered),
  };
}
