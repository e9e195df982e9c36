import type { ManagedLLMError } from 'managed-llm';
import { ask } from './ask.ts';
import { Books, countWithin, type Load, type Run } from './books.ts';
import { makeProviders, type SimulatedProvider } from './provider.ts';
import { byProvider, sumOver, type ByProvider } from './provider-name.ts';
import { drawQuestion } from './question.ts';
import { derived, exponential, seeded } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { MakeSide } from './sides.ts';
import { oneTurn, Simulator, type Drain } from './simulator.ts';

/** Any time at all, as long as it is always the same. */
const startMs = Date.UTC(2026, 0, 1);

const onsetMs = 30_000;

/** Lives through a schedule on one side. Throws when calls never end. */
export async function runSchedule(
  schedule: Schedule,
  sideMaker: MakeSide,
  drain: Drain = oneTurn,
): Promise<Run> {
  const time = new Simulator(startMs, drain);
  const restore = time.install(derived(schedule.seed, 'global'));
  try {
    const { seed, incidents, allowance } = schedule;
    const books = new Books();
    const providers = makeProviders({ seed, startMs, incidents, allowance }, time);
    const random = seeded(derived(seed, 'chain'));
    const onError = (error: ManagedLLMError): void => void books.faults.push(error.message);
    const side = sideMaker.make({ providers, allowance, time, random, onError });
    const workload = seeded(derived(seed, 'workload'));
    const everyMs = schedule.durationMs / schedule.calls;
    let open = 0;
    const arrive = (): void => {
      const index = books.askedAt.push(time.now() - startMs) - 1;
      const askedAt = time.now();
      const question = drawQuestion(workload, schedule.families);
      open++;
      void ask(side.clientsFor(question), side.models, question, time.now).then((ending) => {
        open--;
        books.ended(index, askedAt, time.now(), ending);
      });
      if (books.askedAt.length < schedule.calls) time.setTimeout(arrive, exponential(workload, everyMs));
    };
    time.setTimeout(arrive, 0);
    const how = await time.run(() => open === 0 && books.askedAt.length === schedule.calls);
    if (how === 'stuck') throw new Error(`Schedule ${schedule.number}: ${open} calls never ended.`);
    await side.close();
    return {
      number: schedule.number,
      asked: books.askedAt.length,
      counts: books.counts,
      reasons: books.reasons,
      faults: books.faults,
      contentAfterMs: books.contentAfterMs,
      arrivals: byProvider((name) => providers[name].arrivals.length),
      tooMany: sumOver(byProvider((name) => providers[name].tooMany.length)),
      tooManyLate: sumOver(byProvider((name) => providers[name].tooManyLate)),
      afterOutageMs: afterOutage(schedule, books),
      outages: schedule.outages.flatMap(({ fromMs, untilMs }) => [
        loadOf('first 30 s', books, providers, fromMs, fromMs + onsetMs),
        loadOf('later', books, providers, fromMs + onsetMs, untilMs),
      ]),
      digest: books.digest >>> 0,
      simulatedMs: time.now() - startMs,
      timers: time.fired,
    };
  } finally {
    restore();
  }
}

function afterOutage({ outages }: Schedule, { failedAt }: Books): number | undefined {
  const end = outages.at(-1)?.untilMs;
  if (end === undefined) return undefined;
  return failedAt.reduce((longest, at) => Math.max(longest, at - end), 0);
}

function loadOf(
  part: Load['part'],
  books: Books,
  providers: ByProvider<SimulatedProvider>,
  fromMs: number,
  untilMs: number,
): Load {
  return {
    part,
    asked: countWithin(books.askedAt, fromMs, untilMs),
    arrivals: byProvider((name) => countWithin(providers[name].arrivals, fromMs, untilMs)),
  };
}
