import type { Mutant } from './mutant.ts';

const answers = 'test/integration/cache.test.ts';
const keys = 'test/integration/cache-keys.test.ts';

/** Faults in the cache of answers. */
export const cachingMutants: readonly Mutant[] = [
  {
    name: 'tenants share answers',
    file: 'src/interceptors/cache/key.ts',
    find: ': [tenant ?? null];',
    replace: ': [];',
    test: answers,
    title: 'between tenants, by exact code points, and one without a tenant is one of its own',
  },
  {
    name: 'one answer for whatever a route’s name means',
    file: 'src/interceptors/cache/key.ts',
    find: `
    definition,`,
    replace: '',
    test: keys,
    title: 'of a route is not given where the same name has other rules',
  },
  {
    name: 'one answer for whichever server is asked',
    file: 'src/interceptors/cache/key.ts',
    find: 'call.endpoint?.url ?? null,',
    replace: '',
    test: keys,
    title:
      'of one server is not given for another: a client derived for it, or a URL of the application’s own',
  },
  {
    name: 'one answer for all whom a rule sends apart',
    file: 'src/core/route-table.ts',
    find: 'if (text === undefined || isWhole || found instanceof Leaf) return text;',
    replace: 'if (text === undefined || isWhole || text !== "") return text;',
    test: keys,
    title: 'is not given to calls that a rule would send elsewhere, by who asks or in which form',
  },
  {
    name: 'answers that were cut short kept',
    file: 'src/interceptors/cache/keeping.ts',
    find: "return ending === 'whole' || (ending === 'calls' && rules.toolCalls);",
    replace: "return ending !== 'refused';",
    test: answers,
    title: 'truncated answer',
  },
  {
    name: 'streams kept that nobody has ended',
    file: 'src/interceptors/cache/keeping.ts',
    find: 'if (!stream.isTerminal(tailOf(text, events))) return undefined;',
    replace: '',
    test: answers,
    title: 'a stream that its server ends without saying so is not kept, although its caller has it',
  },
  {
    name: 'checksums not looked at',
    file: 'src/interceptors/cache/entry.ts',
    find: 'if (stored.slice(0, first) !== checksum(key, stored.slice(first + 1))) return undefined;',
    replace: '',
    test: answers,
    title:
      'where what it has is cut short, changed, of another version or nothing of ours: that is not there',
  },
  {
    name: 'checksums that hold for any key',
    file: 'src/interceptors/cache/entry.ts',
    find: `hash('sha256', \`\${key}\\n\${text}\`, 'base64url')`,
    replace: "hash('sha256', text, 'base64url')",
    test: keys,
    title: 'that lies under another’s key is not given for that',
  },
  {
    name: 'what was put out of date given on',
    file: 'src/interceptors/cache/shelf.ts',
    find: "if (await this.#invalidations.isOutOfDate(entry.head)) return { kind: 'none', reason: 'invalidated' };",
    replace: '',
    test: answers,
    title: 'by key, tag, model and tenant, and altogether',
  },
  {
    name: 'no temperature taken for one of 0',
    file: 'src/interceptors/cache/chance.ts',
    find: 'return temperature !== 0;',
    replace: 'return (temperature ?? 0) !== 0;',
    test: answers,
    title: 'what is left to chance is kept, unless that is said',
  },
  {
    name: 'whoever leaves takes the request along',
    file: 'src/interceptors/cache/flight.ts',
    find: 'if (--this.#members > 0 || this.#hasEnded) return;',
    replace: 'if (this.#hasEnded) return;',
    test: answers,
    title: 'the others go on when the one who asked leaves; when all have left, the provider is stopped',
  },
  {
    name: 'what is refused to the first refused to all',
    file: 'src/interceptors/cache/answers.ts',
    find: "return error?.kind === 'refused' || error?.kind === 'aborted';",
    replace: "return error?.kind === 'aborted';",
    test: answers,
    title: 'what is refused to one is not refused to the next',
  },
  {
    name: 'calls of different tenants under way joined',
    file: 'src/interceptors/cache/answers.ts',
    find: 'const found = keyOf(this.#host, call);',
    replace: "const found = keyOf(this.#host, call.with({ settings: { ...call.settings, tenant: '' } }));",
    test: answers,
    title: 'each asks for itself where that is said, and never for another tenant',
  },
  {
    name: 'late ones begin in the middle of a stream',
    file: 'src/interceptors/cache/shared-stream.ts',
    find: 'const reader: Reader = { at: 0 };',
    replace: 'const reader: Reader = { at: this.#gone + this.#chunks.length };',
    test: answers,
    title: 'whoever comes late gets a stream from its beginning',
  },
  {
    name: 'usage that one has not asked for kept from all',
    file: 'src/interceptors/cache/keeping.ts',
    find: 'const whole = withheld === undefined ? events : withUsage(events, withheld);',
    replace: 'const whole = events;',
    test: answers,
    title: 'a chat stream whose usage nobody asked for can be given with usage, and one with it without',
  },
];
