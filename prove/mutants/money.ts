import type { Mutant } from './mutant.ts';

const races = 'test/integration/budget-races.test.ts';
const subjects = 'test/integration/budget-subjects.test.ts';
const windows = 'test/integration/budget-windows.test.ts';
const limits = 'test/integration/budget-output-limits.test.ts';
const exceeded = 'test/integration/budget-exceeded.test.ts';
const prices = 'test/integration/budget-prices.test.ts';

/** Faults in budgets, ceilings, prices and their books. */
export const moneyMutants: readonly Mutant[] = [
  {
    name: 'a large one starved of money by small ones',
    file: 'src/interceptors/budget/till.ts',
    find: 'if (this.#hasRoom && this.#room.size > 0 && this.#room.isWanted(bid.keys))',
    replace: 'if (this.#hasRoom && this.#room.size < 0)',
    test: races,
    title: 'does not let small ones pass a large one',
  },
  {
    name: 'money reserved in memory without asking whether it is there',
    file: 'src/state/memory/memory-accounts.ts',
    find: 'kept.reserve(amounts);',
    replace: 'if (claims.length > 1) kept.reserve(amounts);',
    test: races,
    title: 'for the last cent: as many are sent as it pays for, and the others are refused',
  },
  {
    name: 'users of different tenants counted as one',
    file: 'src/interceptors/budget/subject.ts',
    find: 'return value === undefined ? undefined : [facts.caller.tenant ?? null, value];',
    replace: 'return value === undefined ? undefined : [null, value];',
    test: subjects,
    title: 'users, each in its own tenant',
  },
  {
    name: 'days of 24 hours, whatever a zone does to its clocks',
    file: 'src/interceptors/budget/windows.ts',
    find: "return { kind: 'fixed', startMs: firstInstantAt(first, this.#offsetAt), endMs };",
    replace:
      "const startMs = firstInstantAt(first, this.#offsetAt); return { kind: 'fixed', startMs, endMs: startMs + dayMs };",
    test: windows,
    title: 'of a day in Berlin has 25 hours in October, 23 in March',
  },
  {
    name: 'alerts told by every process',
    file: 'src/state/memory/memory-accounts.ts',
    find: 'return this.#account(account, now).alertOnce(share, now);',
    replace: 'this.#account(account, now).alertOnce(share, now); return true;',
    test: windows,
    title: 'is told by one of all processes that share a state',
  },
  {
    name: 'the highest of several output limits sent, not the lowest',
    file: 'src/interceptors/budget/assess.ts',
    find: 'lowest = Math.min(lowest, cover.rule.outputLimit);',
    replace: 'lowest = cover.rule.outputLimit;',
    test: limits,
    title: 'is sent the lowest that those who count it say, ceilings too',
  },
  {
    name: 'no output limit sent at all',
    file: 'src/interceptors/budget/till.ts',
    find: 'call.dialect.request.withMaxOutputTokens(call.body, limit)',
    replace: 'call.body',
    test: limits,
    title: 'is sent one, which is told in the receipt',
  },
  {
    name: 'a call moved from budget to budget',
    file: 'src/core/route-stage.ts',
    find: "call.run.note('movedTo', moveTo);",
    replace: '',
    test: exceeded,
    title: 'sends the call there instead, once, where it is counted like any',
  },
  {
    name: 'answers in the background settled before they are written',
    file: 'src/interceptors/budget/till.ts',
    find: 'this.#background.remember(bid.target.provider, id, bid);',
    replace: 'this.#tell(bid, spentBy(bid, charges));',
    test: prices,
    title: 'keeps what was set aside until a retrieve shows what it has used, once',
  },
  {
    name: 'bounds by the standard rate alone',
    file: 'src/pricing/known-model.ts',
    find: 'for (const list of lists) most = larger(most, this.#mostTokens(list, inputTokens, outputTokens));',
    replace: 'most = this.#mostTokens(this.#terms.list, inputTokens, outputTokens);',
    test: 'test/unit/pricing/bound.test.ts',
    title:
      'takes the dearest tier that a request can be served at which asks for none, and no more where it asks',
  },
  {
    name: 'costs rounded count by count',
    file: 'src/pricing/charges.ts',
    find: 'return charges.reduce((sum, { quantity, price }) => sum + BigInt(quantity) * price, 0n);',
    replace:
      'return charges.reduce((sum, { quantity, price }) => sum + ((BigInt(quantity) * price) / 1_000_000_000n) * 1_000_000_000n, 0n);',
    test: 'test/unit/pricing/charges.test.ts',
    title: 'is rounded once, at the end: to the nearest for what was, up for what may be',
  },
];
