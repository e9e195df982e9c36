import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { standIn } from 'managed-llm/testing';
import type { Part } from './lab.ts';

const child = fileURLToPath(new URL('shutdown-child.ts', import.meta.url));
const streams = 100;

interface Farewell {
  readonly settled: readonly string[];
  readonly ends: readonly string[];
  readonly refused: string;
  readonly code: number | null;
  readonly afterMs: number;
}

/** SIGTERM with open streams: `close` drains them, or ends with an error what outlasts its limit. */
export const shutdown: Part = {
  name: `SIGTERM with ${streams} open streams drains`,
  async run(checks) {
    const count = (all: readonly string[], one: string): number => all.filter((each) => each === one).length;

    const drained = await terminate({ shortMs: 400, longMs: 800 });
    checks.that(drained.code === 0, 'without a limit: exits 0', () => drained.code);
    checks.that(
      count(drained.settled, 'finished') === streams,
      'without a limit: all finish',
      () => drained.settled,
    );
    checks.that(
      count(drained.ends, 'clean') === streams,
      'without a limit: every reader gets the end',
      () => drained.ends,
    );
    checks.that(
      drained.refused === 'closed',
      'without a limit: new calls are refused',
      () => drained.refused,
    );

    const limited = await terminate({ shortMs: 400, longMs: 60_000, timeoutMs: 1_500 });
    checks.that(limited.code === 0, 'with a limit: exits 0', () => limited.code);
    checks.that(
      count(limited.settled, 'finished') === streams / 2,
      'with a limit: the short ones finish',
      () => limited.settled,
    );
    checks.that(
      count(limited.settled, 'aborted') === streams / 2,
      'with a limit: the others are aborted',
      () => limited.settled,
    );
    checks.that(
      count(limited.ends, 'clean') === streams / 2,
      'with a limit: only the short ones end cleanly',
      () => limited.ends,
    );
    checks.that(
      count(limited.ends, 'closed') === streams / 2,
      'with a limit: the others end with the error',
      () => limited.ends,
    );
    return (
      `without a limit ${count(drained.settled, 'finished')} of ${streams} finished, exit ${drained.code} after ${drained.afterMs} ms; ` +
      `with 1,500 ms ${count(limited.settled, 'finished')} finished, ${count(limited.ends, 'closed')} ended with \`closed\`, exit ${limited.code} after ${limited.afterMs} ms`
    );
  },
};

async function terminate(options: {
  readonly shortMs: number;
  readonly longMs: number;
  readonly timeoutMs?: number;
}): Promise<Farewell> {
  const provider = standIn();
  const events = 20;
  const text = Array.from({ length: events }, () => 'word ');
  provider.when({ model: 'short' }, { text, betweenEventsMs: options.shortMs / events });
  provider.when({ model: 'long' }, { text, betweenEventsMs: options.longMs / events });
  await using server = await provider.listen();
  const limit = options.timeoutMs === undefined ? [] : [String(options.timeoutMs)];
  const service = fork(child, [server.url, String(streams), ...limit], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  try {
    await message(service);
    const from = performance.now();
    service.kill('SIGTERM');
    const farewell = await message(service);
    const code = await exit(service);
    return {
      ...(farewell as Omit<Farewell, 'code' | 'afterMs'>),
      code,
      afterMs: Math.round(performance.now() - from),
    };
  } finally {
    service.kill('SIGKILL');
  }
}

/** The next message, or nothing when it exits without one or keeps silent for half a minute. */
async function message(service: ChildProcess): Promise<unknown> {
  const signal = AbortSignal.timeout(30_000);
  const [first] = (await Promise.race([
    once(service, 'message', { signal }),
    once(service, 'exit').then(() => Promise.reject(new Error('the service exited before it said anything'))),
  ])) as [unknown];
  return first;
}

async function exit(service: ChildProcess): Promise<number | null> {
  if (service.exitCode === null) await once(service, 'exit', { signal: AbortSignal.timeout(10_000) });
  return service.exitCode;
}
