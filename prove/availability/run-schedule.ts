import { ask } from './ask.ts';
import { Books, countWithin, type Load, type Run } from './books.ts';
import { SimulatedProvider } from './provider.ts';
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
export async function runSchedule(schedule: Schedule, make: MakeSide, drain: Drain = oneTurn): Promise<Run> {
  const time = new Simulator(startMs, drain);
  const restore = time.install(derived(schedule.seed, 'global'));
  try {
    const providers = providersOf(schedule, time);
    const side = make(providers, time, seeded(derived(schedule.seed, 'chain')));
    const books = new Books();
    const random = seeded(derived(schedule.seed, 'workload'));
    const everyMs = schedule.durationMs / schedule.calls;
    let open = 0;
    const arrive = (): void => {
      const index = books.askedAt.push(time.now() - startMs) - 1;
      const askedAt = time.now();
      const question = drawQuestion(random, schedule.families);
      open++;
      void ask(side.clientsFor(question), side.models, question, time.now).then((ending) => {
        open--;
        books.ended(index, askedAt, time.now(), ending);
      });
      if (books.askedAt.length < schedule.calls) time.setTimeout(arrive, exponential(random, everyMs));
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
      contentAfterMs: books.contentAfterMs,
      arrivals: byProvider((name) => providers[name].arrivals.length),
      tooMany: sumOver(byProvider((name) => providers[name].tooMany.length)),
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

function providersOf(schedule: Schedule, time: Simulator): ByProvider<SimulatedProvider> {
  return byProvider(
    (name) =>
      new SimulatedProvider(
        {
          name,
          family: name === 'anthropic' ? 'anthropic' : 'openai',
          seed: derived(schedule.seed, 'provider', name),
          startMs,
          incidents: schedule.incidents[name],
          allowance: schedule.allowance?.[name],
        },
        time,
      ),
  );
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
