import { nano } from './budgets.ts';
import { Charges, sumsByCall } from './charges.ts';
import { percent, usd, type Goals } from './goals.ts';
import { judgeCalls, leastUsed, type Books } from './judge-calls.ts';
import { plansFor, sizes, type Course, type Plan, type SizeName } from './plan.ts';
import { BilledProvider } from './provider.ts';
import { racedLLM, type RacedLLM } from './raced-llm.ts';
import { joined, runCalls, type Endings } from './run-calls.ts';

/** Scopes inside the scope, each with a ceiling of its own. */
const inside = {
  full: { scopes: 3, calls: 200, limitUsd: 1 },
  small: { scopes: 2, calls: 36, limitUsd: 0.06 },
} as const satisfies Record<SizeName, object>;

/** What came of calls inside one ceiling, which has others inside. */
export interface Scopes extends Books {
  readonly size: SizeName;
  readonly course: Course;
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  /** Of the calls that stand only in the outer scope. */
  readonly outer: Endings;
  readonly inner: readonly Endings[];
  /** What receipts say that everything has cost; `undefined` where one does not know. Whole nano-USD. */
  readonly receiptsNanoUsd: number | undefined;
  readonly faults: readonly string[];
  readonly waited: number;
  readonly lowered: number;
}

export async function runScopes(size: SizeName, course: Course, seed: number): Promise<Scopes> {
  const plans = plansFor(seed, course, sizes[size]);
  await using provider = await BilledProvider.listen(plans, course);
  const { url } = provider;
  const { llm, faults } = racedLLM({
    ...sizes[size],
    url,
    interceptors: [],
    stoppedStreams: 'drain',
  });
  const charges = new Charges(llm);
  const startedAt = performance.now();
  const tracked = llm.track(() => runAll(llm, url, size, plans));
  const [outer, inner] = await tracked.result;
  const { costNanoUsd } = await tracked.settled;
  await llm.close();
  return {
    size,
    course,
    seed,
    requests: provider.requests,
    seconds: (performance.now() - startedAt) / 1_000,
    outer,
    inner,
    receiptsNanoUsd: costNanoUsd,
    faults,
    chargedByCall: sumsByCall(charges.amounts),
    billedByCall: sumsByCall(provider.billedByCall()),
    untold: new Set(charges.untold),
    waited: charges.waited,
    lowered: charges.lowered,
  };
}

function runAll(
  llm: RacedLLM,
  url: string,
  size: SizeName,
  plans: readonly Plan[],
): Promise<readonly [outer: Endings, inner: readonly Endings[]]> {
  const { scopes, calls, limitUsd } = inside[size];
  return llm.run({ maxCostUsd: sizes[size].limitUsd }, () => {
    const inner = innerParts(size, plans).map((part) =>
      llm.run({ maxCostUsd: limitUsd }, () => runCalls(llm, url, part, 'ceiling-exceeded')),
    );
    const outer = runCalls(llm, url, plans.slice(scopes * calls), 'ceiling-exceeded');
    return Promise.all([outer, Promise.all(inner)]);
  });
}

/** The calls of each inner scope. */
function innerParts(size: SizeName, plans: readonly Plan[]): readonly (readonly Plan[])[] {
  const { scopes, calls } = inside[size];
  return Array.from({ length: scopes }, (_, scope) => plans.slice(scope * calls, (scope + 1) * calls));
}

/** What has to hold after it. */
export function judgeScopes(result: Scopes, goals: Goals): void {
  const { size, course, seed, outer, inner, faults, receiptsNanoUsd, billedByCall, untold } = result;
  const name = `ceilings, ${course}, seed ${seed}`;
  const limit = nano(sizes[size].limitUsd);
  const billed = sumOf(result.billedByCall.values());
  const charged = sumOf(result.chargedByCall.values());
  goals.that(billed <= limit, `${name}: ${usd(billed - limit)} over the ceiling are billed`);
  goals.that(charged <= limit, `${name}: ${usd(charged - limit)} over the ceiling are counted`);
  for (const [scope, plans] of innerParts(size, plansFor(seed, course, sizes[size])).entries()) {
    const spent = sumOf(plans.map(({ index }) => billedByCall.get(index) ?? 0));
    const most = nano(inside[size].limitUsd);
    goals.that(spent <= most, `${name}: ${usd(spent - most)} over the ceiling of scope ${scope} are billed`);
    goals.that((inner[scope]?.ended['refused'] ?? 0) > 0, `${name}: scope ${scope} has refused nothing`);
  }
  goals.that((outer.ended['refused'] ?? 0) > 0, `${name}: nothing was refused, so nothing was shown`);
  goals.that(faults.length === 0, `${name}: ${faults.length} faults: ${faults[0]}`);
  judgeCalls(name, course, result, goals);
  if (course !== 'finish') return;
  const { reasons } = joined([outer, ...inner]);
  goals.that(Object.keys(reasons).length === 0, `${name}: calls failed: ${JSON.stringify(reasons)}`);
  goals.that(
    billed / limit >= leastUsed,
    `${name}: only ${percent(billed / limit)} of the ceiling could be spent`,
  );
  if (untold.size === 0)
    goals.that(receiptsNanoUsd === billed, `${name}: receipts tell ${receiptsNanoUsd}, billed are ${billed}`);
}

export function sumOf(amounts: Iterable<number>): number {
  let sum = 0;
  for (const amount of amounts) sum += amount;
  return sum;
}
