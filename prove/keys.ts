import { derived, seeded } from './availability/random.ts';
import { proveCallers, proveInstructions } from './keys/callers.ts';
import { proveEqualities } from './keys/equalities.ts';
import { KeyFinder, type Format } from './keys/finder.ts';
import { mutations } from './keys/mutations.ts';
import { requestsToMutate, type Request } from './keys/requests.ts';
import { proveRoutes } from './keys/routes.ts';
import { saidBy, Sameness } from './keys/sameness.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { Goals } from './race/goals.ts';
import { recordedExchanges } from './recordings/exchanges.ts';
import { quietly } from './recordings/quietly.ts';

const formats: readonly Format[] = ['chat', 'responses', 'messages', 'neutral', 'embeddings'];

export const proof: Proof = {
  name: 'keys',
  claim:
    'Calls share an answer exactly where that is stated: requests that differ in anything else have keys of their own, and so have ' +
    'tenants, targets, formats and rules of routes.',
  run: (context) => quietly(() => proveAll(context)),
};

/** Why a request has no key as it is. */
const mayLackKey = /^held by the provider$/;

/** What came of changing the requests of one format. */
interface Tally {
  requests: number;
  mutations: number;
  keys: number;
  without: number;
}

async function proveAll({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const goals = new Goals();
  log('equalities');
  const equalities = await proveEqualities(goals);
  log('callers');
  const callers = await proveCallers(goals, small);
  const notes = await proveInstructions(goals);
  log('routes');
  const routes = await proveRoutes(goals);
  const requests = requestsToMutate(seed, small ? 2 : 15);
  const rows: ProofRow[] = [];
  let changed = 0;
  for (const format of formats) {
    log(format);
    const own = requests.filter((request) => request.format === format);
    const chosen = small ? own.filter((_request, index) => index < 3 || index % 40 === 0) : own;
    const tally = await mutate(chosen, small ? 6 : 25, derived(seed, format), goals);
    changed += tally.mutations;
    rows.push({
      format,
      requests: tally.requests,
      'changed requests': tally.mutations,
      'keys of their own': tally.keys,
      'without a key': tally.without,
    });
  }
  const count = (number: number): string => number.toLocaleString('en-US');
  return {
    sample:
      `${count(equalities)} stated equalities; ${count(changed)} changes to ${count(rows.reduce((sum, row) => sum + Number(row['requests']), 0))} requests` +
      `${recordedExchanges() === undefined ? ' (no recordings lie beside the repository)' : ', recorded and generated'}; ` +
      `${count(callers)} callers; ${routes} definitions of routes`,
    rows,
    passed: goals.met,
    failures: goals.missed,
    notes: [
      ...notes,
      'numbers are told apart as JavaScript reads them: 1, 1.0 and 1e0 are one, and so are integers beyond 2^53 that it cannot tell apart; of a member that stands twice in a text, the last counts',
      'without a key, and never shared: what a provider holds, what is nested deeper than 400 levels, and what the client or the neutral API refuses',
      'embeddings: the fingerprint, which is all of their request',
    ],
  };
}

/** Changes each request in every place: what goes over the wire, but for what shapes nothing, and keys are told apart alike. */
async function mutate(
  requests: readonly Request[],
  places: number,
  seed: number,
  goals: Goals,
): Promise<Tally> {
  const finder = new KeyFinder();
  const sameness = new Sameness();
  const random = seeded(seed);
  const tally: Tally = { requests: requests.length, mutations: 0, keys: 0, without: 0 };
  const keys = new Set<string>();
  for (const { format, body } of requests) {
    for (const { what, body: changed } of [{ what: 'as it is', body }, ...mutations(body, places, random)]) {
      tally.mutations += 1;
      const found = await finder.find({ format, body: changed });
      if (!('key' in found)) {
        goals.that(
          what !== 'as it is' || mayLackKey.test(found.reason),
          `${format}, ${what}: ${found.reason}`,
        );
        tally.without += 1;
        continue;
      }
      keys.add(found.key);
      const said = saidBy(format, changed, finder.sent);
      const fault = sameness.fault(said, found.key, what);
      goals.that(fault === undefined, `${format}, ${what}: ${fault}`);
    }
  }
  tally.keys = keys.size;
  return tally;
}
