import type { Mutant } from './mutant.ts';

const endings = 'test/integration/endings.test.ts';

/** Faults in the core and the seams. */
export const foundationMutants: readonly Mutant[] = [
  {
    name: 'settle skipped on abort',
    file: 'src/core/attempt.ts',
    find: 'else pump.abort(this.cancellation.reason);',
    replace: 'else void 0;',
    test: endings,
    title: 'the caller aborts a stream that nobody is reading at that moment: aborted at once',
  },
  {
    name: 'cancel not passed on to the provider',
    file: 'src/core/event-stream.ts',
    find: `this.#queue.length = 0;
    this.#stopSource(reason);`,
    replace: 'this.#queue.length = 0;',
    test: endings,
    title: 'an early break: abandoned, and the provider stops',
  },
  {
    name: 'a cut stream passed off as a clean end',
    file: 'src/core/event-stream.ts',
    find: 'if (end !== undefined || this.#options.mayEndWithoutTerminal) {',
    replace: 'if (true) {',
    test: endings,
    title: 'a stream that ends without its terminal event: failed, and the reader gets an error, not an end',
  },
  {
    name: 'unread streams never swept',
    file: 'src/core/open-streams.ts',
    find: 'if (now - stream.lastReadAt >= this.#limitMs) stream.abandon();',
    replace: 'if (now - stream.lastReadAt >= this.#limitMs) continue;',
    test: endings,
    title: 'a stream that nobody reads: abandoned after `unreadStreamMs`, and the provider stops',
  },
  {
    name: 'dropped responses not noticed',
    file: 'src/core/governed-response.ts',
    find: 'if (reply.events !== undefined) forgotten.register(response, reply.events);',
    replace: '',
    test: endings,
    title: 'a stream that is dropped unread: abandoned once it is collected',
  },
  {
    name: 'no time limit for an attempt',
    file: 'src/core/transport.ts',
    find: "() => attempt.cancellation.abort('timeout')",
    replace: '() => undefined',
    test: endings,
    title: 'an attempt passes its time limit: timed-out, and the SDK raises its own timeout',
  },
  {
    name: 'no deadline for a call',
    file: 'src/core/gate.ts',
    find: "() => run.cancellation.abort('deadline')",
    replace: '() => undefined',
    test: endings,
    title: 'the deadline passes while queued: timed-out, and nothing was ever sent',
  },
  {
    name: 'an abort waits for links that ignore it',
    file: 'src/core/gate.ts',
    find: 'run.cancellation.onAbort(stop);',
    replace: '',
    test: endings,
    title: 'the caller aborts while an interceptor ignores the signal: aborted at once all the same',
  },
  {
    name: "the SDK's signal not followed",
    file: 'src/core/gate.ts',
    find: "else signal.addEventListener('abort', stop, { once: true });",
    replace: '',
    test: endings,
    title: 'the caller aborts while the provider works: aborted',
  },
];
