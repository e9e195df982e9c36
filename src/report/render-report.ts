import * as z from 'zod/mini';
import type { Accounts } from '../core/accounts.ts';
import { Calendar } from '../core/calendar.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import { realClock, type Clock } from '../core/clock.ts';
import { aMoment, momentOf, type Moment } from '../core/moment.ts';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { Receipt } from '../core/receipt.ts';
import type { State } from '../core/state.ts';
import { metrics } from '../experiments/metrics.ts';
import type { ExperimentResults } from '../experiments/results.ts';
import { budgetsOf } from './budgets.ts';
import { canariesOf } from './canaries.ts';
import { Collection } from './collection.ts';
import { experimentsOf, givenExperiments } from './experiments.ts';
import { namesOf } from './exposed-arm.ts';
import { Moments } from './format.ts';
import { page } from './page.ts';
import { orUnread } from './unread.ts';

/** Options of {@link renderReport}. One of `state` and `receipts` has to be given. */
export interface ReportOptions {
  /** Where `receipts()` keeps its log, and budgets their accounts. */
  readonly state?: State;
  /** Receipts themselves, in any order. */
  readonly receipts?: Iterable<Receipt> | AsyncIterable<Receipt>;
  /** Where budgets count. Default: those of `state`. */
  readonly accounts?: Accounts;
  /**
   * What experiments have come to, as their `results()` tell it. Default: those that `state` has counts of and that were in use at
   * that time. Of others, what receipts tell is told.
   */
  readonly experiments?: readonly ExperimentResults[];
  /** Where canaries stand, as their `status()` tells it. Default: those of `state` that divided calls at that time. */
  readonly canaries?: readonly CanaryStatus[];
  /** Calls that began at this time or later. Default: all. */
  readonly from?: Moment;
  /** Calls that began before this time: `to: '2026-12'` ends with November. Default: all. */
  readonly to?: Moment;
  /** In which days begin, and all times are told. An IANA name. Default `UTC`. */
  readonly timeZone?: string;
  /** The tag that says which feature a call is of. Default `feature`. */
  readonly tag?: string;
  /** Default `LLM calls and what they cost`. */
  readonly title?: string;
  /** What the page says when it was made. Default: the machine's. */
  readonly clock?: Clock;
}

const anObject = (what: string) =>
  z.optional(z.custom((value) => typeof value === 'object' && value !== null, `must be ${what}`));

/** As far as a page cannot be made without. */
const resultsSchema = z.looseObject({
  experiment: z.string(),
  control: z.string(),
  alpha: z.number(),
  arms: z.record(z.string(), z.looseObject({ calls: z.number(), metrics: z.looseObject({}) })),
  decision: z.looseObject({ by: z.enum(metrics) }),
});

/** Likewise. */
const statusSchema = z.looseObject({
  canary: z.string(),
  phase: z.enum(['ramping', 'promoted', 'rolled-back']),
  steps: z.array(z.number()),
  arms: z.looseObject({ stable: z.looseObject({}), canary: z.looseObject({}) }),
  guards: z.array(z.looseObject({})),
  history: z.array(z.looseObject({})),
});

const reportOptionsSchema = z.strictObject({
  state: anObject('a state'),
  receipts: anObject('receipts that can be iterated'),
  accounts: anObject('the accounts of a state'),
  experiments: z.optional(z.readonly(z.array(resultsSchema))),
  canaries: z.optional(z.readonly(z.array(statusSchema))),
  from: z.optional(aMoment),
  to: z.optional(aMoment),
  timeZone: z.optional(z.string()),
  tag: z.optional(z.string().check(z.minLength(1))),
  title: z.optional(z.string()),
  clock: anObject('a clock'),
});

/**
 * A page about what calls cost, how they ended and how long they took, how full budgets are, what experiments have come to and
 * where canaries stand: one HTML file that needs no network, no other file and no script. Receipts are read one after another, so that there may be any number.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { receipts } from 'managed-llm';
 * import { renderReport } from 'managed-llm/report';
 *
 * const log = receipts();
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [log] });
 * // … later
 * await log.idle();
 * await writeFile('report.html', await renderReport({ state: log.state, from: '2026-11', to: '2026-12' }));
 * ```
 * @throws `invalid-options`
 * @throws `state-unreachable` for receipts and budgets; where what is told of experiments or canaries cannot be read, the page says so
 */
export async function renderReport(options: ReportOptions): Promise<string> {
  const parsed = parseOptions(reportOptionsSchema, options, 'report');
  const { timeZone = 'UTC', tag = 'feature', title = 'LLM calls and what they cost' } = parsed;
  const calendar = new Calendar(timeZone, 'report.timeZone');
  const madeAt = (parsed.clock ?? realClock).now();
  const from = parsed.from === undefined ? undefined : momentOf(parsed.from, calendar, 'report.from');
  const to = parsed.to === undefined ? undefined : momentOf(parsed.to, calendar, 'report.to');
  if (from !== undefined && to !== undefined && from >= to)
    throw invalidOption('report.to', 'is not after `from`: it is the first moment that is not meant');
  const receipts = receiptsOf(parsed, from, to);
  const accounts = parsed.accounts ?? parsed.state?.accounts;

  const calls = new Collection(calendar, tag, from, shownUntil(to, madeAt));
  for await (const receipt of receipts) calls.add(receipt);
  calls.finish();
  return page({
    title,
    timeZone,
    moments: new Moments(timeZone),
    madeAt,
    from,
    to,
    tag,
    calls,
    axis: calls.timeline.axis,
    budgets: accounts && (await budgetsOf(accounts)),
    experiments:
      parsed.experiments === undefined
        ? await orUnread(experimentsOf(parsed.state ?? {}, { from, to }), givenExperiments([]))
        : givenExperiments(parsed.experiments),
    canaries:
      parsed.canaries === undefined
        ? await orUnread(canariesOf(parsed.state ?? {}, { from, to }, namesOf(calls.arms.canaries)), {
            areCurrent: true,
            all: [],
          })
        : { areCurrent: false, all: parsed.canaries },
  });
}

/** What has not come yet is no time in which nothing was spent. */
function shownUntil(to: number | undefined, madeAt: number): number | undefined {
  return to === undefined ? undefined : Math.min(to, madeAt);
}

function receiptsOf(
  { state, receipts }: ReportOptions,
  from: number | undefined,
  to: number | undefined,
): Iterable<Receipt> | AsyncIterable<Receipt> {
  if (receipts !== undefined && state !== undefined)
    throw invalidOption('report', 'takes `state` or `receipts`, not both: give `accounts` beside `receipts`');
  if (receipts !== undefined) return within(receipts, from, to);
  if (state === undefined) throw invalidOption('report', 'needs `state` or `receipts`');
  if (state.receipts === undefined)
    throw invalidOption(
      'report.state',
      `(\`${state.name}\`) keeps no receipts: give one of this package, or \`receipts\``,
    );
  return state.receipts.read({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
}

async function* within(
  receipts: Iterable<Receipt> | AsyncIterable<Receipt>,
  from = -Infinity,
  to = Infinity,
): AsyncGenerator<Receipt> {
  for await (const receipt of receipts)
    if (receipt.startedAt >= from && receipt.startedAt < to) yield receipt;
}
